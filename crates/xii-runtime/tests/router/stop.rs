//! Starting on a port, and stopping without losing what is in flight.

use std::net::TcpListener;
use std::time::Duration;

use xii_runtime::router::{Router, RouterError, Settings, Tls};

use crate::workbench::{Bench, Client, Instance, PATIENCE, until};

#[test]
fn a_taken_port_is_an_error_at_once() {
    let holder = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = holder.local_addr().expect("its address");
    let mut settings = Settings::new(0);
    settings.listen = address;
    match Router::start(settings) {
        Err(RouterError::Listen {
            address: named,
            error,
        }) => {
            assert_eq!(
                (named, error.kind()),
                (address, std::io::ErrorKind::AddrInUse)
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_port_can_be_taken_again_after_a_stop() {
    let bench = Bench::new(&[]);
    let address = bench.handle.address();
    let _client = bench.client();
    bench
        .handle
        .stop(Duration::ZERO)
        .blocking_recv()
        .expect("it stops");
    let mut settings = Settings::new(0);
    settings.listen = address;
    let again = Router::start(settings).expect("the port is free");
    assert_eq!(again.address(), address);
    again
        .stop(Duration::ZERO)
        .blocking_recv()
        .expect("it stops");
}

#[test]
fn files_of_tls_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    let start = || {
        let mut settings = Settings::new(0);
        settings.tls = Some(Tls {
            certificate: certificate.clone(),
            key: key.clone(),
        });
        Router::start(settings)
            .expect_err("no certificate")
            .to_string()
    };
    assert!(start().contains("cert.pem: "), "{}", start());
    std::fs::write(&certificate, "no certificate").expect("a file");
    assert!(
        start().ends_with("cert.pem: there is no certificate in it"),
        "{}",
        start()
    );
}

#[test]
fn stopping_finishes_what_is_in_flight_and_closes_what_is_idle() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let instance = Instance::start(move |mut peer| {
        while let Some(head) = peer.head() {
            if head.starts_with("GET /slow") {
                let _ = gate.lock().expect("no panic").recv_timeout(PATIENCE);
            }
            peer.answer("done");
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut idle = bench.client();
    assert_eq!(idle.get("/").text(), "done");
    until("it is over", || bench.handle.outstanding(1) == 0);
    let mut busy = bench.client();
    busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    until("it is outstanding", || bench.handle.outstanding(1) == 1);

    let stopped = bench.handle.stop(PATIENCE);
    assert_eq!(idle.0.rest(), (Vec::new(), None));
    until("nobody listens", || {
        std::net::TcpStream::connect(bench.handle.address()).is_err()
    });
    go.send(()).expect("it waits");
    let answer = busy.answer();
    assert_eq!(
        (answer.text(), answer.field("connection")),
        ("done", Some("close"))
    );
    stopped.blocking_recv().expect("it stops");
}

#[test]
fn who_has_connected_before_a_stop_is_served() {
    let instance = Instance::answering("served");
    let bench = Bench::new(&[instance.address]);
    let mut clients: Vec<_> = (0..50).map(|_| bench.client()).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let stopped = bench.handle.stop(PATIENCE);
    for mut client in clients {
        assert_eq!(client.answer().text(), "served");
    }
    stopped.blocking_recv().expect("it stops");
}

#[test]
fn the_grace_ends_what_does_not() {
    let instance = Instance::start(|mut peer| drop(peer.rest()));
    let bench = Bench::new(&[instance.address]);
    let mut busy = bench.client();
    busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    until("it is outstanding", || bench.handle.outstanding(1) == 1);
    bench
        .handle
        .stop(Duration::from_millis(20))
        .blocking_recv()
        .expect("it stops");
    assert_eq!(busy.0.rest().0, b"");
    assert_eq!(bench.handle.outstanding(1), 0);
}

#[test]
fn a_router_that_nobody_holds_ends() {
    let router = Router::start(Settings::new(0)).expect("a router");
    let address = router.address();
    let mut client = Client::to(address);
    let other = router.clone();
    drop(router);
    drop(other);
    assert_eq!(client.0.rest().0, b"");
    until("nobody listens", || {
        std::net::TcpStream::connect(address).is_err()
    });
}

#[test]
fn more_connections_than_allowed_get_the_place_of_idle_ones() {
    let instance = Instance::answering("served");
    let bench = Bench::with(&[instance.address], |settings| settings.max_connections = 2);
    let mut first = bench.client();
    let mut second = bench.client();
    assert_eq!(
        (first.get("/").text(), second.get("/").text()),
        ("served", "served")
    );
    let mut third = bench.client();
    third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    // Those that have no request make room.
    assert_eq!(third.answer().text(), "served");
    assert_eq!((first.0.rest(), second.0.rest()), Default::default());
}
