//! `xii bench` with the real binary against servers of the test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

mod workbench;

use workbench::{Run, xii};

/// A server that answers so many connections, one request each, with what stands for the connection's
/// number, and then ends.
fn server(
    connections: usize,
    answer: fn(usize) -> &'static [u8],
) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    let serving = thread::spawn(move || {
        for number in 0..connections {
            let (mut stream, _) = listener.accept().expect("a connection");
            read_head(&mut stream);
            stream
                .write_all(answer(number))
                .expect("an answer is taken");
        }
    });
    (url, serving)
}

fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
}

const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn load(url: &str, more: &[&str]) -> Run {
    let words = [
        "bench",
        "load",
        url,
        "-n",
        "20",
        "-c",
        "1",
        "--no-keep-alive",
    ];
    Run::of(xii().args(words).args(more))
}

#[test]
fn a_clean_run_ends_with_0() {
    let (url, serving) = server(20, |_| GOOD);
    let run = load(&url, &["--format", "json"]);
    serving.join().expect("the server saw all");
    assert_eq!(run.code, Some(0), "{run:?}");
    let report = run.json();
    assert_eq!(report["measured"]["requests"], 20);
    assert_eq!(report["measured"]["statuses"]["200"], 20);
    assert_eq!(report["measured"]["lost"], 0);
    assert_eq!(report["latency"]["count"], 20);
    assert!(
        report["latency"]["p99.9"]
            .as_f64()
            .is_some_and(|time| time > 0.0)
    );
    assert_eq!(run.err, "");
}

#[test]
fn losses_end_with_1_and_are_said_by_cause() {
    let (url, serving) = server(20, |number| match number % 5 {
        0 => b"",
        1 => b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        _ => GOOD,
    });
    let run = load(&url, &[]);
    serving.join().expect("the server saw all");
    assert_eq!(run.code, Some(1), "{run:?}");
    for line in [
        "answered            12",
        "lost                 8",
        "                     4   closed before the answer",
        "                     4   cut in the middle of the answer",
    ] {
        assert!(run.out.contains(line), "{line}: {}", run.out);
    }
}

#[test]
fn answers_of_500_and_above_end_with_1() {
    let (url, serving) = server(20, |number| match number {
        7 => b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
        _ => GOOD,
    });
    let run = load(&url, &[]);
    serving.join().expect("the server saw all");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.out.contains("lost                 0"), "{}", run.out);
    assert!(run.out.contains("503"), "{}", run.out);
}

#[test]
fn what_may_not_or_cannot_be_loaded_ends_with_2() {
    let cases: [&[&str]; 6] = [
        &["http://192.0.2.1/"],
        &["https://localhost/"],
        &["http://localhost/", "-H", "secret-without-colon"],
        &["http://localhost/", "--rate", "0"],
        &["http://localhost/", "--for", "soon"],
        &["http://localhost/", "--data-file", "/nowhere/at/all"],
    ];
    for words in cases {
        let run = Run::of(xii().args(["bench", "load"]).args(words));
        assert_eq!(run.code, Some(2), "{run:?}");
        assert_eq!(run.out, "");
        assert!(!run.err.contains("secret"), "{run:?}");
    }
    let refused = Run::of(xii().args(["bench", "load", "http://192.0.2.1/"]));
    assert!(
        refused.err.contains("--allow-host 192.0.2.1"),
        "{refused:?}"
    );
}
