//! A real Redis behind the interposer.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::skipped::skipped;
use crate::workbench::*;

/// A Redis on a free port, in a folder of its own; killed when dropped.
async fn redis(folder: &std::path::Path) -> Option<(Child, SocketAddr)> {
    // The port is free now; should another take it, the server says so and the test tries the next.
    for _ in 0..10 {
        let port = Resource::start().await.address().port();
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = child.ok()?;
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        while let Some(line) = soon(lines.next_line()).await.expect("lines") {
            if line.contains("Ready to accept connections") {
                // What it says later must find a reader.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Some((child, SocketAddr::from(([127, 0, 0, 1], port))));
            }
        }
        child.wait().await.expect("it has ended");
    }
    panic!("redis-server found no free port");
}

#[tokio::test]
async fn redis_is_relayed_cut_and_restored() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((mut child, address)) = redis(folder.path()).await else {
        skipped(
            "redis_is_relayed_cut_and_restored",
            "no redis-server is installed",
        );
        return;
    };
    let (interposer, _told) = interposer(address).await;
    let key = interposer.watch(b"visits");
    let mut app = connect(&interposer).await.expect("it is taken");
    send(&mut app, b"INCR visits\r\n").await;
    expect(&mut app, b":1\r\n").await;
    // A transaction, in one piece, with several answers.
    send(&mut app, b"MULTI\r\nINCR visits\r\nEXEC\r\n").await;
    expect(&mut app, b"+OK\r\n+QUEUED\r\n*1\r\n:2\r\n").await;
    assert_eq!(key.seen(), 2);

    interposer.cut();
    expect_reset(&mut app).await;
    expect_new_reset(&interposer).await;
    interposer.restore();
    let mut app = connect(&interposer).await.expect("it is taken");
    send(&mut app, b"GET visits\r\n").await;
    expect(&mut app, b"$1\r\n2\r\n").await;

    interposer.half_close();
    expect_end(&mut app).await;

    child.start_kill().expect("it is ours");
    soon(child.wait()).await.expect("it ends");
    expect_new_reset(&interposer).await;
    assert_eq!(interposer.counts().unreachable, 1);
}
