//! Trouble on purpose.

use rustix::process::Signal;
use xii_model::{Event, What};

use crate::events::{did, line, ready, signalled, started};
use crate::harness::{App, Later, Up, send};
use crate::processes::{Process, until};

const IDLE: &str = "echo up; exec sleep 1000\n";
const SOON: &str = "[run]\nrestart-first = \"1ms\"\nhold-after = 1000\n";

fn two() -> (App, Up) {
    let app = App::of(&[
        ("Procfile", "a: sh idle.sh\nb: sh idle.sh\n"),
        ("xii.toml", SOON),
        ("idle.sh", IDLE),
    ]);
    let up = app.up(&["--on-exit", "restart"]);
    up.wait(line("a.1", "up"));
    up.wait(line("b.1", "up"));
    (app, up)
}

/// The state letter of a process by `proc_pid_stat(5)`.
fn is_stopped(process: &Process) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.pid));
    stat.is_ok_and(|stat| stat.contains(") T "))
}

#[test]
fn what_is_killed_is_started_again() {
    let (app, up) = two();
    let killed = app.xii(&["chaos", "kill", "--type", "b"]);
    assert_eq!(
        (killed.code, killed.out.as_str()),
        (Some(0), "SIGKILL to b.1\n"),
        "{killed:?}"
    );
    up.wait(signalled("b.1", "SIGKILL"));
    up.wait(did(
        "b.1",
        |what| matches!(what, What::Exited { signal: Some(name), .. } if name == "SIGKILL"),
    ));
    up.nth(2, started("b.1"));
    assert_eq!(up.count(started("a.1")), 1);

    let often = [
        "chaos", "kill", "--signal", "TERM", "--every", "50ms", "--for", "120ms",
    ];
    let killed = app.xii(&often);
    assert_eq!(killed.code, Some(0), "{killed:?}");
    assert!(killed.out.contains("SIGTERM to "), "{killed:?}");
    let told = killed.out.lines().count();
    let any =
        |event: &Event| signalled("a.1", "SIGTERM")(event) || signalled("b.1", "SIGTERM")(event);
    up.nth(told, any);

    let wrong = app.xii(&["chaos", "kill", "--signal", "SIGNONE"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    let nobody = app.xii(&["chaos", "kill", "--type", "c"]);
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    up.stop();
}

#[test]
fn what_is_paused_goes_on_even_when_the_pause_is_cut_short() {
    let (app, up) = two();
    let process = up.process("a.1");
    let paused = app.xii(&["chaos", "pause", "--type", "a", "--for", "10ms"]);
    assert_eq!(
        (paused.code, paused.out.as_str()),
        (Some(0), "paused a.1\na.1 goes on\n"),
        "{paused:?}"
    );
    up.wait(signalled("a.1", "SIGSTOP"));
    up.wait(signalled("a.1", "SIGCONT"));
    until("its going on", || !is_stopped(&process));

    let (pid, pausing) = app
        .command(&["chaos", "pause", "--type", "a", "--for", "1h"])
        .later();
    up.nth(2, signalled("a.1", "SIGSTOP"));
    until("a pause", || is_stopped(&process));
    send(pid, Signal::INT);
    let output = pausing.join().expect("it ran");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!(output.stdout, b"paused a.1\na.1 goes on\n");
    until("its going on", || !is_stopped(&process));
    assert!(process.runs());
    assert_eq!(up.count(ready("a.1")), 0);
    up.stop();
}
