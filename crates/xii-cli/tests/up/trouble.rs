//! Trouble on purpose, files that change, what is counted, and where the stream is led.

use std::fs;

use xii_model::What;

use crate::events::{did, exited, line, note, ready, restarting, signalled, started};
use crate::harness::App;
use crate::http::{SERVER, get};
use crate::ports::Ports;
use crate::processes;

const IDLE: &str = "echo up; exec sleep 1000\n";

#[test]
fn chaos_kills_one_and_it_comes_back() {
    let app = App::of(&[
        ("Procfile", "a: sh idle.sh\nb: sh idle.sh\n"),
        ("idle.sh", IDLE),
    ]);
    let up = app.up(&["--on-exit", "restart"]);
    up.wait(line("a.1", "up"));
    up.wait(line("b.1", "up"));
    let run = app.xii(&["chaos", "kill", "--type", "b"]);
    assert_eq!(run.out, "SIGKILL to b.1\n", "{}", run.err);
    let event = up.wait(exited("b.1"));
    assert!(matches!(event.what, What::Exited { signal: Some(name), .. } if name == "SIGKILL"));
    up.wait(restarting("b.1"));
    up.nth(2, started("b.1"));
    assert_eq!(up.count(exited("a.1")), 0);
}

#[test]
fn chaos_sends_the_signal_that_it_is_told_and_refuses_what_is_none() {
    let app = App::of(&[
        ("Procfile", "a: sh handler.sh\n"),
        (
            "handler.sh",
            "trap 'echo got it' USR1\necho up\nwhile :; do sleep 0.01; done\n",
        ),
    ]);
    let up = app.up(&["--on-exit", "restart"]);
    up.wait(line("a.1", "up"));
    assert_eq!(
        app.xii(&["chaos", "kill", "--signal", "usr1"]).code,
        Some(0)
    );
    up.wait(line("a.1", "got it"));
    let run = app.xii(&["chaos", "kill", "--signal", "NOISE"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("`NOISE` is no signal"), "{}", run.err);
    let run = app.xii(&["chaos", "kill", "--type", "nobody"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err.contains("no instance of nobody runs now"),
        "{}",
        run.err
    );
}

#[test]
fn chaos_again_and_again_is_refused_where_one_end_ends_all() {
    let app = App::of(&[("Procfile", "a: sh idle.sh\n"), ("idle.sh", IDLE)]);
    let up = app.up(&["--on-exit", "stop"]);
    up.wait(line("a.1", "up"));
    let run = app.xii(&["chaos", "kill", "--every", "1s", "--for", "1m"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("--on-exit restart"), "{}", run.err);
    assert_eq!(up.count(exited("a.1")), 0);
}

#[test]
fn chaos_pauses_and_lets_go_on() {
    let app = App::of(&[("Procfile", "a: sh idle.sh\n"), ("idle.sh", IDLE)]);
    let up = app.up(&["--on-exit", "restart"]);
    up.wait(line("a.1", "up"));
    let run = app.xii(&["chaos", "pause", "--for", "10ms"]);
    assert_eq!(run.out, "paused a.1\na.1 goes on\n", "{}", run.err);
    up.wait(signalled("a.1", "SIGSTOP"));
    up.wait(signalled("a.1", "SIGCONT"));
    assert_eq!(up.count(exited("a.1")), 0);
}

#[test]
fn a_changed_file_restarts_who_watches_it_and_nobody_else() {
    let app = App::of(&[
        ("Procfile", "a: sh idle.sh\nb: sh idle.sh\n"),
        ("idle.sh", IDLE),
        (
            "xii.toml",
            "[processes.a]\nwatch = [\"src/*.txt\"]\n[processes.b]\nwatch = [\"lib/**\"]\n",
        ),
        ("src/one.txt", "1"),
        (".gitignore", "*.log\n"),
    ]);
    let up = app.up(&["--watch", "--on-exit", "restart"]);
    up.wait(line("a.1", "up"));
    up.wait(line("b.1", "up"));
    app.write("src/noise.log", "1");
    app.write("src/one.txt", "2");
    up.wait(note("src/one.txt has changed: restarting a"));
    up.nth(2, line("a.1", "up"));
    assert_eq!(up.count(exited("b.1")), 0);
}

#[test]
fn metrics_tell_of_instances_lines_and_requests() {
    let ports = Ports::new();
    let app = App::of(&[
        ("Procfile", "web: python3 server.py\nb: sh idle.sh\n"),
        ("server.py", SERVER),
        ("idle.sh", IDLE),
    ]);
    let metrics = ports.base + 3;
    let up = app.up(&[
        "--port",
        &ports.base(),
        "--control-port",
        &metrics.to_string(),
        "--on-exit",
        "restart",
    ]);
    up.wait(ready("web.1"));
    up.wait(line("b.1", "up"));
    for _ in 0..3 {
        assert_eq!(get(ports.base, "/").expect("an answer").0, 200);
    }
    let mut page = String::new();
    // A request is counted after its answer was sent.
    processes::until("three requests to be counted", || {
        page = get(metrics, "/metrics").expect("the metrics").1;
        page.contains("xii_router_requests_total{process=\"web\",status=\"2xx\"} 3")
    });
    for wanted in [
        "xii_instance_ready{process=\"web\",instance=\"web.1\"} 1",
        "xii_instance_restarts_total{process=\"b\",instance=\"b.1\"} 0",
        "xii_log_lines_total{process=\"b\",instance=\"b.1\",stream=\"stdout\"} 1",
        "xii_router_request_duration_seconds_count{process=\"web\"} 3",
        "xii_router_request_duration_seconds_bucket{process=\"web\",le=\"+Inf\"} 3",
    ] {
        assert!(page.contains(wanted), "{wanted} is not in\n{page}");
    }
    // Nothing else is told there: who collects metrics is not to stop the app.
    assert_eq!(get(metrics, "/status").expect("an answer").0, 404);
    up.wait(did("router", |what| {
        matches!(what, What::Request(request) if request.status == 200 && request.path == "/")
    }));
}

#[test]
fn the_stream_is_led_to_a_drain() {
    let app = App::of(&[("Procfile", "a: sh idle.sh\n"), ("idle.sh", IDLE)]);
    let drained = app.path("drained.ndjson");
    let up = app.up(&["--drain", &format!("file://{}", drained.display())]);
    up.wait(line("a.1", "up"));
    up.stop();
    let text = fs::read_to_string(&drained).expect("the drain's file");
    assert!(text.contains("\"text\":\"up\""), "{text}");
    assert!(text.contains("\"event\":\"exited\""), "{text}");
    let run = app.xii(&["up", "--drain", "smoke://signals"]);
    assert_eq!(run.code, Some(2));
}
