//! Answers that are whole, whatever their form.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use xii_runtime::load::{Load, Message, Phase, Report, Switch, run};

use crate::server::{HELLO, Server, Then, say};

fn done(load: &Load) -> Report {
    run(load, &Switch::default()).expect("the load runs")
}

fn all_answered(phase: &Phase, requests: u64) {
    assert_eq!(
        (phase.requests, phase.answered, phase.lost),
        (requests, requests, 0),
        "{phase:?}"
    );
}

#[test]
fn each_request_is_answered_once_and_connections_are_kept() {
    let server = Server::plain();
    let report = done(&server.load(1_000));
    all_answered(&report.measured, 1_000);
    assert_eq!(report.measured.statuses, [(200, 1_000)].into());
    assert_eq!(report.measured.bytes_received, 1_000 * HELLO.len() as u64);
    assert_eq!(report.measured.connections_opened, 4);
    assert_eq!(report.latency.count, 1_000);
    assert!(report.latency.min > 0.0 && report.latency.min <= report.latency.p50);
    assert!(report.latency.p50 <= report.latency.p99 && report.latency.p99 <= report.latency.max);
    assert_eq!(server.requests(), 1_000);
}

#[test]
fn each_request_may_have_a_connection_of_its_own() {
    let server = Server::plain();
    let load = Load {
        keep_alive: false,
        ..server.load(100)
    };
    let report = done(&load);
    all_answered(&report.measured, 100);
    assert_eq!(report.measured.connections_opened, 100);
}

#[test]
fn threads_share_the_requests_without_one_more_or_less() {
    let server = Server::plain();
    let load = Load {
        threads: 3,
        connections: 10,
        ..server.load(1_001)
    };
    let report = done(&load);
    all_answered(&report.measured, 1_001);
    assert_eq!(report.measured.connections_opened, 10);
    assert_eq!(server.requests(), 1_001);
}

#[test]
fn paths_are_asked_for_in_turn_and_statuses_counted_apart() {
    let server = Server::that(|asked, stream| {
        let answer: &[u8] = match asked.head.split(' ').nth(1) {
            Some("/bad") => b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
            Some("/none?x=1") => b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
            _ => HELLO,
        };
        say(stream, answer, Then::Keep)
    });
    let mut load = server.load(300);
    load.target = server.target(&["/", "/bad", "/none?x=1"]);
    let report = done(&load);
    all_answered(&report.measured, 300);
    let expected = [(200, 100), (404, 100), (500, 100)];
    assert_eq!(report.measured.statuses, expected.into());
    assert_eq!(report.measured.server_errors(), 100);
}

#[test]
fn answers_of_every_form_are_read_to_their_end() {
    const CHUNKED: &[u8] =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n";
    const EARLY: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: <a>\r\n\r\nHTTP/1.1 204 None\r\n\r\n";
    const UNTIL_CLOSE: &[u8] = b"HTTP/1.1 203 OK\r\n\r\nall there is";
    const SAYS_CLOSE: &[u8] =
        b"HTTP/1.1 201 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
    const OLD: &[u8] = b"HTTP/1.0 202 OK\r\n\r\nold";
    let server = Server::that(|asked, mut stream| {
        // Byte for byte, so that every place is one where the answer may be cut.
        let slow = |mut stream: &std::net::TcpStream, bytes: &[u8]| {
            for byte in bytes {
                if stream.write_all(&[*byte]).is_err() {
                    return Then::Close;
                }
            }
            Then::Keep
        };
        match asked.head.split(' ').nth(1) {
            Some("/chunked") => slow(stream, CHUNKED),
            Some("/early") => slow(stream, EARLY),
            Some("/until-close") => say(stream, UNTIL_CLOSE, Then::Close),
            Some("/says-close") => say(stream, SAYS_CLOSE, Then::Close),
            Some("/old") => say(stream, OLD, Then::Close),
            _ => {
                let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
                let whole = stream
                    .write_all(head)
                    .and_then(|()| stream.write_all(&[b'x'; 1_000_000]));
                whole.map_or(Then::Close, |()| Then::Keep)
            }
        }
    });
    let mut load = server.load(60);
    let paths = [
        "/chunked",
        "/early",
        "/until-close",
        "/says-close",
        "/old",
        "/large",
    ];
    load.target = server.target(&paths);
    let report = done(&load);
    all_answered(&report.measured, 60);
    let statuses = [(200, 20), (201, 10), (202, 10), (203, 10), (204, 10)];
    assert_eq!(report.measured.statuses, statuses.into());
    assert!(report.measured.bytes_received > 10_000_000);
}

#[test]
fn an_answer_to_head_has_no_body() {
    let server = Server::that(|asked, stream| {
        assert!(
            asked.head.starts_with("HEAD / HTTP/1.1\r\n"),
            "{}",
            asked.head
        );
        say(
            stream,
            b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n",
            Then::Keep,
        )
    });
    let mut load = server.load(20);
    load.message.method = "HEAD".to_owned();
    all_answered(&done(&load).measured, 20);
}

#[test]
fn a_body_arrives_as_it_was_given() {
    let body: Vec<u8> = (0..3_000_000_u32).map(|at| at as u8).collect();
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let server = Server::that({
        let arrived = Arc::clone(&arrived);
        move |asked, stream| {
            let mut arrived = arrived.lock().expect("nobody panics");
            arrived.push((asked.head.clone(), asked.body.clone()));
            say(stream, HELLO, Then::Keep)
        }
    });
    let mut load = server.load(3);
    load.message = Message {
        method: "PUT".to_owned(),
        fields: vec![(
            "Content-Type".to_owned(),
            "application/octet-stream".to_owned(),
        )],
        body: Some(body.clone()),
    };
    all_answered(&done(&load).measured, 3);
    let arrived = arrived.lock().expect("nobody panics");
    for (head, came) in arrived.iter() {
        assert!(
            head.contains("\r\nContent-Type: application/octet-stream\r\n"),
            "{head}"
        );
        assert!(*came == body, "the body came otherwise");
    }
}

#[test]
fn requests_of_the_warm_up_and_after_the_mark_are_counted_apart() {
    let switch = Switch::default();
    let marked = Arc::new(AtomicBool::new(false));
    let server = Server::that({
        let (switch, marked) = (switch.clone(), Arc::clone(&marked));
        move |asked, stream| {
            if asked.turn == 100 {
                switch.mark();
                marked.store(true, Ordering::SeqCst);
            }
            if asked.turn == 200 {
                switch.stop();
            }
            say(stream, HELLO, Then::Keep)
        }
    });
    let load = Load {
        connections: 1,
        span: xii_runtime::load::Span::UntilStopped,
        ..server.load(1)
    };
    let report = run(&load, &switch).expect("the load runs");
    assert!(marked.load(Ordering::SeqCst));
    all_answered(&report.measured, 100);
    let after = report.after_mark.expect("requests after the mark");
    // It was told to stop while the 200th was on its way.
    all_answered(&after, 100);
}
