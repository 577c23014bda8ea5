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

/// The process that the tests below start and stop: this test program, run for this test alone. By
/// itself it does nothing.
#[test]
fn as_server() {
    let Ok(manner) = std::env::var("XII_TEST_SERVER") else {
        return;
    };
    let port: u16 = std::env::var("PORT")
        .expect("a port")
        .parse()
        .expect("a number");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime
        .expect("a runtime")
        .block_on(serve(port, manner == "graceful"));
}

/// Answers each request after a moment, so that there is always one on its way. A graceful server takes
/// SIGTERM as a reason to say with its answers that no more are taken; the other just ends by it.
async fn serve(port: u16, graceful: bool) {
    use std::rc::Rc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::signal::unix::{SignalKind, signal};

    let stopping = Rc::new(std::cell::Cell::new(false));
    let mut terminate = graceful.then(|| signal(SignalKind::terminate()).expect("a handler"));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .expect("the port");
    let open = Rc::new(());
    // Answers of different length: connections that ran in step would all begin anew at one moment.
    let count = Rc::new(std::cell::Cell::new(0_u64));
    let tasks = tokio::task::LocalSet::new();
    tasks
        .run_until(async {
            loop {
                let told = async {
                    match &mut terminate {
                        Some(terminate) => terminate.recv().await,
                        None => std::future::pending().await,
                    }
                };
                let mut stream = tokio::select! {
                    accepted = listener.accept() => accepted.expect("a connection").0,
                    _ = told => break,
                };
                let (open, stopping) = (Rc::clone(&open), Rc::clone(&stopping));
                let count = Rc::clone(&count);
                tokio::task::spawn_local(async move {
                    let _open = open;
                    let mut head = [0; 4096];
                    while stream.read(&mut head).await.is_ok_and(|read| read > 0) {
                        count.set(count.get() + 1);
                        let time = std::time::Duration::from_millis(60 + count.get() * 37 % 80);
                        tokio::time::sleep(time).await;
                        let last = stopping.get();
                        let more = if last { "Connection: close\r\n" } else { "" };
                        let answer =
                            format!("HTTP/1.1 200 OK\r\n{more}Content-Length: 2\r\n\r\nok");
                        if stream.write_all(answer.as_bytes()).await.is_err() || last {
                            return;
                        }
                    }
                });
            }
            stopping.set(true);
            while Rc::strong_count(&open) > 1 {
                tokio::task::yield_now().await;
            }
        })
        .await;
}

/// A folder whose `web` is this program.
fn app(manner: &str) -> workbench::Folder {
    let program = std::env::current_exe().expect("this program");
    let procfile = format!(
        "web: XII_TEST_SERVER={manner} exec '{}' --exact as_server --nocapture\n",
        program.display()
    );
    workbench::Folder::with(&[("Procfile", &procfile)])
}

#[test]
fn starts_are_timed_until_the_port_takes_connections() {
    let run = app("rude").xii(&["bench", "start", "-n", "3", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let report = run.json();
    let times: Vec<f64> = report["runs"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(serde_json::Value::as_f64)
        .collect();
    assert_eq!(times.len(), 3, "{report}");
    assert!(times.iter().all(|time| *time > 0.0), "{report}");
    assert!(
        report["min_ms"].as_f64() <= report["median_ms"].as_f64(),
        "{report}"
    );
    assert!(
        report["median_ms"].as_f64() <= report["max_ms"].as_f64(),
        "{report}"
    );
}

#[test]
fn a_start_that_fails_says_what_the_process_wrote() {
    let folder =
        workbench::Folder::with(&[("Procfile", "web: echo no database here >&2; exit 4\n")]);
    let run = folder.xii(&["bench", "start", "-n", "3"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(
        run.err
            .contains("web.1 ended with exit 4 before it was ready"),
        "{run:?}"
    );
    assert!(run.err.contains("no database here"), "{run:?}");
}

#[test]
fn a_type_that_is_not_there_or_never_ready_is_said() {
    let folder = workbench::Folder::with(&[("Procfile", "worker: sleep 60\n")]);
    let none = folder.xii(&["bench", "start"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.err.contains("web"), "{none:?}");
    let unready = folder.xii(&["bench", "start", ".", "worker"]);
    assert_eq!(unready.code, Some(2), "{unready:?}");
    assert!(
        unready
            .err
            .contains("`worker` does not show when it is ready"),
        "{unready:?}"
    );
}

#[test]
fn a_graceful_stop_loses_nothing_that_was_begun() {
    let run = app("graceful").xii(&[
        "bench", "stop", "-n", "2", "--before", "200ms", "--format", "json",
    ]);
    let report = run.json();
    let runs = report["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 2, "{report}");
    for one in runs {
        assert_eq!(one["ended"], "exit 0", "{report}");
        assert_eq!(one["killed"], false, "{report}");
        assert_eq!(one["begun_before"]["lost"], 0, "{report}");
        assert!(
            one["begun_before"]["answered"].as_u64() >= Some(8),
            "{report}"
        );
        assert!(one["to_exit_ms"].as_f64() > Some(0.0), "{report}");
    }
}

#[test]
fn a_stop_that_drops_requests_ends_with_1() {
    let folder = app("rude");
    let run = folder.xii(&[
        "bench", "stop", "-n", "2", "--before", "200ms", "--format", "json",
    ]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let report = run.json();
    for one in report["runs"].as_array().expect("a list") {
        assert_eq!(one["ended"], "SIGTERM", "{report}");
        // Each of the eight connections waits for an answer nearly all of the time, and for much longer
        // than it takes to send a signal.
        assert!(one["begun_before"]["lost"].as_u64() >= Some(1), "{report}");
    }
    let told = folder.xii(&["bench", "stop", "-n", "1", "--before", "200ms"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains("lost that w"), "{told:?}");
}
