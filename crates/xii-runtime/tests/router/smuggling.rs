//! Requests that two readers could read in two ways never reach an instance.

use crate::workbench::{Bench, Instance};

/// Sends the bytes, and gives the status of the one answer after which the connection ends.
fn refused(bench: &Bench, name: &str, bytes: &[u8]) -> u16 {
    let mut client = bench.client();
    client.send(bytes);
    let answer = client.answer();
    assert_eq!(
        answer.field("connection"),
        Some("close"),
        "{name}: {answer:?}"
    );
    assert_eq!(client.0.rest(), (Vec::new(), None), "the connection ends");
    answer.status
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    let instance = Instance::answering("never");
    let bench = Bench::new(&[instance.address]);
    let long = |length: usize| "a".repeat(length);
    let many = (0..200)
        .map(|at| format!("x-{at}: 1\r\n"))
        .collect::<String>();
    let cases: Vec<(&str, u16, String)> = [
        ("both lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("both lengths, the other way", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        ("different lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        ("a list of lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello"),
        ("a signed length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"),
        ("a negative length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello"),
        ("a hexadecimal length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello"),
        ("an empty length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"),
        ("a huge length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        ("a length spelled as CGI does", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\nhello"),
        ("two codings", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a coding that hides", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        ("a coding in quotes", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
        ("a coding with a control byte", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
        ("chunked that is not the last", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        ("an empty coding", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n"),
        ("a coding that is not served", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"),
        ("one more coding that is not served", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        ("a coding of HTTP/1.0", 400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a space before the colon", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        ("a folded line", 400, "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n"),
        ("a first field that is folded", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        ("a bare line feed", 400, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        ("a bare line feed between fields", 400, "GET / HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n"),
        ("a bare line feed at the end", 400, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        ("a bare carriage return", 400, "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rX-B: c\r\n\r\n"),
        ("a zero byte", 400, "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n"),
        ("a control byte", 400, "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\x01c\r\n\r\n"),
        ("a delete byte", 400, "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\x7fc\r\n\r\n"),
        ("a zero byte in a name", 400, "GET / HTTP/1.1\r\nHost: a\r\nX\0A: b\r\n\r\n"),
        ("a field without a colon", 400, "GET / HTTP/1.1\r\nHost: a\r\nwhat\r\n\r\n"),
        ("a field without a name", 400, "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"),
        ("no host", 400, "GET / HTTP/1.1\r\n\r\n"),
        ("two hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        ("a host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        ("a host with a user", 400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
        ("a host with a space", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        ("a target with a user", 400, "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a target of another kind", 400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a target with a fragment", 400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a target with a space", 400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("two spaces", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a tab for a space", 400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a method that is no token", 400, "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("no version", 400, "GET /\r\nHost: a\r\n\r\n"),
        ("an unknown version", 505, "GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
        ("an asterisk", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a tunnel", 501, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("an expectation", 417, "POST / HTTP/1.1\r\nHost: a\r\nExpect: much\r\nContent-Length: 1\r\n\r\nx"),
    ]
    .into_iter()
    .map(|(name, status, bytes)| (name, status, bytes.to_owned()))
    .chain([
        ("a long first line", 414, format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", long(9000))),
        ("a first line without end", 414, format!("GET /{}", long(9000))),
        ("a large field", 431, format!("GET / HTTP/1.1\r\nHost: a\r\nX-A: {}\r\n\r\n", long(40_000))),
        ("a head without end", 431, format!("GET / HTTP/1.1\r\nHost: a\r\nX-A: {}", long(40_000))),
        ("many fields", 431, format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n")),
    ])
    .collect();
    for (name, status, bytes) in &cases {
        assert_eq!(refused(&bench, name, bytes.as_bytes()), *status, "{name}");
    }
    assert_eq!(instance.connections(), 0, "nothing was passed on");
    let told = bench.notes.of(cases.len());
    assert!(
        told.iter()
            .all(|it| it.fault.is_some() && it.instance.is_none())
    );
    let metrics = bench.handle.metrics();
    assert_eq!(
        metrics.errors(xii_runtime::router::Cause::Refused),
        cases.len() as u64
    );
}

#[test]
fn chunks_that_are_malformed_are_refused_and_the_instance_sees_no_end() {
    for (name, body) in [
        ("a bare line feed after the size", "5\nhello\r\n0\r\n\r\n"),
        ("a prefixed size", "0x5\r\nhello\r\n0\r\n\r\n"),
        ("a signed size", "+5\r\nhello\r\n0\r\n\r\n"),
        ("an empty size", "\r\nhello\r\n0\r\n\r\n"),
        ("a huge size", "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        (
            "a bare carriage return in an extension",
            "5;a\rb\r\nhello\r\n0\r\n\r\n",
        ),
        (
            "a bare line feed in an extension",
            "5;a\nb\r\nhello\r\n0\r\n\r\n",
        ),
        (
            "a chunk that is longer than it says",
            "5\r\nhello world\r\n0\r\n\r\n",
        ),
        ("a bare line feed after a chunk", "5\r\nhello\n0\r\n\r\n"),
        (
            "a length among the trailers",
            "0\r\nContent-Length: 5\r\n\r\n",
        ),
        ("a folded trailer", "0\r\na: b\r\n c\r\n\r\n"),
    ] {
        let instance = Instance::start(|mut peer| {
            if peer.head().is_some() {
                let (rest, _) = peer.rest();
                assert!(!rest.ends_with(b"0\r\n\r\n"), "an end was passed on");
            }
        });
        let bench = Bench::new(&[instance.address]);
        let mut client = bench.client();
        // Once with the head, and once after it.
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        client.send(format!("{head}{body}"));
        assert_eq!(client.answer().status, 400, "{name}");
        let mut client = bench.client();
        client.send(format!("{head}3\r\nabc\r\n"));
        crate::workbench::until("it was passed on", || instance.connections() == 1);
        client.send(body);
        assert_eq!(client.answer().status, 400, "{name}, later");
        bench.notes.of(2);
    }
}

#[test]
fn a_request_hidden_in_a_body_stays_a_body() {
    let instance = Instance::start(|mut peer| {
        while let Some(head) = peer.head() {
            let body = peer.body(&head);
            let first = head.lines().next().expect("a line").to_owned();
            peer.answer(&format!("{first} {}", body.len()));
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    let hidden = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
    let length = hidden.len();
    client.send(format!(
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nContent-Length: {length}\r\n\r\n{hidden}\
         POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n{length:X};x=y\r\n{hidden}\r\n0\r\n\r\n\
         GET /c HTTP/1.1\r\nHost: a\r\n\r\n"
    ));
    assert_eq!(client.answer().text(), format!("POST /a HTTP/1.1 {length}"));
    assert_eq!(client.answer().text(), format!("POST /b HTTP/1.1 {length}"));
    assert_eq!(client.answer().text(), "GET /c HTTP/1.1 0");
}

#[test]
fn answers_that_could_be_read_in_two_ways_are_not_passed_on() {
    for (name, bytes) in [
        (
            "both lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "different lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        ),
        (
            "a length that is none",
            "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nab",
        ),
        (
            "an unknown coding",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab",
        ),
        (
            "a bare line feed",
            "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nab",
        ),
        (
            "a folded line",
            "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\nab",
        ),
        ("no HTTP", "hello\r\n\r\n"),
        (
            "a protocol that nobody asked for",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        ),
        (
            "bad chunks at once",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ),
        (
            "a status that is none",
            "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
        ),
    ] {
        let instance = Instance::start(move |mut peer| {
            if peer.head().is_some() {
                peer.send(bytes);
            }
        });
        let bench = Bench::new(&[instance.address]);
        let answer = bench.client().get("/");
        assert_eq!(answer.status, 502, "{name}");
        assert!(
            answer.text().contains("web.1 sent an answer"),
            "{name}: {answer:?}"
        );
    }
}
