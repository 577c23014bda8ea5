//! Bodies go through as they come, both ways, and end where they end.

use crate::workbench::{Bench, Instance, PATIENCE};

#[test]
fn an_answer_goes_on_while_it_is_made() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let instance = Instance::start(move |mut peer| {
        if peer.head().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            let gate = gate.lock().expect("no panic");
            gate.recv_timeout(PATIENCE).expect("the test goes on");
            peer.send("4\r\nlast\r\n0\r\nX-Sum: 9\r\n\r\n");
            peer.rest();
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n");
    assert_eq!(client.head().0, 200);
    // The last chunk is not sent before the first has arrived here.
    assert_eq!(client.0.chunk().as_deref(), Some(&b"first"[..]));
    go.send(()).expect("the instance waits");
    assert_eq!(client.0.chunk().as_deref(), Some(&b"last"[..]));
    assert_eq!(client.0.chunk(), None);
    assert_eq!(
        (client.0.line(), client.0.line()),
        ("X-Sum: 9\r\n".into(), "\r\n".into())
    );
}

#[test]
fn a_request_goes_on_while_it_is_made_and_so_does_its_answer() {
    let instance = Instance::start(|mut peer| {
        if peer.head().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while let Some(chunk) = peer.chunk() {
                peer.send(format!("{:x}\r\n", chunk.len()));
                peer.send(chunk);
                peer.send("\r\n");
            }
            assert_eq!(peer.line(), "X-Trailer: 1\r\n");
            assert_eq!(peer.line(), "\r\n");
            peer.send("0\r\n\r\n");
            peer.rest();
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(client.head().0, 200);
    for word in ["one", "two", "three"] {
        client.send(format!("{:x}\r\n{word}\r\n", word.len()));
        assert_eq!(client.0.chunk().as_deref(), Some(word.as_bytes()));
    }
    client.send("0\r\nX-Trailer: 1\r\n\r\n");
    assert_eq!(client.0.chunk(), None);
    assert_eq!(client.0.line(), "\r\n");
    let told = bench.notes.of(1).remove(0);
    assert!(told.received > 11 && told.sent > 11, "{told:?}");
}

#[test]
fn large_bodies_arrive_whole_both_ways() {
    let instance = Instance::start(|mut peer| {
        while let Some(head) = peer.head() {
            let body = peer.body(&head);
            peer.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                body.len()
            ));
            peer.send(body);
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    let body: Vec<u8> = (0..5_000_000_u32).map(|at| (at % 251) as u8).collect();
    for _ in 0..2 {
        client.send(format!(
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
            body.len()
        ));
        client.send(&body);
        assert!(client.answer().body == body);
    }
    let told = bench.notes.of(2).remove(1);
    assert_eq!((told.received, told.sent), (5_000_000, 5_000_000));
    assert_eq!(instance.connections(), 1, "the connection was used again");
}

#[test]
fn interim_answers_are_passed_on() {
    let instance = Instance::start(|mut peer| {
        while let Some(head) = peer.head() {
            assert!(head.contains("Expect: 100-continue\r\n"));
            peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            peer.send("HTTP/1.1 100 Continue\r\n\r\n");
            let body = peer.body(&head);
            peer.answer(std::str::from_utf8(&body).expect("text"));
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    for _ in 0..2 {
        client.send(
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        );
        let (status, head) = client.head();
        assert_eq!((status, head.contains("Link: </a>")), (103, true));
        assert_eq!(client.head().0, 100);
        client.send("hello");
        let answer = client.answer();
        assert_eq!((answer.status, answer.text()), (200, "hello"));
        assert_eq!(
            answer.field("connection"),
            None,
            "and the connection goes on"
        );
    }
}

#[test]
fn an_answer_instead_of_leave_to_send_ends_the_connection() {
    let instance = Instance::start(|mut peer| {
        if peer.head().is_some() {
            peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
            peer.rest();
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    let answer = client.answer();
    assert_eq!(
        (answer.status, answer.field("connection")),
        (413, Some("close"))
    );
    assert_eq!(client.0.rest().0, b"");
}

#[test]
fn an_answer_reaches_a_client_whose_body_nobody_reads() {
    let instance = Instance::start(|mut peer| {
        if peer.head().is_some() {
            peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge");
            peer.half_close();
            peer.rest();
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
    client.send(vec![b'x'; 300_000]);
    let answer = client.answer();
    assert_eq!((answer.status, answer.text()), (413, "large"));
}

#[test]
fn answers_without_a_body_have_none() {
    let instance = Instance::start(|mut peer| {
        while let Some(head) = peer.head() {
            let status = match head.split(' ').nth(1) {
                Some("/204") => "204 No Content\r\nX-A: b",
                Some("/304") => "304 Not Modified\r\nContent-Length: 10",
                _ => "200 OK\r\nContent-Length: 10",
            };
            peer.send(format!("HTTP/1.1 {status}\r\n\r\n"));
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    for (request, status, length) in [
        ("HEAD /", 200, Some("10")),
        ("GET /204", 204, None),
        ("GET /304", 304, Some("10")),
        ("HEAD /", 200, Some("10")),
    ] {
        client.send(format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n"));
        let (got, head) = client.head();
        assert_eq!(
            (got, crate::workbench::field(&head, "content-length")),
            (status, length)
        );
    }
    assert_eq!(instance.connections(), 1);
}

#[test]
fn an_answer_that_ends_with_its_connection_ends_the_clients() {
    let instance = Instance::start(|mut peer| {
        if peer.head().is_some() {
            peer.send("HTTP/1.1 200 OK\r\n\r\nall of it");
        }
    });
    let bench = Bench::new(&[instance.address]);
    let answer = bench.client().get("/");
    assert_eq!(
        (answer.field("connection"), answer.text()),
        (Some("close"), "all of it")
    );
}

#[test]
fn an_answer_that_breaks_off_is_seen_to_break_off() {
    for (name, head, reset) in [
        ("a length", "Content-Length: 100\r\n", false),
        ("chunks", "Transfer-Encoding: chunked\r\n", false),
        (
            "chunks that go bad",
            "Transfer-Encoding: chunked\r\nX-Bad: 1\r\n",
            false,
        ),
        ("the connection's end", "X-None: 1\r\n", true),
    ] {
        let instance = Instance::start(move |mut peer| {
            if peer.head().is_some() {
                peer.send(format!("HTTP/1.1 200 OK\r\n{head}\r\n"));
                peer.send(if head.contains("chunked") {
                    "5\r\nhello\r\n"
                } else {
                    "hello"
                });
                // The client has it before the connection breaks.
                peer.line();
                match head.contains("Bad") {
                    true => peer.send("oops\r\n"),
                    false => peer.reset(),
                }
            }
        });
        let bench = Bench::new(&[instance.address]);
        let mut client = bench.client();
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n");
        assert_eq!(client.head().0, 200, "{name}");
        match head.contains("chunked") {
            true => drop(client.0.chunk()),
            false => drop(client.0.exactly(5)),
        }
        client.send("go on\n");
        let (rest, error) = client.0.rest();
        assert!(!rest.ends_with(b"0\r\n\r\n"), "{name}");
        assert_eq!(error.is_some(), reset, "{name}: {error:?}");
        let told = bench.notes.of(1).remove(0);
        assert!(told.fault.expect("a fault").contains("broke off"), "{name}");
        let cut = bench
            .handle
            .metrics()
            .errors(xii_runtime::router::Cause::CutShort);
        assert_eq!(cut, 1, "{name}");
    }
}
