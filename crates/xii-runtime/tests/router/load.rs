//! Many requests while the instances change: none is lost.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::workbench::{Bench, Instance, backends};

const CLIENTS: usize = 8;
const EACH: usize = 1250;

#[test]
fn ten_thousand_requests_over_changing_instances_are_all_answered() {
    let first = Instance::answering("first");
    let bench = Bench::new(&[first.address]);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|at| {
                let (bench, over) = (&bench, &over);
                scope.spawn(move || {
                    let mut client = bench.client();
                    for number in 0..EACH {
                        // Also those that must not be sent twice.
                        let answer = match (at + number) % 2 {
                            0 => client.get("/"),
                            _ => {
                                client.send(
                                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
                                );
                                client.answer()
                            }
                        };
                        assert_eq!(answer.status, 200, "{answer:?}");
                    }
                    over.store(true, Ordering::SeqCst);
                })
            })
            .collect();
        // New instances come, old ones are drained and end: a restart after the other, until a client
        // is done.
        let mut current = vec![(1, first)];
        let mut next = 2;
        while !over.load(Ordering::SeqCst) {
            let instance = Instance::answering("next");
            let old = std::mem::replace(&mut current, vec![(next, instance)]);
            let ready = current.iter().map(|(id, instance)| {
                let mut backend = backends(&[instance.address]).remove(0);
                backend.id = *id;
                backend
            });
            bench.handle.set_backends(ready.collect());
            for (id, instance) in old {
                bench.handle.drain(id).blocking_recv().expect("it drains");
                drop(instance);
            }
            next += 1;
        }
        for client in clients {
            client.join().expect("no request is lost");
        }
        assert!(next > 3, "the instances did change");
    });
    assert_eq!(bench.notes.of(CLIENTS * EACH).len(), CLIENTS * EACH);
    let metrics = bench.handle.metrics();
    assert_eq!(metrics.classes[1], (CLIENTS * EACH) as u64);
    assert_eq!(metrics.buckets.iter().sum::<u64>(), (CLIENTS * EACH) as u64);
}
