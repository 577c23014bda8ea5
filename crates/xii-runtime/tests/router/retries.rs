//! What is tried again, on whom, and what a client is told when nothing helps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use xii_runtime::router::Cause;

use crate::workbench::{Bench, Instance, Reserved, until};

/// An instance that ends its connection after so many answers, without saying so.
fn tiring(answers: usize, body: &'static str) -> Instance {
    Instance::start(move |mut peer| {
        for _ in 0..answers {
            let Some(head) = peer.head() else { return };
            peer.skip_body(&head);
            peer.answer(body);
        }
        peer.head();
    })
}

#[test]
fn an_instance_that_takes_no_connection_is_passed_over_by_every_method() {
    let instance = Instance::answering("alive");
    let nobody = [Reserved::new(), Reserved::new()];
    let bench = Bench::new(&[nobody[0].address, instance.address, nobody[1].address]);
    let mut client = bench.client();
    for _ in 0..10 {
        assert_eq!(client.get("/").text(), "alive");
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
        assert_eq!(client.answer().text(), "alive");
    }
    assert!(bench.handle.metrics().retries > 0);
    let told = bench.notes.of(20);
    assert!(
        told.iter()
            .all(|it| it.instance.as_ref().is_some_and(|it| it.number == 2))
    );
}

#[test]
fn when_nobody_takes_a_connection_the_client_is_told_who_did_not() {
    let nobody = Reserved::new();
    let bench = Bench::with(&[nobody.address], |settings| {
        settings.ready_timeout = Duration::from_millis(60);
    });
    let mut client = bench.client();
    let answer = client.get("/");
    assert_eq!(answer.status, 502);
    assert!(
        answer.text().contains("web.1 refused the connection"),
        "{answer:?}"
    );
    let id = answer.field("x-request-id").expect("its name").to_owned();
    assert!(answer.text().contains(&id));

    client.send("GET / HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n");
    let answer = client.answer();
    assert_eq!(
        answer.field("content-type"),
        Some("application/problem+json")
    );
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(
        (&problem["status"], &problem["title"]),
        (&502.into(), &"Bad Gateway".into())
    );
    assert_eq!(problem["detail"], "web.1 refused the connection");

    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.head().0, 502);
    assert_eq!(
        client.get("/").status,
        502,
        "the connection goes on, after a head without its body"
    );
    let told = bench.notes.of(4).remove(0);
    assert_eq!((told.status, told.request_id), (502, id));
    assert_eq!(told.fault.as_deref(), Some("web.1 refused the connection"));
    assert_eq!(bench.handle.metrics().errors(Cause::Connect), 4);
}

#[test]
fn an_instance_that_is_still_starting_gets_what_was_asked_before_it_listened() {
    let reserved = Reserved::new();
    let bench = Bench::new(&[reserved.address]);
    let mut client = bench.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
    until("it was refused", || bench.handle.metrics().retries > 0);
    let instance = Instance::on(reserved.listen(), |mut peer| {
        while let Some(head) = peer.head() {
            assert_eq!(peer.body(&head), b"body");
            peer.answer("late");
        }
    });
    assert_eq!(client.answer().text(), "late");
    assert_eq!(instance.connections(), 1);
}

#[test]
fn a_kept_connection_that_has_ended_costs_no_safe_request() {
    let instance = tiring(1, "fresh");
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    for method in ["GET", "OPTIONS", "TRACE", "GET"] {
        client.send(format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(client.answer().text(), "fresh", "{method}");
    }
    assert_eq!(instance.connections(), 4);
}

#[test]
fn what_may_have_been_handled_is_not_sent_twice() {
    let requests = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&requests);
    let instance = Instance::start(move |mut peer| {
        while let Some(head) = peer.head() {
            peer.skip_body(&head);
            match head.starts_with("GET") {
                true => peer.answer("got"),
                false => {
                    counted.fetch_add(1, Ordering::SeqCst);
                    return;
                }
            }
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    for _ in 0..3 {
        assert_eq!(client.get("/").text(), "got");
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
        let answer = client.answer();
        assert_eq!(answer.status, 502);
        assert!(
            answer.text().contains("web.1 closed the connection before"),
            "{answer:?}"
        );
        client = bench.client();
    }
    assert_eq!(requests.load(Ordering::SeqCst), 3);
    bench.notes.of(6);
    assert_eq!(bench.handle.metrics().errors(Cause::Closed), 3);
}

#[test]
fn a_safe_request_whose_instance_dies_is_given_to_another() {
    let dying = Instance::start(|mut peer| {
        peer.head();
        peer.reset();
    });
    let instance = Instance::answering("alive");
    let bench = Bench::new(&[dying.address, instance.address]);
    let mut client = bench.client();
    for _ in 0..10 {
        assert_eq!(client.get("/").text(), "alive");
    }
    assert!(dying.connections() > 0);
}

#[test]
fn tries_are_bounded() {
    let instances: Vec<_> = (0..8)
        .map(|_| Instance::start(|mut peer| drop(peer.head())))
        .collect();
    let addresses: Vec<_> = instances.iter().map(|it| it.address).collect();
    let bench = Bench::new(&addresses);
    assert_eq!(bench.client().get("/").status, 502);
    let tried: usize = instances.iter().map(Instance::connections).sum();
    assert_eq!(tried, 4);
}

#[test]
fn requests_go_to_the_instance_with_the_fewest_outstanding() {
    let busy = Instance::start(|mut peer| {
        peer.head();
        peer.rest();
    });
    let instance = Instance::answering("idle");
    let bench = Bench::new(&[busy.address, instance.address]);
    // One of two equal ones gets the first; once the busy one has one, the others go past it.
    let mut waiting = Vec::new();
    while bench.handle.outstanding(1) == 0 {
        let mut client = bench.client();
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let before = bench.handle.metrics().requests();
        until("it has gone somewhere", || {
            bench.handle.outstanding(1) == 1 || bench.handle.metrics().requests() > before
        });
        waiting.push(client);
    }
    let mut client = bench.client();
    for _ in 0..20 {
        assert_eq!(client.get("/").text(), "idle");
    }
    assert_eq!(bench.handle.outstanding(1), 1);
}

#[test]
fn equal_instances_take_turns() {
    let instances = [
        Instance::answering("1"),
        Instance::answering("2"),
        Instance::answering("3"),
    ];
    let bench = Bench::with(&instances.each_ref().map(|it| it.address), |settings| {
        settings.threads = 1;
    });
    let mut client = bench.client();
    let mut counts = [0; 3];
    for _ in 0..30 {
        let number: usize = client.get("/").text().parse().expect("a number");
        counts[number - 1] += 1;
    }
    assert_eq!(counts, [10, 10, 10]);
}
