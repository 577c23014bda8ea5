//! What takes too long is ended, and the client is told what did.

use std::time::Duration;

use xii_runtime::router::{Cause, Settings};

use crate::workbench::{Bench, Instance, PATIENCE, backends, until};

const SHORT: Duration = Duration::from_millis(60);

fn bench(instance: &Instance, change: impl FnOnce(&mut Settings)) -> Bench {
    Bench::with(&[instance.address], change)
}

/// Takes everything and says nothing.
fn silent() -> Instance {
    Instance::start(|mut peer| drop(peer.rest()))
}

#[test]
fn an_answer_that_does_not_begin_is_a_504() {
    let instance = silent();
    let bench = bench(&instance, |settings| settings.first_byte_timeout = SHORT);
    let mut client = bench.client();
    for _ in 0..2 {
        let answer = client.get("/");
        assert_eq!(answer.status, 504);
        assert!(
            answer
                .text()
                .contains("web.1 did not begin to answer within 60 ms"),
            "{answer:?}"
        );
    }
    bench.notes.of(2);
    assert_eq!(bench.handle.metrics().errors(Cause::FirstByteTimeout), 2);
    assert_eq!(bench.handle.outstanding(1), 0);
}

#[test]
fn an_answer_that_stands_still_is_cut() {
    let instance = Instance::start(|mut peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
        peer.rest();
    });
    let bench = bench(&instance, |settings| settings.idle_timeout = SHORT);
    let mut client = bench.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.head().0, 200);
    assert_eq!(client.0.rest().0, b"hello");
    let told = bench.notes.of(1).remove(0);
    assert!(
        told.fault
            .expect("a fault")
            .contains("web.1's answer broke off: it stood still")
    );
}

#[test]
fn a_body_that_does_not_go_on_is_a_408_and_one_that_is_not_taken_a_504() {
    let instance = silent();
    let slow = bench(&instance, |settings| settings.idle_timeout = SHORT);
    let mut client = slow.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    assert_eq!(client.answer().status, 408);
    slow.notes.of(1);
    assert_eq!(slow.handle.metrics().errors(Cause::ClientTimeout), 1);

    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let deaf = Instance::start(move |mut peer| {
        peer.head();
        // Reads nothing until the test is over.
        let _ = gate.lock().expect("no panic").recv_timeout(PATIENCE);
    });
    let stuck = bench(&deaf, |settings| settings.idle_timeout = SHORT);
    let mut client = stuck.client();
    let mut writer = crate::workbench::Client(crate::workbench::Peer::new(client.0.stream()));
    let thread = std::thread::spawn(move || {
        writer.send(format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
            64 << 20
        ));
        writer.send(vec![0; 64 << 20]);
    });
    let answer = client.answer();
    assert_eq!(answer.status, 504);
    assert!(
        answer
            .text()
            .contains("web.1 took nothing of the request's body"),
        "{answer:?}"
    );
    drop(go);
    drop(client);
    thread.join().expect("the writer ends");
}

#[test]
fn a_head_that_does_not_arrive_is_a_408_and_a_connection_without_one_is_closed() {
    let instance = silent();
    let bench = bench(&instance, |settings| {
        settings.head_timeout = SHORT;
        settings.keep_alive_timeout = SHORT;
    });
    // On a machine that is busy the time may be over before the first byte is sent.
    until("one is told", || {
        let mut client = bench.client();
        client.send("GET / HTTP/1.1\r\nHost: ");
        let head = client.0.head();
        head.is_some_and(|head| head.starts_with("HTTP/1.1 408 Request Timeout\r\n"))
    });
    let mut client = bench.client();
    assert_eq!(client.0.rest(), (Vec::new(), None));
    until("all are closed", || {
        bench.handle.metrics().open_connections == 0
    });
    assert_eq!(instance.connections(), 0);
}

#[test]
fn a_connection_between_requests_is_closed_after_a_while() {
    let instance = Instance::answering("here");
    let bench = bench(&instance, |settings| settings.keep_alive_timeout = SHORT);
    let mut client = bench.client();
    assert_eq!(client.get("/").text(), "here");
    assert_eq!(client.0.rest(), (Vec::new(), None));
}

#[test]
fn without_a_ready_instance_a_request_waits_and_is_then_told_when_to_come_back() {
    let instance = Instance::answering("here");
    let bench = bench(&instance, |settings| settings.ready_timeout = SHORT);
    bench.handle.set_backends(Vec::new());
    let mut client = bench.client();
    let answer = client.get("/");
    assert_eq!(
        (answer.status, answer.field("retry-after")),
        (503, Some("1"))
    );
    assert!(
        answer.text().contains("no instance was ready within 60 ms"),
        "{answer:?}"
    );
    bench.notes.of(1);
    assert_eq!(bench.handle.metrics().errors(Cause::NoneReady), 1);
    bench.handle.set_backends(backends(&[instance.address]));
    assert_eq!(client.get("/").text(), "here");
}

#[test]
fn a_request_that_waits_is_served_by_the_instance_that_becomes_ready() {
    let instance = Instance::answering("here");
    let bench = Bench::new(&[]);
    let mut client = bench.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
    until("the connection is open", || {
        bench.handle.metrics().open_connections == 1
    });
    bench.handle.set_backends(backends(&[instance.address]));
    assert_eq!(client.answer().text(), "here");
}

#[test]
fn a_client_that_goes_away_frees_the_instance() {
    let instance = silent();
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    until("it is outstanding", || bench.handle.outstanding(1) == 1);
    drop(client);
    until("it is no longer", || bench.handle.outstanding(1) == 0);
    let told = bench.notes.of(1).remove(0);
    assert_eq!((told.status, told.path.as_str()), (499, "/slow"));
    assert_eq!(bench.handle.metrics().errors(Cause::ClientGone), 1);
}

#[test]
fn a_client_that_only_says_that_it_sends_no_more_is_answered() {
    let instance = Instance::answering("here");
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    client.0.half_close();
    assert_eq!(client.answer().text(), "here");
}
