//! Taking an instance out: it finishes what it has, and gets nothing new.

use crate::workbench::{Bench, Instance, PATIENCE, backends, until};

/// Answers when it is told to.
fn held() -> (Instance, std::sync::mpsc::Sender<()>) {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let instance = Instance::start(move |mut peer| {
        while peer.head().is_some() {
            let _ = gate.lock().expect("no panic").recv_timeout(PATIENCE);
            peer.answer("held");
        }
    });
    (instance, go)
}

#[test]
fn what_is_outstanding_is_finished_and_nothing_new_begins() {
    let (old, go) = held();
    let new = Instance::answering("new");
    let bench = Bench::new(&[old.address]);
    let mut waiting = bench.client();
    waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    until("it is outstanding", || bench.handle.outstanding(1) == 1);

    let mut both = backends(&[old.address, new.address]);
    bench.handle.set_backends(vec![both.remove(1)]);
    let mut drained = bench.handle.drain(1);
    let mut client = bench.client();
    for _ in 0..20 {
        assert_eq!(client.get("/").text(), "new");
    }
    assert!(drained.try_recv().is_err(), "one is outstanding still");
    go.send(()).expect("it waits");
    assert_eq!(waiting.answer().text(), "held");
    drained.blocking_recv().expect("the router is there");
    assert_eq!(bench.handle.outstanding(1), 0);
    // A connection that was kept to it is closed, so that it can end.
    assert_eq!(waiting.get("/").text(), "new");
}

#[test]
fn idle_connections_to_an_instance_that_was_taken_out_are_closed() {
    let (ended, end) = std::sync::mpsc::channel();
    let ended = std::sync::Mutex::new(ended);
    let old = Instance::start(move |mut peer| {
        while peer.head().is_some() {
            peer.answer("old");
        }
        let _ = ended.lock().expect("no panic").send(());
    });
    let bench = Bench::new(&[old.address]);
    assert_eq!(bench.client().get("/").text(), "old");
    bench.handle.set_backends(Vec::new());
    end.recv_timeout(PATIENCE).expect("the connection ends");
}

#[test]
fn one_that_is_not_known_is_drained_at_once() {
    let bench = Bench::new(&[]);
    bench.handle.drain(7).blocking_recv().expect("at once");
}
