//! Restarts behind the router.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use rustix::process::Signal;

use crate::events::{exited, line, ready, signalled, started};
use crate::harness::{App, Later, Up};
use crate::http::{SERVER, get};
use crate::ports::Ports;

/// Two instances if nothing else is said.
fn served(settings: &str, ports: &Ports, count: usize) -> (App, Up) {
    let app = App::of(&[
        ("Procfile", "web: python3 server.py\n"),
        ("xii.toml", settings),
        ("server.py", SERVER),
    ]);
    let scale = format!("web={count}");
    let up = app.up(&["--port", &ports.base(), "--scale", &scale]);
    for number in 1..=count {
        up.wait(ready(&format!("web.{number}")));
    }
    (app, up)
}

#[test]
fn a_restart_under_load_loses_no_request() {
    let ports = Ports::new();
    let (app, up) = served("", &ports, 2);
    let stop = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            let port = ports.base;
            thread::spawn(move || {
                let mut lost = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    match get(port, "/") {
                        Ok((200, _)) => drop(answered.fetch_add(1, Ordering::Relaxed)),
                        other => lost.push(other),
                    }
                }
                lost
            })
        })
        .collect();
    crate::processes::until("answers", || answered.load(Ordering::Relaxed) > 10);
    let asked = app.xii(&["restart", "web"]);
    let before = answered.load(Ordering::Relaxed);
    crate::processes::until("more answers", || {
        answered.load(Ordering::Relaxed) > before + 10
    });
    stop.store(true, Ordering::Relaxed);
    let lost: Vec<_> = clients
        .into_iter()
        .flat_map(|client| client.join().expect("no client panicked"))
        .collect();
    assert_eq!(lost, []);
    assert_eq!(
        (asked.code, asked.out.as_str()),
        (Some(0), "restarted web.1\nrestarted web.2\n"),
        "{asked:?}"
    );
    assert_eq!(up.count(started("web.1")), 2);
    let pids: Vec<String> = ["web.1", "web.2"]
        .map(|one| up.nth_process(2, one).pid.to_string())
        .into();
    let (_, answer) = get(ports.base, "/").expect("an answer");
    assert!(pids.contains(&answer), "{answer} is none of {pids:?}");
    up.stop();
}

#[test]
fn a_request_in_flight_is_finished_by_the_old_one() {
    let ports = Ports::new();
    let (app, up) = served("", &ports, 1);
    let old = up.process("web.1");
    let port = ports.base;
    let slow = thread::spawn(move || get(port, "/slow"));
    up.wait(line("web.1", "slow begun"));
    let asked = app.command(&["restart", "web"]).output_later();
    let new = up.nth_process(2, "web.1");
    up.nth(2, ready("web.1"));
    // New requests go to the new one while the old one still has its own.
    crate::processes::until("an answer of the new one", || {
        get(port, "/").is_ok_and(|(_, pid)| pid == new.pid.to_string())
    });
    assert!(old.runs());
    assert_eq!(up.count(signalled("web.1", "SIGTERM")), 0);
    app.write("release", "");
    let slow = slow.join().expect("it did not panic");
    assert_eq!(slow, Ok((200, old.pid.to_string())));
    let asked = asked.join().expect("it ran");
    assert_eq!(asked.status.code(), Some(0), "{asked:?}");
    assert!(!old.runs());
    up.stop();
}

#[test]
fn what_does_not_become_ready_does_not_take_over() {
    let ports = Ports::new();
    let settings =
        "[processes.web]\nready = { http = \"/health\", within = \"2s\", every = \"1h\" }\n";
    let (app, mut up) = served(settings, &ports, 1);
    let old = up.process("web.1");
    app.write("sick", "");
    let asked = app.xii(&["restart", "web"]);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(asked.out.is_empty(), "{asked:?}");
    assert!(
        asked
            .err
            .starts_with("xii: the new web.1 did not become ready: ")
            && asked.err.ends_with("; the old one serves on\n"),
        "{asked:?}"
    );
    up.nth(1, exited("web.1"));
    assert_eq!(get(ports.base, "/"), Ok((200, old.pid.to_string())));

    // A restart that waits does not hold up the end of the run.
    let asked = app.command(&["restart", "web"]).output_later();
    up.nth(3, started("web.1"));
    up.signal(Signal::TERM);
    assert_eq!(up.code(), 0);
    let asked = asked.join().expect("it ran");
    assert_ne!(asked.status.code(), Some(0), "{asked:?}");
}

#[test]
fn a_new_one_that_ends_at_once_does_not_take_over() {
    let ports = Ports::new();
    let (app, up) = served("", &ports, 1);
    let old = up.process("web.1");
    app.write("server.py", "raise SystemExit(3)\n");
    let asked = app.xii(&["restart", "web"]);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert_eq!(
        asked.err,
        "xii: the new web.1 did not become ready: it ended; the old one serves on\n"
    );
    assert_eq!(get(ports.base, "/"), Ok((200, old.pid.to_string())));
    up.stop();
}
