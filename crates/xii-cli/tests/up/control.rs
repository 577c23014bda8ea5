//! Seeing and changing a running app from elsewhere.

use std::os::unix::fs::PermissionsExt;

use crate::events::{exited, line, signalled, started};
use crate::harness::{App, Later, Up};
use crate::workbench::{Run, xii};

const IDLE: &str = "echo up; exec sleep 1000\n";

fn idle() -> App {
    App::of(&[
        ("Procfile", "clock: sh idle.sh\nworker: sh idle.sh\n"),
        ("idle.sh", IDLE),
    ])
}

/// Two of a type and one of another, all up.
fn three(app: &App) -> Up {
    let up = app.up(&["--scale", "worker=2"]);
    for instance in ["clock.1", "worker.1", "worker.2"] {
        up.wait(line(instance, "up"));
    }
    up
}

fn done(run: &Run, said: &str) {
    assert_eq!((run.code, run.out.as_str()), (Some(0), said), "{run:?}");
}

/// The state of every instance, in their order.
fn states(app: &App) -> Vec<(String, String)> {
    let status = app.ps();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let instances = status["instances"].as_array().expect("a list").iter();
    instances
        .map(|one| (text(&one["instance"]), text(&one["state"])))
        .collect()
}

fn pairs<const N: usize>(list: [(&str, &str); N]) -> Vec<(String, String)> {
    list.map(|(name, state)| (name.to_owned(), state.to_owned()))
        .into()
}

#[test]
fn types_are_scaled_up_and_down() {
    let app = idle();
    let up = app.up(&[]);
    up.wait(line("worker.1", "up"));
    done(&app.xii(&["scale", "worker=3"]), "worker: 1 → 3\n");
    let ready = [
        ("clock.1", "ready"),
        ("worker.1", "ready"),
        ("worker.2", "ready"),
        ("worker.3", "ready"),
    ];
    assert_eq!(states(&app), pairs(ready));
    up.wait(line("worker.3", "up"));
    let surplus = up.process("worker.3");
    done(
        &app.xii(&["scale", "worker=1", "clock=0"]),
        "worker: 3 → 1\nclock: 1 → 0\n",
    );
    assert!(!surplus.runs());
    assert_eq!(states(&app), pairs([("worker.1", "ready")]));
    // A type of which nothing runs can be scaled up again.
    done(&app.xii(&["scale", "clock=1"]), "clock: 0 → 1\n");
    up.nth(2, started("clock.1"));

    let none = app.xii(&["scale", "nobody=1"]);
    assert_eq!(none.code, Some(1), "{none:?}");
    assert_eq!(
        none.err,
        "xii: `nobody` is not running here; there are: clock, worker\n"
    );
    let much = app.xii(&["scale", "worker=101"]);
    assert_eq!(much.code, Some(2), "{much:?}");
    up.stop();
}

#[test]
fn instances_types_and_all_are_restarted() {
    let app = idle();
    let up = three(&app);
    done(&app.xii(&["restart", "worker.2"]), "restarted worker.2\n");
    up.nth(2, started("worker.2"));
    assert_eq!(up.count(started("worker.1")), 1);
    done(
        &app.xii(&["restart", "worker"]),
        "restarted worker.1\nrestarted worker.2\n",
    );
    up.nth(2, started("worker.1"));
    up.nth(3, started("worker.2"));
    assert_eq!(up.count(started("clock.1")), 1);
    done(
        &app.xii(&["restart"]),
        "restarted clock.1\nrestarted worker.1\nrestarted worker.2\n",
    );
    up.nth(2, started("clock.1"));
    let restarts: Vec<u64> = app.ps()["instances"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["restarts"].as_u64())
        .collect();
    assert_eq!(restarts, [1, 2, 3]);
    up.stop();
}

#[test]
fn what_is_stopped_stays_so_until_it_is_restarted() {
    let app = idle();
    let mut up = three(&app);
    done(&app.xii(&["stop", "worker.1"]), "stopped worker.1\n");
    up.wait(exited("worker.1"));
    let states_now = [
        ("clock.1", "ready"),
        ("worker.1", "stopped"),
        ("worker.2", "ready"),
    ];
    assert_eq!(states(&app), pairs(states_now));
    done(
        &app.xii(&["stop", "worker"]),
        "stopped worker.1\nstopped worker.2\n",
    );
    done(&app.xii(&["restart", "worker.1"]), "restarted worker.1\n");
    let states_now = [
        ("clock.1", "ready"),
        ("worker.1", "ready"),
        ("worker.2", "stopped"),
    ];
    assert_eq!(states(&app), pairs(states_now));
    let unknown = app.xii(&["stop", "worker.9"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert_eq!(
        unknown.err,
        "xii: `worker.9` is not running here; there are: clock.1, worker.1, worker.2\n"
    );

    // All of it: back only when nothing is left.
    let (clock, worker) = (up.process("clock.1"), up.nth_process(2, "worker.1"));
    done(&app.xii(&["stop"]), "stopped\n");
    assert!(!clock.runs() && !worker.runs());
    assert_eq!(up.code(), 0);
    let nobody = app.xii(&["stop"]);
    assert_eq!(nobody.code, Some(2), "{nobody:?}");
    let said = format!(
        "xii: nothing runs in {}: start it with `xii up`\n",
        app.path("").canonicalize().expect("a folder").display()
    );
    assert_eq!(nobody.err, said);
}

#[test]
fn a_stop_does_not_wait_for_a_restart_that_takes_its_time() {
    let app = App::of(&[
        ("Procfile", "a: sh slow.sh\n"),
        (
            "slow.sh",
            "trap ': > told; while ! [ -e go ]; do sleep 0.01; done; exit 0' TERM\n\
             echo up; while :; do sleep 0.01; done\n",
        ),
    ]);
    let mut up = app.up(&[]);
    up.wait(line("a.1", "up"));
    let asked = app.command(&["restart", "a"]).output_later();
    crate::processes::until("SIGTERM", || app.path("told").exists());
    up.signal(rustix::process::Signal::TERM);
    // Nothing of the stream tells that the signal has come, but the answers do.
    crate::processes::until("the end of the run", || {
        let asked = app.xii(&["scale", "nobody=1"]);
        asked.err.contains("the run is ending")
    });
    app.write("go", "");
    assert_eq!(up.code(), 0);
    let asked = asked.join().expect("it ran");
    assert_eq!(asked.status.code(), Some(1), "{asked:?}");
    assert_eq!(up.count(started("a.1")), 1);
    assert_eq!(up.count(signalled("a.1", "SIGKILL")), 0);
}

#[test]
fn ps_shows_a_table() {
    let app = App::of(&[
        (
            "Procfile",
            "clock: sh idle.sh\nworker: sh idle.sh\nslow: sh idle.sh\nlate: sh idle.sh\n",
        ),
        (
            "xii.toml",
            "[processes]\nslow = { ready = { line = \"never\" } }\nlate = { depends-on = [\"slow\"] }\n",
        ),
        ("idle.sh", IDLE),
    ]);
    let up = app.up(&["--scale", "worker=2"]);
    for instance in ["clock.1", "worker.1", "worker.2", "slow.1"] {
        up.wait(line(instance, "up"));
    }
    app.xii(&["stop", "worker.2"]);
    let shown = app.xii(&["ps"]).out;
    up.stop();
    // Numbers differ from run to run, and with them the widths.
    let masked: Vec<String> = shown.lines().map(mask).collect();
    insta::assert_snapshot!(masked.join("\n"), @r"
    app up N · pid N

    INSTANCE STATE PID PORT UP RESTARTS CPU MEMORY
    clock.1 ready N N N N N s N MB
    worker.1 ready N N N N N s N MB
    worker.2 stopped N
    slow.1 starting N N N N N s N MB
    late.1 waiting N for slow
    ");
}

/// A line with one blank between its words, and N for each number and time.
fn mask(line: &str) -> String {
    let number = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && word
                .chars()
                .all(|c| c.is_ascii_digit() || ".smh".contains(c))
    };
    line.split_whitespace()
        .map(|word| if number(word) { "N" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn the_state_folder_is_for_its_user_alone() {
    let app = idle();
    let up = app.up(&[]);
    up.wait(line("worker.1", "up"));
    let mode = |path: std::path::PathBuf| {
        let about = std::fs::metadata(&path).expect("it is there");
        about.permissions().mode() & 0o777
    };
    assert_eq!(mode(app.state()), 0o700);
    assert_eq!(mode(app.state().join("control.sock")), 0o600);
    assert_eq!(mode(app.state().join("lock")), 0o600);
    up.stop();
    assert!(!app.state().join("control.sock").exists());
}

#[test]
fn a_second_run_of_the_folder_says_how_to_reach_the_first() {
    let app = idle();
    let up = app.up(&[]);
    up.wait(line("worker.1", "up"));
    let second = app.xii(&["up"]);
    assert_eq!(second.code, Some(2), "{second:?}");
    let said = format!(
        "xii: {} is up already (pid {}): see it with `xii ps`, end it with `xii stop`\n",
        app.path("").canonicalize().expect("a folder").display(),
        up.supervisor()
    );
    assert_eq!(second.err, said);
    // It did the first no harm.
    done(&app.xii(&["restart", "clock"]), "restarted clock.1\n");
    up.stop();
}

#[test]
fn a_socket_is_reached_by_a_path_of_any_length() {
    let app = idle();
    let state = app.state().join("very-long".repeat(20));
    let mut command = xii();
    app.set(command.args(["up", "--format", "json"]));
    command.env("XII_STATE", &state);
    let mut up = Up::start(&mut command, state.clone());
    up.wait(line("worker.1", "up"));
    let ask = |words: &[&str]| Run::of(app.command(words).env("XII_STATE", &state));
    let shown = ask(&["ps"]);
    assert!(shown.out.contains("worker.1"), "{shown:?}");
    done(&ask(&["stop"]), "stopped\n");
    assert_eq!(up.code(), 0);
}
