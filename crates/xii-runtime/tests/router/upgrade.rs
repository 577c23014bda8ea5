//! Connections that go on with another protocol.

use std::time::Duration;

use crate::workbench::{Bench, Client, Instance, until};

/// Agrees to everything, says hello, and then echoes lines.
fn chatty() -> Instance {
    Instance::start(|mut peer| {
        let Some(head) = peer.head() else { return };
        assert!(
            head.contains("Connection: upgrade\r\nUpgrade: websocket\r\n"),
            "{head}"
        );
        // The first bytes of the new protocol come with the head.
        peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello\n");
        loop {
            let line = peer.line();
            if line.is_empty() {
                return;
            }
            peer.send(line);
        }
    })
}

fn upgrade(client: &mut Client) -> String {
    client.send("GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\nearly\n");
    let (status, head) = client.head();
    assert_eq!(status, 101);
    head
}

#[test]
fn bytes_go_both_ways_and_the_request_is_outstanding_until_they_end() {
    let instance = chatty();
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    let head = upgrade(&mut client);
    assert!(
        head.contains("Upgrade: websocket\r\nConnection: upgrade\r\n"),
        "{head}"
    );
    assert_eq!(
        (client.0.line(), client.0.line()),
        ("hello\n".into(), "early\n".into())
    );
    for at in 0..50 {
        client.send(format!("line {at}\n"));
        assert_eq!(client.0.line(), format!("line {at}\n"));
    }
    assert_eq!(bench.handle.outstanding(1), 1);
    bench.handle.set_backends(Vec::new());
    let mut drained = bench.handle.drain(1);
    client.send("still here\n");
    assert_eq!(client.0.line(), "still here\n");
    assert!(drained.try_recv().is_err());
    client.0.half_close();
    assert_eq!(client.0.rest(), (Vec::new(), None));
    drained.blocking_recv().expect("it has ended");
    let told = bench.notes.of(1).remove(0);
    assert_eq!((told.status, told.path.as_str()), (101, "/chat"));
    assert!(told.received > 300 && told.sent > 300, "{told:?}");
}

#[test]
fn an_upgrade_that_is_declined_is_an_answer_like_any_other() {
    let instance = Instance::answering("no");
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    for _ in 0..2 {
        client
            .send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        assert_eq!(client.answer().text(), "no");
    }
}

#[test]
fn a_silent_tunnel_ends_and_one_whose_instance_ends_does_too() {
    let instance = chatty();
    let bench = Bench::with(&[instance.address], |settings| {
        settings.tunnel_timeout = Duration::from_millis(60);
    });
    let mut client = bench.client();
    upgrade(&mut client);
    let (rest, _) = client.0.rest();
    assert!(b"hello\nearly\n".starts_with(&rest), "{rest:?}");
    until("it is over", || bench.handle.outstanding(1) == 0);

    let brief = Instance::start(|mut peer| {
        peer.head();
        peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbye\n");
    });
    let bench = Bench::new(&[brief.address]);
    let mut client = bench.client();
    upgrade(&mut client);
    assert_eq!(client.0.rest().0, b"bye\n");
}
