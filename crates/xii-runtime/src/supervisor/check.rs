//! Asking an instance whether it is ready, or alive.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::command;
use super::reaper::Reaper;
use crate::formation::{Check, How};
use crate::platform::{self, Spawn};

/// Whom to ask, and with what.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) port: Option<u16>,
    pub(crate) folder: PathBuf,
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// Told when the line that makes it ready was written.
    pub(crate) line: Option<oneshot::Receiver<()>>,
}

/// Asks once. The error says in a few words why the answer is no.
pub(crate) async fn ask(check: &Check, of: &Asked, reaper: &Reaper) -> Result<(), String> {
    let asking = async {
        match &check.how {
            How::Http(path) => http(path, port(of)?).await,
            How::Tcp => connect(port(of)?).await.map(drop),
            How::Command(line) => run(line, of, reaper).await,
            // These are waited for, not asked.
            How::Line(_) | How::Delay(_) => Ok(()),
        }
    };
    timeout(check.timeout, asking).await.unwrap_or_else(|_| {
        Err(format!(
            "no answer within {} s",
            check.timeout.as_secs_f64()
        ))
    })
}

fn port(of: &Asked) -> Result<u16, String> {
    of.port.ok_or_else(|| "it has no port".to_owned())
}

async fn connect(port: u16) -> Result<TcpStream, String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpStream::connect(address).await {
        Ok(stream) => Ok(stream),
        // An app that listens on IPv6 only.
        Err(error) => TcpStream::connect(("::1", port))
            .await
            .map_err(|_| format!("port {port}: {}", error.kind())),
    }
}

/// A GET, as RFC 9112 has it; only the status line of the answer is read.
async fn http(path: &str, port: u16) -> Result<(), String> {
    let mut stream = connect(port).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: xii\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(|error| format!("GET {path}: {}", error.kind()))?;
    let mut head = Vec::with_capacity(256);
    let mut part = [0; 256];
    while !head.contains(&b'\n') && head.len() < 4096 {
        match stream.read(&mut part).await {
            Ok(0) => break,
            Ok(count) => head.extend_from_slice(&part[..count]),
            Err(error) => return Err(format!("GET {path}: {}", error.kind())),
        }
    }
    let status = std::str::from_utf8(&head)
        .ok()
        .filter(|text| text.starts_with("HTTP/1."))
        .and_then(|text| text.split(' ').nth(1)?.get(..3)?.parse::<u16>().ok());
    match status {
        Some(status) if (200..400).contains(&status) => Ok(()),
        Some(status) => Err(format!("GET {path} answered {status}")),
        None => Err(format!("GET {path} was not answered in HTTP")),
    }
}

/// A command in the instance's folder and environment; what it prints is not kept.
async fn run(line: &str, of: &Asked, reaper: &Reaper) -> Result<(), String> {
    let path = platform::path_of(&of.environment);
    let spawned = platform::spawn(&Spawn {
        words: command::words(line, path, &of.folder),
        folder: of.folder.clone(),
        environment: of.environment.clone(),
    })
    .map_err(|error| format!("`{line}` cannot be run: {error}"))?;
    let mut ending = reaper.expect(spawned.pid);
    // A command that is given up is killed.
    let killer = Killer(spawned.pid);
    let ended = ending.wait_for(Option::is_some).await;
    drop(killer);
    match ended.ok().and_then(|status| *status) {
        Some(status) if status.exit_status() == Some(0) => Ok(()),
        Some(status) => Err(match status.exit_status() {
            Some(code) => format!("`{line}` ended with {code}"),
            None => format!("`{line}` was killed"),
        }),
        None => Err("the run is ending".to_owned()),
    }
}

/// Kills a group when dropped.
struct Killer(rustix::process::Pid);

impl Drop for Killer {
    fn drop(&mut self) {
        // Gone already: nothing to kill.
        let _ = rustix::process::kill_process_group(self.0, rustix::process::Signal::KILL);
    }
}
