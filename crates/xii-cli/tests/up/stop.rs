//! How a run ends: what gets which signal, and the exit code.

use rustix::process::Signal;
use xii_model::What;

use crate::events::{did, exited, line, signalled};
use crate::harness::{App, Up, send};
use crate::processes::gone;

/// Runs until a signal that it does not know ends it.
const IDLE: &str = "echo up; exec sleep 1000\n";
/// Does not mind SIGTERM, and neither does what it starts.
const STUBBORN: &str = "trap '' TERM; echo up; sleep 1000\n";

#[test]
fn all_types_are_told_to_stop_side_by_side() {
    // Each ends only when all three were told; one after the other, they would all be killed.
    let waits = "\
        told() { : > told-$PS; while ! { [ -e told-a.1 ] && [ -e told-b.1 ] && [ -e told-b.2 ]; }; do sleep 0.01; done; \
        echo all were told; exit 0; }\n\
        trap told TERM; echo up; while :; do sleep 0.05; done\n";
    let app = App::of(&[
        ("Procfile", "a: sh wait.sh\nb: sh wait.sh\n"),
        ("wait.sh", waits),
    ]);
    let up = app.up(&["--scale", "b=2"]);
    for instance in ["a.1", "b.1", "b.2"] {
        up.wait(line(instance, "up"));
    }
    let up = up.stop();
    for instance in ["a.1", "b.1", "b.2"] {
        up.wait(line(instance, "all were told"));
        assert_eq!(up.count(signalled(instance, "SIGKILL")), 0);
    }
}

#[test]
fn what_does_not_mind_sigterm_is_killed_after_its_grace() {
    let app = App::of(&[
        ("Procfile", "a: sh stubborn.sh\n"),
        ("stubborn.sh", STUBBORN),
        ("xii.toml", "[processes.a]\ngrace = \"300ms\"\n"),
    ]);
    let up = app.up(&[]);
    up.wait(line("a.1", "up"));
    let up = up.stop();
    up.wait(signalled("a.1", "SIGTERM"));
    let killed = up.wait(signalled("a.1", "SIGKILL"));
    let What::Signalled { reason, .. } = killed.what else {
        unreachable!()
    };
    assert_eq!(reason, "still running 0.3 s after SIGTERM");
    up.wait(did("a.1", |what| {
        matches!(what, What::Exited { code: None, signal: Some(signal), .. } if signal == "SIGKILL")
    }));
}

#[test]
fn a_grandchild_that_ignores_sigterm_dies_though_its_leader_went_at_once() {
    let app = App::of(&[
        ("Procfile", "a: sh leader.sh\n"),
        (
            "leader.sh",
            "trap 'exit 0' TERM\n\
             sh -c \"trap '' TERM; echo grandchild \\$\\$; sleep 1000\" &\n\
             while :; do sleep 0.05; done\n",
        ),
    ]);
    let up = app.up(&["--grace", "300ms"]);
    let grandchild = up.told_process("a.1", "grandchild");
    let up = up.stop();
    up.wait(signalled("a.1", "SIGKILL"));
    up.wait(did("a.1", |what| {
        matches!(what, What::Exited { code: Some(0), .. })
    }));
    assert!(!grandchild.runs());
}

#[test]
fn what_left_the_group_is_killed_with_it() {
    let app = App::of(&[
        ("Procfile", "a: sh leader.sh\n"),
        (
            "leader.sh",
            "setsid sh -c 'trap \"\" TERM; echo escaped $$; sleep 1000' &\n\
             echo up; exec sleep 1000\n",
        ),
    ]);
    let up = app.up(&[]);
    let escaped = up.told_process("a.1", "escaped");
    let up = up.stop();
    assert!(!escaped.runs());
    let killed = up.wait(did("a.1", |what| matches!(what, What::Killed { .. })));
    let What::Killed { pids, .. } = killed.what else {
        unreachable!()
    };
    assert!(pids.contains(&escaped.pid.cast_unsigned()), "{pids:?}");
}

#[test]
fn a_daemon_is_killed_at_the_end_of_its_instance_and_one_without_a_name_at_the_end_of_all() {
    // Two forks and a session of its own: it is nobody's descendant but the supervisor's.
    let daemons = "\
        (setsid sh -c 'echo $$ > named; exec sleep 1000' > /dev/null 2>&1 &)\n\
        (setsid env -i /bin/sh -c 'echo $$ > nameless; exec /bin/sleep 1000' > /dev/null 2>&1 &)\n\
        echo up; exec sleep 1000\n";
    let app = App::of(&[
        ("Procfile", "a: sh daemons.sh\nb: sh idle.sh\n"),
        ("daemons.sh", daemons),
        ("idle.sh", IDLE),
    ]);
    let up = app.up(&[]);
    up.wait(line("a.1", "up"));
    let named = crate::processes::Process::written(&app.read("named"));
    let nameless = crate::processes::Process::written(&app.read("nameless"));
    let stopped = app.xii(&["stop", "a"]);
    assert_eq!(
        (stopped.code, stopped.out.as_str()),
        (Some(0), "stopped a.1\n")
    );
    assert!(!named.runs());
    up.stop();
    assert!(!nameless.runs());
}

#[test]
fn a_stopped_process_is_stopped_too() {
    let app = App::of(&[("Procfile", "a: sh idle.sh\n"), ("idle.sh", IDLE)]);
    let up = app.up(&[]);
    up.wait(line("a.1", "up"));
    send(up.process("a.1").pid, Signal::STOP);
    let up = up.stop();
    assert_eq!(up.count(signalled("a.1", "SIGKILL")), 0);
    up.wait(exited("a.1"));
}

#[test]
fn the_exit_code_is_that_of_the_process_whose_end_ended_the_run() {
    for (command, code) in [
        ("exit 7", 7),
        ("exit 0", 0),
        ("kill -9 $$", 137),
        ("kill -TERM $$", 143),
    ] {
        let app = App::of(&[
            ("Procfile", "a: sh last.sh\nb: sh idle.sh\n"),
            ("last.sh", command),
            ("idle.sh", IDLE),
        ]);
        let mut up = app.up(&["--on-exit", "stop"]);
        assert_eq!(up.code(), code, "{command}");
        up.wait(signalled("b.1", "SIGTERM"));
    }
}

#[test]
fn the_exit_code_says_which_signal_ended_the_run() {
    for (signal, code) in [
        (Signal::TERM, 0),
        (Signal::INT, 130),
        (Signal::HUP, 129),
        (Signal::QUIT, 131),
    ] {
        let app = App::of(&[("Procfile", "a: sh idle.sh\n"), ("idle.sh", IDLE)]);
        let mut up = app.up(&[]);
        up.wait(line("a.1", "up"));
        let process = up.process("a.1");
        up.signal(signal);
        assert_eq!(up.code(), code);
        assert!(!process.runs());
    }
}

#[test]
fn a_hang_up_does_not_end_what_was_started_with_nohup() {
    let app = App::of(&[("Procfile", "a: sh idle.sh\n"), ("idle.sh", IDLE)]);
    let xii = app.command(&["up", "--format", "json"]);
    let mut command = std::process::Command::new("nohup");
    command.arg(xii.get_program()).args(xii.get_args());
    app.set(&mut command);
    let mut up = Up::start(&mut command, app.state());
    up.wait(line("a.1", "up"));
    up.signal(Signal::HUP);
    // Of signals that wait the lower number comes first.
    up.signal(Signal::TERM);
    assert_eq!(up.code(), 0);
}

#[test]
fn a_second_interrupt_does_not_wait_for_the_grace() {
    let app = App::of(&[
        ("Procfile", "a: sh stubborn.sh\n"),
        ("stubborn.sh", STUBBORN),
    ]);
    let mut up = app.up(&["--grace", "1h"]);
    up.wait(line("a.1", "up"));
    up.signal(Signal::INT);
    up.wait(signalled("a.1", "SIGTERM"));
    up.signal(Signal::INT);
    assert_eq!(up.code(), 130);
    let killed = up.wait(signalled("a.1", "SIGKILL"));
    let What::Signalled { reason, .. } = killed.what else {
        unreachable!()
    };
    assert_eq!(reason, "asked to hurry");
}

#[test]
fn signals_for_the_app_reach_it() {
    let traps = "\
        trap 'echo first' USR1; trap 'echo second' USR2; trap 'exit 0' TERM\n\
        echo up; while :; do sleep 0.05; done\n";
    let app = App::of(&[
        ("Procfile", "a: sh traps.sh\nb: sh traps.sh\n"),
        ("traps.sh", traps),
    ]);
    let up = app.up(&[]);
    up.wait(line("a.1", "up"));
    up.wait(line("b.1", "up"));
    // `sleep` dies of them, the shell does not.
    up.signal(Signal::USR1);
    up.wait(line("a.1", "first"));
    up.wait(line("b.1", "first"));
    up.signal(Signal::USR2);
    up.wait(line("a.1", "second"));
    up.wait(line("b.1", "second"));
    up.stop();
}

#[test]
fn remains_of_a_process_that_ended_by_itself_are_stopped_before_it_is_started_again() {
    let app = App::of(&[
        ("Procfile", "a: sh parent.sh\n"),
        (
            "parent.sh",
            // Which start this is gets asked before the line that makes the test write the file.
            "[ -e go ] && again=1; sleep 1000 & echo child $!; [ $again ] && exec sleep 1000\n\
             while ! [ -e go ]; do sleep 0.01; done; exit 3\n",
        ),
    ]);
    let up = app.up(&["--on-exit", "restart"]);
    let child = up.told_process("a.1", "child");
    app.write("go", "");
    up.nth(2, line("a.1", "child"));
    gone(std::slice::from_ref(&child));
    let order: Vec<String> = up
        .all(did("a.1", |_| true))
        .iter()
        .map(|event| serde_json::to_value(event).expect("JSON")["event"].to_string())
        .collect();
    assert_eq!(
        order[..6],
        [
            "\"started\"",
            "\"line\"",
            "\"signalled\"",
            "\"exited\"",
            "\"restarting\"",
            "\"started\""
        ]
    );
    up.stop();
}
