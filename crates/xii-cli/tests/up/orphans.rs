//! Nothing outlives a run, whatever is killed.

use std::process::Command;

use rustix::process::Signal;

use crate::events::{exited, line, note};
use crate::harness::{App, Up, send};
use crate::processes::{self, Process, children, gone};
use crate::workbench::skipped;

/// A leader; a child in its group, one in a session of its own, a daemon, and one that knows nothing of us.
const FAMILY: &str = "\
    trap '' TERM HUP INT\n\
    sh -c 'echo $$ > child; sleep 1000' &\n\
    setsid sh -c 'echo $$ > session; sleep 1000' &\n\
    (setsid sh -c 'echo $$ > daemon; sleep 1000' > /dev/null 2>&1 &)\n\
    (setsid env -i /bin/sh -c 'echo $$ > stranger; /bin/sleep 1000' > /dev/null 2>&1 &)\n\
    echo $$ > leader; sleep 1000\n";

fn family() -> (App, Up, Vec<Process>) {
    let app = App::of(&[("Procfile", "a: sh family.sh\n"), ("family.sh", FAMILY)]);
    let up = app.up(&[]);
    let mut family: Vec<Process> = ["leader", "child", "session", "daemon", "stranger"]
        .iter()
        .map(|name| Process::written(&app.read(name)))
        .collect();
    // The last of each is a `sleep`.
    for parent in family.clone() {
        processes::until("a sleep", || {
            let found = children(parent.pid);
            let any = !found.is_empty();
            family.extend(found);
            any
        });
    }
    (app, up, family)
}

#[test]
fn nothing_outlives_a_guard_that_was_killed() {
    let (app, mut up, family) = family();
    send(up.pid(), Signal::KILL);
    gone(&family);
    assert_eq!(up.code(), 137);
    drop(up);
    starts_again(&app);
}

#[test]
fn nothing_outlives_a_supervisor_that_was_killed() {
    let (app, mut up, family) = family();
    send(up.supervisor(), Signal::KILL);
    gone(&family);
    assert_eq!(up.code(), 137);
    drop(up);
    starts_again(&app);
}

/// What a killed run left in the state folder is in nobody's way.
fn starts_again(app: &App) {
    assert!(app.state().join("control.sock").exists());
    let nobody = app.xii(&["ps"]);
    assert_eq!(nobody.code, Some(2), "{nobody:?}");
    assert!(nobody.err.contains("nothing runs in"), "{nobody:?}");
    app.write("Procfile", "b: echo again\n");
    let mut up = app.up(&["--on-exit", "stop"]);
    assert_eq!(up.code(), 0);
    up.wait(line("b.1", "again"));
    up.wait(exited("b.1"));
}

#[test]
fn as_the_first_process_of_a_container_it_reaps_and_forwards() {
    let orphans = "\
        for n in 1 2 3 4 5 6 7 8 9 10; do (setsid sh -c 'exit 0' &); done\n\
        trap 'echo told; exit 0' TERM; echo up; while :; do sleep 0.05; done\n";
    let app = App::of(&[("Procfile", "a: sh orphans.sh\n"), ("orphans.sh", orphans)]);
    let container = ["--pid", "--fork", "--mount-proc", "--kill-child"];
    let possible = Command::new("unshare").args(container).arg("true").output();
    if !possible.is_ok_and(|output| output.status.success()) {
        skipped(
            "as_the_first_process_of_a_container_it_reaps_and_forwards",
            "this user may not make a container with unshare",
        );
        return;
    }
    let mut command = Command::new("unshare");
    let up = app.command(&["up", "--format", "json"]);
    command
        .args(container)
        .arg(up.get_program())
        .args(up.get_args());
    app.set(&mut command);
    let mut up = Up::start(&mut command, app.state());
    up.wait(line("a.1", "up"));
    let [guard] = children(up.pid())
        .try_into()
        .expect("one child: the first process");
    let [supervisor] = children(guard.pid)
        .try_into()
        .expect("one child: the supervisor");
    processes::until("an end without zombies", || {
        let mut all = processes::all();
        all.retain(|one| one.zombie && [guard.pid, supervisor.pid].contains(&one.parent));
        all.is_empty()
    });
    send(guard.pid, Signal::TERM);
    assert_eq!(up.code(), 0);
    up.wait(line("a.1", "told"));
    assert_eq!(up.count(note("cannot")), 0);
}
