//! What follows when a process ends by itself.

use xii_model::What;

use crate::events::{exited, held, line, note, restarting, started};
use crate::harness::App;

/// Waits that a test can wait for.
const SOON: &str = "[run]\nrestart-first = \"20ms\"\nrestart-most = \"80ms\"\nhold-after = 5\n";
const IDLE: &str = "echo up; exec sleep 1000\n";

#[test]
fn what_keeps_failing_is_started_again_ever_later_and_then_held() {
    let app = App::of(&[
        ("Procfile", "a: sh fail.sh\nb: sh idle.sh\n"),
        ("xii.toml", SOON),
        (
            "fail.sh",
            "[ -e mended ] || exit 3; echo mended; exec sleep 1000\n",
        ),
        ("idle.sh", IDLE),
    ]);
    let up = app.up(&["--on-exit", "restart"]);
    let told = up.wait(held("a.1"));
    assert_eq!(
        told.what,
        What::Held {
            reason: "5 failures in a row, the last: ended with 3; mend it, then `xii restart a.1`"
                .to_owned()
        }
    );
    let waits: Vec<(u64, u32)> = up
        .all(restarting("a.1"))
        .iter()
        .map(|event| match event.what {
            What::Restarting { after_ms, attempt } => (after_ms, attempt),
            _ => unreachable!(),
        })
        .collect();
    let attempts: Vec<u32> = waits.iter().map(|(_, attempt)| *attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 4]);
    for ((wait, _), range) in waits.iter().zip([15..=20, 31..=40, 63..=80, 63..=80]) {
        assert!(range.contains(wait), "{waits:?}");
    }
    assert_eq!(up.count(started("a.1")), 5);
    let (state, why) = app.state_of("a.1");
    assert_eq!((state.as_str(), why.as_str()), ("held", "ended with 3"));

    // Somebody mends it and asks.
    app.write("mended", "");
    let asked = app.xii(&["restart", "a"]);
    assert_eq!(
        (asked.code, asked.out.as_str()),
        (Some(0), "restarted a.1\n"),
        "{asked:?}"
    );
    up.wait(line("a.1", "mended"));
    assert_eq!(app.state_of("a.1").0, "ready");
    up.stop();
}

#[test]
fn a_healthy_spell_is_counted_from_one_again() {
    // Any run is a healthy spell here, so it is never held.
    let settings = "[run]\nrestart-first = \"1ms\"\nhold-after = 2\nhealthy-after = \"1ms\"\n";
    let app = App::of(&[
        ("Procfile", "a: sh fail.sh\n"),
        ("xii.toml", settings),
        ("fail.sh", "exit 1\n"),
    ]);
    let up = app.up(&["--on-exit", "restart"]);
    up.nth(5, restarting("a.1"));
    for event in up.all(restarting("a.1")) {
        assert!(matches!(event.what, What::Restarting { attempt: 1, .. }));
    }
    up.stop();
}

#[test]
fn each_type_has_its_policy() {
    let settings = "\
        [run]\nrestart-first = \"1ms\"\nhold-after = 1000\n\
        [processes]\n\
        always = { command = \"sh ends.sh 0\", restart = \"always\" }\n\
        failure-0 = { command = \"sh ends.sh 0\", restart = \"on-failure\" }\n\
        failure-1 = { command = \"sh ends.sh 1\", restart = \"on-failure\" }\n\
        never = { command = \"sh ends.sh 1\", restart = \"never\" }\n\
        last = { command = \"sh wait.sh\", restart = \"stop-all\" }\n";
    let app = App::of(&[
        ("xii.toml", settings),
        ("ends.sh", "exit $1\n"),
        (
            "wait.sh",
            "while ! [ -e end ]; do sleep 0.01; done; exit 9\n",
        ),
    ]);
    let mut up = app.up(&[]);
    up.nth(3, started("always.1"));
    up.nth(3, started("failure-1.1"));
    up.wait(exited("never.1"));
    up.wait(exited("failure-0.1"));
    assert_eq!(app.state_of("failure-0.1").0, "ended");
    assert_eq!(
        app.state_of("never.1"),
        ("ended".to_owned(), "ended with 1".to_owned())
    );
    app.write("end", "");
    assert_eq!(up.code(), 9);
    assert_eq!(up.count(started("failure-0.1")), 1);
    assert_eq!(up.count(started("never.1")), 1);
}

#[test]
fn when_nothing_is_left_the_run_ends_with_the_code_of_what_failed() {
    let app = App::of(&[
        (
            "Procfile",
            "a: sh ends.sh 0\nb: sh ends.sh 4\nc: sh ends.sh 0\n",
        ),
        ("ends.sh", "exit $1\n"),
    ]);
    let mut up = app.up(&["--on-exit", "ignore"]);
    assert_eq!(up.code(), 4);
    for instance in ["a.1", "b.1", "c.1"] {
        assert_eq!(up.count(started(instance)), 1);
    }
}

#[test]
fn when_all_is_held_the_run_ends_and_says_so() {
    let app = App::of(&[
        ("Procfile", "a: sh fail.sh\n"),
        (
            "xii.toml",
            "[run]\nrestart-first = \"1ms\"\nhold-after = 2\n",
        ),
        ("fail.sh", "exit 6\n"),
    ]);
    // No terminal: then what ends is started again.
    let mut up = app.up(&[]);
    assert_eq!(up.code(), 6);
    assert_eq!(up.count(started("a.1")), 2);
    up.wait(note("nothing is left to run: a.1 cannot be kept running"));
}

#[test]
fn in_a_terminal_the_end_of_one_is_the_end_of_all() {
    let app = App::of(&[
        ("Procfile", "a: sh ends.sh\nb: sh idle.sh\n"),
        ("ends.sh", "exit 5\n"),
        ("idle.sh", IDLE),
    ]);
    use rustix::pty::OpenptFlags;
    // Not for the processes that other tests start meanwhile.
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let terminal = rustix::pty::openpt(flags).expect("a terminal");
    rustix::pty::unlockpt(&terminal).expect("it can be opened");
    let name = rustix::pty::ptsname(&terminal, Vec::new()).expect("its name");
    let name = name.to_str().expect("text");
    let side = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(name);
    let status = app
        .command(&["up"])
        .stdout(side.expect("its other side"))
        .stderr(std::process::Stdio::null())
        .status()
        .expect("it runs");
    assert_eq!(status.code(), Some(5));
    assert!(crate::processes::carrying(&app.state()).is_empty());
}
