//! Input that cannot be used, and machines that give no more.

use std::process::Command;

use rustix::process::Signal;
use xii_model::{Stream, What};

use crate::events::{did, exited, held, line, note, restarting, started, text};
use crate::harness::{App, Up};
use crate::ports::Ports;
use crate::workbench::skipped;

const IDLE: &str = "echo up; exec sleep 1000\n";

/// Runs `up` to its end: its exit code and its complaints.
fn refused(app: &App, words: &[&str]) -> (Option<i32>, String) {
    let run = app.xii(&[&["up"], words].concat());
    (run.code, run.err)
}

#[test]
fn unknown_types_are_named() {
    let app = App::of(&[("Procfile", "web: sh idle.sh\nworker: sh idle.sh\n")]);
    let (code, said) = refused(&app, &[".", "wroker"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("`wroker`") && said.contains("worker"),
        "{said}"
    );
    let (code, said) = refused(&app, &["--scale", "wbe=2"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("`wbe`"), "{said}");
}

#[test]
fn an_empty_or_broken_procfile_is_told_with_its_place() {
    let app = App::of(&[("Procfile", "# nothing\n")]);
    let (code, said) = refused(&app, &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("Procfile"), "{said}");
    app.write("Procfile", "web sh idle.sh\nworker:\n");
    let (code, said) = refused(&app, &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("Procfile:1:") && said.contains("Procfile:2:"),
        "{said}"
    );
}

#[test]
fn an_env_file_with_errors_is_told_without_its_values() {
    let app = App::of(&[
        ("Procfile", "a: sh idle.sh\n"),
        (".env", "GOOD=1\nTOKEN=\"hunter2\nSECOND=hunter3\n"),
    ]);
    let (code, said) = refused(&app, &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(".env:2:"), "{said}");
    assert!(!said.contains("hunter"), "{said}");
}

#[test]
fn a_command_that_is_not_there_is_named_and_its_type_held() {
    let app = App::of(&[
        (
            "Procfile",
            "a: no-such-program --port $PORT\nb: sh idle.sh\n",
        ),
        ("idle.sh", IDLE),
    ]);
    let why =
        "`no-such-program` was not found in PATH; install it, or mend the command (Procfile:1)";
    let up = app.up(&["--on-exit", "restart"]);
    let event = up.wait(held("a.1"));
    assert_eq!(
        event.what,
        What::Held {
            reason: why.to_owned()
        }
    );
    assert_eq!(up.count(restarting("a.1")), 0);
    up.stop();

    let mut up = app.up(&["--on-exit", "stop"]);
    assert_eq!(up.code(), 127);
    up.wait(note(&format!("a.1: {why}")));
}

#[test]
fn a_folder_that_vanishes_is_told_of_and_comes_back() {
    let app = App::of(&[
        ("Procfile", "a: sh ../idle.sh\n"),
        (
            "xii.toml",
            "[processes.a]\nfolder = \"below\"\n[run]\nrestart-first = \"20ms\"\nrestart-most = \"20ms\"\nhold-after = 100000\n",
        ),
        ("below/file", ""),
        ("idle.sh", IDLE),
    ]);
    let up = app.up(&["--on-exit", "restart"]);
    up.wait(line("a.1", "up"));
    std::fs::remove_dir_all(app.path("below")).expect("it is there");
    crate::harness::send(up.process("a.1").pid, Signal::KILL);
    up.nth(2, note("below is gone; bring it back, then restart it"));
    app.write("below/file", "");
    up.nth(2, line("a.1", "up"));
    up.stop();
}

#[test]
fn all_goes_on_though_the_whole_folder_is_removed() {
    let app = App::of(&[
        ("Procfile", "a: sh idle.sh\nb: sh idle.sh\n"),
        ("idle.sh", IDLE),
    ]);
    let up = app.up(&["--on-exit", "restart"]);
    up.wait(line("a.1", "up"));
    up.wait(line("b.1", "up"));
    std::fs::remove_dir_all(app.path("")).expect("it is there");
    crate::harness::send(up.process("a.1").pid, Signal::KILL);
    up.wait(note("is gone; bring it back, then restart it"));
    assert!(up.process("b.1").runs());
    up.stop();
}

#[test]
fn a_taken_port_names_its_holder() {
    let ports = Ports::new();
    let taken = std::net::TcpListener::bind(("127.0.0.1", ports.base)).expect("it is free");
    let app = App::of(&[("Procfile", "web: sh idle.sh\n"), ("idle.sh", IDLE)]);
    let by = format!("port {} is taken by ", ports.base);
    let pid = format!("(pid {})", std::process::id());
    // The router's.
    let (code, said) = refused(&app, &["--port", &ports.base()]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&by) && said.contains(&pid), "{said}");
    // An instance's.
    let words = ["--port", &ports.base(), "--no-router", "--on-exit", "stop"];
    let mut up = app.up(&words);
    assert_eq!(up.code(), 1);
    let event = up.wait(note(&by));
    assert!(serde_json::to_string(&event).is_ok_and(|json| json.contains(&pid)));
    assert_eq!(up.count(started("web.1")), 0);
    drop(taken);
}

/// `up` under a limit of the shell that calls it.
fn limited(app: &App, limit: &str, words: &str) -> Up {
    let xii = app.command(&[]);
    let line = format!(
        "ulimit {limit}; exec {} up --format json {words}",
        xii.get_program().display()
    );
    let mut command = Command::new("sh");
    app.set(command.args(["-c", &line]));
    Up::start(&mut command, app.state())
}

#[test]
fn without_file_descriptors_it_says_so_and_starts_nothing() {
    let app = App::of(&[("Procfile", "a: sh idle.sh\n"), ("idle.sh", IDLE)]);
    // The shell needs some itself, and a few more are inherited from who runs the tests.
    for most in [12, 20, 40] {
        let mut up = limited(&app, &format!("-n {most}"), "");
        assert_eq!(up.code(), 3, "{}", up.errors());
        assert_eq!(up.count(|_| true), 0);
        let said = up.errors();
        assert!(
            said.contains("more files may be open here, and this needs 51"),
            "{said}"
        );
        assert!(
            said.ends_with("raise the limit with `ulimit -n 256`\n"),
            "{said}"
        );
    }
}

#[test]
fn who_gets_no_more_file_descriptors_is_told_of_and_the_others_run_on() {
    let app = App::of(&[
        ("Procfile", "a: sh idle.sh\n"),
        (
            "xii.toml",
            "[run]\nrestart-first = \"10ms\"\nrestart-most = \"10ms\"\nhold-after = 3\n",
        ),
        ("idle.sh", IDLE),
    ]);
    let up = limited(&app, "-n 100", "--on-exit restart");
    up.wait(line("a.1", "up"));
    let asked = app.xii(&["scale", "a=60"]);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(asked.err.contains("Too many open files"), "{asked:?}");
    up.wait(note("it cannot be started: Too many open files"));
    assert!(up.process("a.1").runs());
    // With fewer it works again.
    let asked = app.xii(&["scale", "a=2"]);
    assert_eq!(asked.code, Some(0), "{asked:?}");
    let asked = app.xii(&["restart", "a.2"]);
    assert_eq!(asked.code, Some(0), "{asked:?}");
    assert_eq!(app.state_of("a.2").0, "ready");
    up.stop();
}

#[test]
fn an_app_goes_on_when_its_log_cannot_be_kept() {
    let app = App::of(&[
        ("Procfile", "a: sh many.sh\n"),
        (
            "many.sh",
            "n=0; while [ $n -lt 20000 ]; do echo a line that is long enough to fill a disk $n; n=$((n+1)); done\n\
             echo through; while ! [ -e end ]; do sleep 0.01; done; exit 0\n",
        ),
        ("xii.toml", "[run]\nlog-size = \"1MiB\"\n"),
    ]);
    // A disk of so little cannot be had without a mount, which only root may make.
    let disk = app.state();
    std::fs::create_dir_all(&disk).expect("a folder");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k,mode=700", "xii-test"])
        .arg(&disk)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        skipped(
            "an_app_goes_on_when_its_log_cannot_be_kept",
            "this user may not mount a small disk",
        );
        return;
    }
    let unmount = Unmount(disk);
    let mut up = app.up(&["--on-exit", "stop"]);
    up.wait(line("a.1", "through"));
    assert_eq!(up.count(line("a.1", "a line")), 20_000);
    app.write("end", "");
    assert_eq!(up.code(), 0);
    let dropped =
        up.count(|event| matches!(&event.what, What::Dropped { sink, .. } if sink == "store"));
    assert!(
        dropped > 0 || up.errors().contains("store"),
        "{}",
        up.errors()
    );
    drop(up);
    drop(unmount);
}

/// Takes a disk away again.
struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let done = Command::new("umount").arg(&self.0).status();
        assert!(done.is_ok_and(|status| status.success()));
    }
}

#[test]
fn a_flood_is_no_harm() {
    let app = App::of(&[
        ("Procfile", "flood: yes\nb: sh idle.sh\n"),
        ("idle.sh", "while :; do echo still here; sleep 0.05; done\n"),
    ]);
    // Nobody needs a million events here: the terminal is a file that swallows all.
    let null = std::fs::OpenOptions::new().write(true).open("/dev/null");
    let mut command = app.command(&["up"]);
    command
        .stdout(null.expect("there is one"))
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("it can be run");
    let pid = child.id().cast_signed();
    let done = std::thread::spawn(move || child.wait_with_output());
    crate::processes::until("lines of both", || {
        let words = ["logs", "--process", "b.1", "-n", "3", "--format", "json"];
        app.xii(&words).out.matches("still here").count() == 3
    });
    let peak = std::fs::read_to_string(format!("/proc/{}/status", supervisor_of(&app)));
    crate::harness::send(pid, Signal::TERM);
    let output = done
        .join()
        .expect("it ran")
        .expect("it is ours to wait for");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let peak = peak.expect("it ran");
    let peak = peak.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes: u64 = peak
        .and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .expect("a peak");
    assert!(kilobytes < 64 << 10, "{kilobytes} kB");
    assert!(crate::processes::carrying(&app.state()).is_empty());
}

fn supervisor_of(app: &App) -> i32 {
    let lock = std::fs::read_to_string(app.state().join("lock")).expect("a lock");
    lock.trim().parse().expect("a process id")
}

#[test]
fn who_closes_its_output_runs_on() {
    let app = App::of(&[
        ("Procfile", "a: sh quiet.sh\n"),
        (
            "quiet.sh",
            "echo last words; exec >&- 2>&-; while ! [ -e end ]; do sleep 0.01; done; exit 3\n",
        ),
    ]);
    let mut up = app.up(&["--on-exit", "stop"]);
    up.wait(line("a.1", "last words"));
    assert_eq!(app.state_of("a.1").0, "ready");
    app.write("end", "");
    assert_eq!(up.code(), 3);
    up.wait(did("a.1", |what| {
        matches!(what, What::Exited { code: Some(3), .. })
    }));
}

#[test]
fn everything_written_before_the_end_comes_before_the_end() {
    let script = "seq 1 200000; printf unterminated; exit 0\n";
    let app = App::of(&[("Procfile", "a: sh many.sh\n"), ("many.sh", script)]);
    let mut up = app.up(&["--on-exit", "stop"]);
    assert_eq!(up.code(), 0);
    let events = up.all(did("a.1", |what| {
        matches!(what, What::Line(_) | What::Exited { .. })
    }));
    assert_eq!(events.len(), 200_002);
    for (at, event) in events[..200_000].iter().enumerate() {
        assert_eq!(text(event), (at + 1).to_string());
    }
    let What::Line(last) = &events[200_000].what else {
        panic!("the end came first")
    };
    assert!(last.unterminated && last.stream == Stream::Stdout);
    assert!(exited("a.1")(&events[200_001]));
}

#[test]
fn a_word_that_is_no_folder_is_a_type() {
    let app = App::of(&[("Procfile", "a: sleep 1000\nb: echo b\n")]);
    let mut up = app.up(&["b", "--on-exit", "stop"]);
    up.wait(line("b.1", "b"));
    assert_eq!(up.code(), 0);
    assert_eq!(up.count(started("a.1")), 0);
    let run = app.xii(&["up", "c"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("no process type is called `c`"),
        "{}",
        run.err
    );
    let run = app.xii(&["up", "no/such/folder"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("no/such/folder"), "{}", run.err);
}
