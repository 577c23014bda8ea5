//! Requests that get no whole answer: each is counted once, by its cause.

use std::net::TcpListener;
use std::time::Duration;

use xii_runtime::load::{Cause, Load, Phase, Switch, Target, run};

use crate::server::{HELLO, Server, Then, say};

/// An answer that wants eight bytes more.
const HALF: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello";

fn measured(load: &Load) -> Phase {
    let report = run(load, &Switch::default()).expect("the load runs");
    assert_eq!(report.latency.count, report.measured.answered);
    report.measured
}

fn counts(phase: &Phase, answered: u64, causes: &[(Cause, u64)]) {
    let lost: u64 = causes.iter().map(|(_, count)| count).sum();
    assert_eq!((phase.answered, phase.lost), (answered, lost), "{phase:?}");
    assert_eq!(phase.requests, answered + lost);
    assert_eq!(phase.causes, causes.iter().copied().collect(), "{phase:?}");
}

#[test]
fn every_tenth_connection_is_dropped() {
    let server = Server::that(|asked, stream| match asked.connection % 10 {
        0 => Then::Close,
        _ => say(stream, HELLO, Then::Keep),
    });
    let load = Load {
        keep_alive: false,
        ..server.load(200)
    };
    counts(&measured(&load), 180, &[(Cause::Closed, 20)]);
}

#[test]
fn every_tenth_connection_is_reset() {
    let server = Server::that(|asked, stream| match asked.connection % 10 {
        0 => Then::Reset,
        _ => say(stream, HELLO, Then::Keep),
    });
    let load = Load {
        keep_alive: false,
        ..server.load(200)
    };
    counts(&measured(&load), 180, &[(Cause::Reset, 20)]);
}

#[test]
fn a_kept_connection_is_closed_as_the_request_is_sent() {
    let server = Server::that(|asked, stream| match asked.turn {
        1..=4 => say(stream, HELLO, Then::Keep),
        _ if asked.connection % 2 == 0 => Then::Reset,
        _ => Then::Close,
    });
    let load = Load {
        connections: 1,
        ..server.load(200)
    };
    counts(&measured(&load), 160, &[(Cause::Stale, 40)]);
}

#[test]
fn an_answer_is_cut_in_its_middle() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHel";
    let server = Server::that(|asked, stream| match (asked.turn, asked.connection % 3) {
        (5, 0) => say(stream, HALF, Then::Close),
        (5, 1) => say(stream, b"HTTP/1.1 200 OK\r\nContent-Le", Then::Close),
        (5, _) => say(stream, chunked, Then::Close),
        _ => say(stream, HELLO, Then::Keep),
    });
    // Of five requests of a connection the fifth is cut.
    let load = Load {
        connections: 1,
        ..server.load(100)
    };
    counts(&measured(&load), 80, &[(Cause::Cut, 20)]);
}

#[test]
fn an_answer_is_reset_in_its_middle() {
    let server = Server::that(|asked, stream| {
        if asked.turn < 5 {
            return say(stream, HELLO, Then::Keep);
        }
        say(stream, HALF, Then::Reset)
    });
    let load = Load {
        connections: 1,
        ..server.load(100)
    };
    counts(&measured(&load), 80, &[(Cause::Cut, 20)]);
}

#[test]
fn an_answer_that_stops_in_its_middle_is_given_up_when_its_time_is_over() {
    let server = Server::that(|asked, stream| {
        if asked.turn < 5 {
            return say(stream, HELLO, Then::Keep);
        }
        say(stream, HALF, Then::Hold)
    });
    let load = Load {
        timeout: Duration::from_millis(200),
        connections: 1,
        ..server.load(20)
    };
    counts(&measured(&load), 16, &[(Cause::TimedOut, 4)]);
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    drop(listener);
    let load = Load {
        span: xii_runtime::load::Span::Requests(20),
        ..Load::new(Target::local(port, "/"))
    };
    let phase = measured(&load);
    counts(&phase, 0, &[(Cause::Refused, 20)]);
    assert_eq!(phase.connections_opened, 0);
}

#[test]
fn nobody_answers() {
    let server = Server::that(|_, _| Then::Hold);
    let load = Load {
        timeout: Duration::from_millis(50),
        ..server.load(8)
    };
    counts(&measured(&load), 0, &[(Cause::TimedOut, 8)]);
    assert_eq!(server.requests(), 8);
}

#[test]
fn what_comes_is_no_answer() {
    let server = Server::that(|asked, stream| match asked.connection % 4 {
        0 => say(stream, b"SSH-2.0-OpenSSH_9.2\r\n", Then::Hold),
        1 => say(
            stream,
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
            Then::Hold,
        ),
        2 => say(
            stream,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello",
            Then::Hold,
        ),
        // An answer, and then something that nobody asked for: that costs only the connection.
        _ => say(stream, &[HELLO, HELLO].concat(), Then::Hold),
    });
    counts(&measured(&server.load(40)), 10, &[(Cause::Malformed, 30)]);
}

#[test]
fn a_connection_that_closes_after_its_answer_loses_nothing() {
    // The close arrives with the answer or before the next request is due.
    let server = Server::that(|_, stream| say(stream, HELLO, Then::Close));
    let load = Load {
        pace: xii_runtime::load::Pace::Rate(100.0),
        ..server.load(20)
    };
    let phase = measured(&load);
    let stale = phase.causes.get(&Cause::Stale).copied().unwrap_or(0);
    assert_eq!(phase.answered + stale, 20, "{phase:?}");
    assert_eq!(phase.lost, stale, "{phase:?}");
}
