//! Readiness and liveness, and what waits for them.

use xii_model::{Event, What};

use crate::events::{did, exited, line, ready, restarting, signalled, started, text};
use crate::harness::App;
use crate::http::SERVER;
use crate::ports::Ports;

const IDLE: &str = "echo up; exec sleep 1000\n";
/// Listens on its first argument's port once there is a file `go`.
const LISTENER: &str = "\
import os, socket, sys, time
while not os.path.exists('go'):
    time.sleep(0.01)
listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))
print('port', listener.getsockname()[1], flush=True)
while True:
    listener.accept()
";

fn not_ready(source: &str) -> impl Fn(&Event) -> bool {
    did(source, |what| matches!(what, What::NotReady { .. }))
}

fn reason(event: &Event) -> &str {
    match &event.what {
        What::NotReady { reason } | What::Unhealthy { reason } => reason,
        other => panic!("this gives no reason: {other:?}"),
    }
}

#[test]
fn http_makes_ready_and_not_ready_and_ready_again() {
    let ports = Ports::new();
    let app = App::of(&[
        ("Procfile", "api: python3 server.py\n"),
        (
            "xii.toml",
            "[processes.api]\nready = { http = \"/health\", every = \"20ms\", failures = 2 }\n",
        ),
        ("server.py", SERVER),
        ("sick", ""),
    ]);
    let up = app.up(&["--port", &ports.base()]);
    up.nth(2, line("api.1", "unwell"));
    assert_eq!(app.state_of("api.1").0, "starting");
    assert_eq!(up.count(ready("api.1")), 0);
    std::fs::remove_file(app.path("sick")).expect("it is there");
    up.wait(ready("api.1"));
    assert_eq!(app.state_of("api.1").0, "ready");

    app.write("sick", "");
    let event = up.wait(not_ready("api.1"));
    assert_eq!(reason(&event), "GET /health answered 500");
    assert_eq!(
        app.state_of("api.1"),
        (
            "not-ready".to_owned(),
            "GET /health answered 500".to_owned()
        )
    );
    std::fs::remove_file(app.path("sick")).expect("it is there");
    up.nth(2, ready("api.1"));
    assert_eq!(app.state_of("api.1").0, "ready");
    assert_eq!(up.count(started("api.1")), 1);
    up.stop();
}

#[test]
fn tcp_that_comes_late_is_told_of_and_waited_for() {
    let ports = Ports::new();
    let app = App::of(&[
        ("Procfile", "api: python3 listener.py $PORT\n"),
        (
            "xii.toml",
            "[processes.api]\nready = { tcp = true, within = \"200ms\" }\n",
        ),
        ("listener.py", LISTENER),
    ]);
    let up = app.up(&["--port", &ports.base()]);
    let why = format!(
        "not ready after 0.2 s: port {}: connection refused",
        ports.base
    );
    assert_eq!(reason(&up.wait(not_ready("api.1"))), why);
    assert_eq!(app.state_of("api.1"), ("starting".to_owned(), why));
    app.write("go", "");
    up.wait(ready("api.1"));
    assert_eq!(app.state_of("api.1"), ("ready".to_owned(), String::new()));
    up.stop();
}

#[test]
fn who_listens_elsewhere_is_told_to_read_port() {
    let ports = Ports::new();
    let app = App::of(&[
        ("Procfile", "api: python3 listener.py 0\n"),
        (
            "xii.toml",
            "[processes.api]\nready = { tcp = true, within = \"10ms\" }\n",
        ),
        ("listener.py", LISTENER),
        ("go", ""),
    ]);
    let up = app.up(&["--port", &ports.base()]);
    let port = text(&up.wait(line("api.1", "port ")));
    let event = up.wait(|event| not_ready("api.1")(event) && reason(event).contains("listens"));
    assert_eq!(
        reason(&event),
        format!(
            "not ready after 0.01 s: it listens on {port} although PORT is {}; let it read PORT",
            ports.base
        )
    );
    up.stop();
}

#[test]
fn a_line_a_command_and_a_delay_make_ready() {
    let settings = "\
        [processes]\n\
        first = { command = \"sh first.sh\", ready = { line = \"^serving on [0-9]+$\" } }\n\
        asked = { command = \"sh idle.sh\", ready = { command = \"test $XII_PROCESS = asked.1 -a -e ok\" } }\n\
        later = { command = \"sh idle.sh\", ready = { delay = \"150ms\" } }\n\
        never = { command = \"sh idle.sh\", ready = { line = \"other\", within = \"50ms\" } }\n";
    let app = App::of(&[
        ("xii.toml", settings),
        ("first.sh", "echo serving on 80; exec sleep 1000\n"),
        ("idle.sh", IDLE),
    ]);
    let up = app.up(&[]);
    up.wait(ready("first.1"));
    let later = up.wait(ready("later.1"));
    assert!(matches!(later.what, What::Ready { after_ms } if after_ms >= 150));
    let late = up.wait(not_ready("never.1"));
    assert_eq!(
        reason(&late),
        "not ready after 0.05 s: no such line was written"
    );
    assert_eq!(app.state_of("asked.1").0, "starting");
    app.write("ok", "");
    up.wait(ready("asked.1"));
    assert_eq!(up.count(ready("never.1")), 0);

    // Who asks for a restart is told when it is late, and need not wait for ever.
    let asked = app.xii(&["restart", "never.1"]);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(
        asked.err.contains(
            "never.1 is not ready after 0.05 s: no such line was written; it is waited for on"
        ) || asked
            .err
            .contains("never.1 is not ready after 0.05 s; it is waited for on"),
        "{asked:?}"
    );
    up.stop();
}

#[test]
fn what_is_no_longer_alive_is_started_again() {
    let ports = Ports::new();
    let app = App::of(&[
        ("Procfile", "api: python3 server.py\n"),
        (
            "xii.toml",
            "[run]\nrestart-first = \"1ms\"\n\
             [processes.api]\nlive = { http = \"/live\", every = \"20ms\", failures = 2 }\n",
        ),
        ("server.py", SERVER),
    ]);
    let up = app.up(&["--port", &ports.base()]);
    // Before the first success failures do not count: it may still be starting.
    up.wait(did(
        "api.1",
        |what| matches!(what, What::Line(line) if line.bytes == b"well"),
    ));
    app.write("dead", "");
    let event = up.wait(did("api.1", |what| matches!(what, What::Unhealthy { .. })));
    assert_eq!(reason(&event), "GET /live answered 500");
    up.wait(signalled("api.1", "SIGTERM"));
    up.wait(exited("api.1"));
    up.wait(restarting("api.1"));
    up.nth(2, started("api.1"));
    up.stop();
}

#[test]
fn types_start_in_the_order_of_what_they_need() {
    let settings = "\
        [processes]\n\
        web = { command = \"sh idle.sh\", depends-on = [\"prepare\", \"db\"], listens = false }\n\
        prepare = { command = \"sh prepare.sh\", once = true, depends-on = [\"db\"] }\n\
        db = { command = \"sh idle.sh\", ready = { command = \"test -e db-ready\" } }\n";
    let app = App::of(&[
        ("xii.toml", settings),
        ("idle.sh", IDLE),
        (
            "prepare.sh",
            "while ! [ -e prepared ]; do sleep 0.01; done\n",
        ),
    ]);
    let up = app.up(&[]);
    up.wait(line("db.1", "up"));
    assert_eq!(
        app.state_of("prepare.1"),
        ("waiting".to_owned(), "for db".to_owned())
    );
    app.write("db-ready", "");
    up.wait(started("prepare.1"));
    assert_eq!(
        app.state_of("web.1"),
        ("waiting".to_owned(), "for prepare".to_owned())
    );
    app.write("prepared", "");
    up.wait(line("web.1", "up"));
    let order: Vec<String> = up
        .all(|event| {
            matches!(
                event.what,
                What::Started { .. } | What::Ready { .. } | What::Exited { .. }
            )
        })
        .iter()
        .map(|event| event.source.to_string())
        .collect();
    assert_eq!(
        order,
        ["db.1", "db.1", "prepare.1", "prepare.1", "web.1"],
        "started, ready, started, exited, started"
    );
    assert_eq!(app.state_of("prepare.1").0, "ended");
    up.stop();
}

#[test]
fn who_waits_for_what_failed_waits_and_ends_with_the_rest() {
    let settings = "\
        [processes]\n\
        worker = { command = \"sh idle.sh\", depends-on = [\"prepare\"] }\n\
        prepare = { command = \"sh fail.sh\", once = true }\n\
        other = { command = \"sh wait.sh\" }\n";
    let app = App::of(&[
        ("xii.toml", settings),
        ("idle.sh", IDLE),
        ("fail.sh", "exit 3\n"),
        ("wait.sh", "while ! [ -e end ]; do sleep 0.01; done\n"),
    ]);
    let mut up = app.up(&["--on-exit", "ignore"]);
    up.wait(exited("prepare.1"));
    assert_eq!(
        app.state_of("worker.1"),
        ("waiting".to_owned(), "for prepare".to_owned())
    );
    app.write("end", "");
    assert_eq!(up.code(), 3);
    assert_eq!(up.count(started("worker.1")), 0);
    up.wait(crate::events::note(
        "nothing is left to run: worker.1 waits for prepare",
    ));
}

#[test]
fn a_schedule_runs_again_and_again_and_never_twice_at_once() {
    // Longer than from one time to the next.
    let script = "mkdir lock || echo twice; sleep 1.2; rmdir lock; echo ran; exit 4\n";
    let app = App::of(&[
        (
            "xii.toml",
            "[processes]\ntick = { command = \"sh tick.sh\", schedule = \"* * * * * *\" }\n",
        ),
        ("tick.sh", script),
    ]);
    let up = app.up(&[]);
    up.nth(2, line("tick.1", "ran"));
    up.nth(2, exited("tick.1"));
    assert_eq!(up.count(line("tick.1", "twice")), 0);
    let mut state = app.state_of("tick.1");
    if state.0 == "scheduled" {
        assert!(state.1.starts_with("next at 20"), "{state:?}");
        assert!(state.1.ends_with(", the last ended with 4"), "{state:?}");
        state.0 = "ready".to_owned();
    }
    assert_eq!(state.0, "ready");
    let restarts = &app.ps()["instances"][0]["restarts"];
    assert_eq!(restarts, 0, "a scheduled run is no restart");
    // In the middle of a run it is stopped as any other.
    up.nth(3, started("tick.1"));
    up.stop();
}
