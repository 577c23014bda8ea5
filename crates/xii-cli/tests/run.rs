//! `xii run`, as its users meet it: real processes, signals, terminals.

mod workbench;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use workbench::{Folder, Run, xii};

/// What is waited for at most; tests end long before.
const PATIENCE: Duration = Duration::from_secs(60);

/// An app's folder and its state folder.
struct App {
    folder: Folder,
}

impl App {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Folder::empty();
        fs::create_dir(folder.join("app")).expect("a folder");
        for (name, text) in files {
            folder.write(&format!("app/{name}"), text.as_bytes());
        }
        App { folder }
    }

    fn path(&self) -> PathBuf {
        fs::canonicalize(self.folder.join("app")).expect("it is there")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = xii();
        command
            .args(words)
            .current_dir(self.path())
            .env("XII_STATE", self.folder.join("state"));
        command
    }

    /// Runs `xii run` to its end, with nothing to read.
    fn run(&self, words: &[&str]) -> Run {
        let words: Vec<_> = ["run"].iter().chain(words).copied().collect();
        Run::of(self.command(&words).stdin(Stdio::null()))
    }

    /// Starts `xii run` with pipes.
    fn start(&self, words: &[&str]) -> Started {
        let words: Vec<_> = ["run"].iter().chain(words).copied().collect();
        Started::of(&mut self.command(&words))
    }

    /// What a script shows that runs at a terminal, to which this is typed.
    fn at_terminal(&self, script: &str) -> Started {
        let mut command = Command::new("script");
        command
            .args([
                "--quiet",
                "--return",
                "--flush",
                "--command",
                script,
                "/dev/null",
            ])
            .current_dir(self.path())
            .env("XII", env!("CARGO_BIN_EXE_xii"))
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            .env("XII_STATE", self.folder.join("state"));
        Started::of(&mut command)
    }

    /// The lines that the log has of an instance.
    fn logged(&self, instance: &str) -> Vec<String> {
        let words = [
            "logs",
            "--format",
            "json",
            "-n",
            "1000000",
            "--process",
            instance,
        ];
        let run = Run::of(&mut self.command(&words));
        let texts = run.out.lines().filter_map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
            Some(event["text"].as_str()?.to_owned())
        });
        texts.collect()
    }
}

/// A program that runs; killed when the test ends before it does.
struct Started {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Started {
    fn of(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("it starts");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        Started { child, out }
    }

    /// The next line, without its end.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("text");
        line.trim_end().to_owned()
    }

    /// Reads lines up to one that holds this.
    fn until(&mut self, wanted: &str) -> String {
        loop {
            let line = self.line();
            assert!(!line.is_empty() || self.child.try_wait().expect("a child").is_none());
            if line.contains(wanted) {
                return line;
            }
        }
    }

    fn type_in(&mut self, keys: &str) {
        let stdin = self.child.stdin.as_mut().expect("a pipe");
        stdin.write_all(keys.as_bytes()).expect("it reads");
        stdin.flush().expect("it reads");
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("it runs");
    }

    /// The rest of its output, and its end. Its input stays open, as a user's terminal does.
    fn end(&mut self) -> (String, ExitStatus) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("text");
        (rest, self.child.wait().expect("a child"))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn is_gone(pid: &str) -> bool {
    let pid = Pid::from_raw(pid.parse().expect("a pid")).expect("a pid");
    // One that was killed and not yet reaped is gone, too.
    let state = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid())).unwrap_or_default();
    test_kill_process(pid).is_err() || state.contains(") Z")
}

#[test]
fn exit_codes_are_those_of_a_shell() {
    let app = App::with(&[("data", "no program\n")]);
    for (words, code, out) in [
        (&["--", "true"][..], 0, ""),
        (&["--", "sh", "-c", "exit 7"], 7, ""),
        (&["--", "sh", "-c", "kill -KILL $$"], 137, ""),
        (&["--", "exit 3"], 3, ""),
        (&["--", "printf 'a\\nb\\n' | wc -l"], 0, "2"),
        (&["--", "printf", "%s|", "a b", "$HOME"], 0, "a b|$HOME|"),
    ] {
        let run = app.run(words);
        assert_eq!(
            (run.code, run.out.trim()),
            (Some(code), out),
            "{words:?} {run:?}"
        );
    }
    let missing = app.run(&["--", "no-such-program", "x"]);
    assert_eq!(missing.code, Some(127));
    assert_eq!(
        missing.err,
        "xii: `no-such-program` was not found in PATH: install it, or mend the command\n"
    );
    assert_eq!(app.run(&["--", "no-such-program --x"]).code, Some(127));
    assert_eq!(app.run(&["--", "./data", "x"]).code, Some(126));
}

#[test]
fn a_task_has_the_environment_and_folder_of_the_processes() {
    let app = App::with(&[
        ("Procfile", "web: true\n"),
        (".env", "A='from .env'\nPORT=6000\n"),
        ("other.env", "A=other\n"),
        (
            "xii.toml",
            "[tasks.show]\ncommand = 'pwd; echo $A $B'\nfolder = \"inner\"\nenv = { B = \"own\" }\n",
        ),
        ("inner/file", ""),
    ]);
    let line = "echo $XII_PROCESS $PS \"$A\" [$PORT]; pwd";
    let run = app.run(&["--", line]);
    let folder = app.path();
    let expected = format!("run.1 run.1 from .env []\n{}\n", folder.display());
    assert_eq!((run.code, run.out), (Some(0), expected));
    let run = app.run(&["--env-file", "other.env", "--", "echo $A"]);
    assert_eq!(run.out, "other\n");
    let run = app.run(&["show"]);
    assert_eq!(
        run.out,
        format!("{}/inner\nfrom .env own\n", folder.display())
    );
}

#[test]
fn tasks_are_called_by_their_names() {
    let app = App::with(&[
        ("Procfile", "web: true\nrelease: echo released\n"),
        ("xii.toml", "[tasks]\ngreet = \"printf '%s.'\"\n"),
        (
            "package.json",
            r#"{"name": "a", "scripts": {"db:migrate": "node migrate.js"}}"#,
        ),
    ]);
    assert_eq!(app.run(&["release"]).out, "released\n");
    assert_eq!(app.run(&["greet", "--", "a b", "--c"]).out, "a b.--c.");
    let wrong = app.run(&["relaese"]);
    assert_eq!(wrong.code, Some(2));
    assert_eq!(
        wrong.err,
        "xii: no task is called `relaese`: did you mean `release`; a command comes after `--`, as in `xii run -- relaese`\n"
    );
    let wrong = app.run(&["python"]);
    assert!(
        wrong.err.contains("there are release, greet, db:migrate;"),
        "{}",
        wrong.err
    );
    let list = app.run(&["--list"]);
    assert_eq!(
        list.out,
        "release     echo released  (Procfile:2)\n\
         greet       printf '%s.'  (xii.toml:2)\n\
         db:migrate  npm run db:migrate  (package.json:1:27)\n"
    );
    assert_eq!(app.run(&[]).code, Some(2));
}

#[test]
fn streams_are_handed_on_byte_for_byte() {
    let app = App::with(&[]);
    let mut command = app.command(&["run", "--", "sh", "-c", "cat; printf 'to err' >&2"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let bytes: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let mut stdin = child.stdin.take().expect("a pipe");
    let given = bytes.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&given));
    let done = child.wait_with_output().expect("a child");
    writer.join().expect("a thread").expect("it reads all");
    assert_eq!(done.status.code(), Some(0));
    assert!(done.stdout == bytes, "{} bytes", done.stdout.len());
    assert_eq!(done.stderr, b"to err");
}

#[test]
fn what_a_task_writes_is_in_the_log() {
    let app = App::with(&[(".env", "API_SECRET=Wq8zPf3kLmW9sT2x\n")]);
    let run = app.run(&[
        "--",
        "echo one; echo two >&2; echo $API_SECRET; printf open",
    ]);
    assert_eq!(run.out, "one\nWq8zPf3kLmW9sT2x\nopen");
    let mut logged = app.logged("run.1");
    logged.sort();
    assert_eq!(logged, ["[hidden]", "one", "open", "two"]);
    let said = Run::of(&mut app.command(&["logs", "--format", "json", "--process", "run.1"]));
    for event in ["\"event\":\"started\"", "\"event\":\"exited\",\"code\":0"] {
        assert!(said.out.contains(event), "{}", said.out);
    }
    app.run(&["--no-log", "--", "echo three"]);
    assert!(!app.logged("run.1").contains(&"three".to_owned()));
}

#[test]
fn a_dump_does_not_push_out_the_log() {
    let app = App::with(&[]);
    app.run(&["--", "echo before"]);
    let run = app.run(&["--", "yes 0123456789abcde | head -c 20000000"]);
    assert_eq!((run.code, run.out.len()), (Some(0), 20_000_000));
    let logged = app.logged("run.1");
    assert_eq!(logged.first().map(String::as_str), Some("before"));
    let lines = logged
        .iter()
        .filter(|line| *line == "0123456789abcde")
        .count();
    assert!((400_000..=(8 << 20) / 16).contains(&lines), "{lines}");
    let said = Run::of(&mut app.command(&["logs", "--format", "json", "--level", "warn"]));
    assert!(
        said.out.contains("of its output the first 8 MiB are kept"),
        "{}",
        said.out
    );
}

#[test]
fn two_tasks_have_two_names() {
    let app = App::with(&[]);
    let mut first = app.start(&["--", "echo $XII_PROCESS; cat"]);
    assert_eq!(first.line(), "run.1");
    assert_eq!(app.run(&["--", "echo $XII_PROCESS"]).out, "run.2\n");
    drop(first.child.stdin.take());
    assert_eq!(first.end().1.code(), Some(0));
    assert_eq!(app.run(&["--", "echo $XII_PROCESS"]).out, "run.1\n");
}

/// Whether this program ignores a signal, as what it starts then does (`proc_pid_status(5)`).
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0) & (1 << (signal.as_raw() - 1)) != 0
}

#[test]
fn signals_reach_the_task_and_its_end_is_ours() {
    let app = App::with(&[]);
    let trap = |signal: &str| {
        format!("trap 'echo caught; exit 5' {signal}; echo ready; while :; do sleep 0.01; done")
    };
    for (name, signal) in [
        ("TERM", Signal::TERM),
        ("INT", Signal::INT),
        ("HUP", Signal::HUP),
        ("USR1", Signal::USR1),
    ] {
        // Under nohup it is ignored by all that is started, which is right and leaves nothing to test.
        if signal == Signal::HUP && is_ignored(signal) {
            continue;
        }
        let mut started = app.start(&["--", "sh", "-c", &trap(name)]);
        assert_eq!(started.line(), "ready");
        started.signal(signal);
        let (rest, status) = started.end();
        assert_eq!(
            (rest.as_str(), status.code()),
            ("caught\n", Some(5)),
            "{name}"
        );
    }
}

#[test]
fn who_ignores_sigterm_is_killed_after_the_grace() {
    let stubborn = "trap '' TERM; echo ready; while :; do sleep 0.01; done";
    let settings = format!("[tasks.stay]\ncommand = \"{stubborn}\"\ngrace = \"100ms\"\n");
    let app = App::with(&[("xii.toml", &settings)]);
    let mut started = app.start(&["stay"]);
    assert_eq!(started.line(), "ready");
    started.signal(Signal::TERM);
    assert_eq!(started.end().1.code(), Some(137));
}

#[test]
fn what_a_shell_started_has_the_grace_too() {
    let app = App::with(&[]);
    // The outer shell dies of SIGTERM at once; the inner one wants to say goodbye.
    let inner =
        "trap 'sleep 0.2; echo goodbye; exit' TERM; echo ready; while :; do sleep 0.01; done";
    let mut started = app.start(&["--", "sh", "-c", "sh -c \"$0\" & wait", inner]);
    assert_eq!(started.line(), "ready");
    started.signal(Signal::TERM);
    assert_eq!(started.end().0, "goodbye\n");
}

#[test]
fn nothing_is_left_behind() {
    let app = App::with(&[]);
    // They hold the pipe open; one leaves the session and ignores what it is told.
    let escape = "setsid sh -c 'trap \"\" TERM HUP; echo $$; touch there; exec sleep 1000' & sleep 1000 & echo $!; until test -e there; do sleep 0.01; done";
    let run = app.run(&["--", "sh", "-c", escape]);
    let pids: Vec<&str> = run.out.split_whitespace().collect();
    assert_eq!(pids.len(), 2, "{run:?}");
    assert!(pids.iter().all(|pid| is_gone(pid)), "{pids:?}");

    let stays = format!("{escape}; wait");
    let mut started = app.start(&["--", "sh", "-c", &stays]);
    let pids = [started.line(), started.line()];
    started.signal(Signal::KILL);
    wait_until("they outlive xii", || pids.iter().all(|pid| is_gone(pid)));
}

#[test]
fn a_reader_that_has_enough_ends_the_task() {
    let app = App::with(&[]);
    let mut command = app.command(&["run", "--", "yes"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    out.read_line(&mut line).expect("text");
    drop(out);
    assert_eq!(
        (line.as_str(), child.wait().expect("a child").code()),
        ("y\n", Some(141))
    );
}

#[test]
fn a_reader_that_takes_nothing_does_not_keep_xii() {
    let app = App::with(&[]);
    // More than two pipes hold: it waits for its reader, and is told to stop.
    let mut waits = app.start(&["--", "echo ready; head -c 1000000 /dev/zero"]);
    assert_eq!(waits.line(), "ready");
    waits.signal(Signal::TERM);
    assert_eq!(waits.child.wait().expect("a child").code(), Some(143));
    // It has ended, and only what it wrote is still on its way: more than the pipe to us holds, and no
    // more than the two together.
    let mut ended = app.start(&["--", "echo $$; head -c 120000 /dev/zero"]);
    let pid = ended.line();
    wait_until("it has written all", || is_gone(&pid));
    ended.signal(Signal::TERM);
    assert_eq!(ended.child.wait().expect("a child").code(), Some(0));
}

#[test]
fn at_a_terminal_a_task_has_one() {
    let app = App::with(&[]);
    let script = "stty cols 91 rows 17; before=$(stty -g); \"$XII\" run -- sh -c 'test -t 0 && test -t 1 && test -t 2 && stty size && exit 6'; echo code $?; test \"$before\" = \"$(stty -g)\" && echo restored";
    let mut started = app.at_terminal(script);
    let (shown, status) = started.end();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines, ["17 91", "code 6", "restored"], "{shown:?}");
    assert_eq!(status.code(), Some(0));
    assert_eq!(app.logged("run.1"), ["17 91"]);
}

#[test]
fn keys_go_to_the_task_and_control_c_is_its_own() {
    let app = App::with(&[]);
    let mut console = app.at_terminal("\"$XII\" run -- sh -c 'echo ready; read answer; echo got $answer; trap \"echo caught; exit 4\" INT; echo again; while :; do sleep 0.01; done'; echo code $?");
    console.until("ready");
    console.type_in("hello\n");
    console.until("got hello");
    console.until("again");
    console.type_in("\u{3}");
    console.until("caught");
    console.until("code 4");
}

#[test]
fn standard_error_that_is_redirected_stays_apart() {
    let app = App::with(&[]);
    let mut started =
        app.at_terminal("\"$XII\" run -- sh -c 'test -t 2; echo $?; echo apart >&2' 2> err");
    let (shown, _) = started.end();
    assert_eq!(shown.trim(), "1");
    let err = fs::read_to_string(app.path().join("err")).expect("a file");
    assert_eq!(err, "apart\n");
}

#[test]
fn a_pipeline_at_a_terminal_does_not_take_it() {
    let app = App::with(&[]);
    let mut started = app.at_terminal("\"$XII\" run -- sh -c 'cat; test -t 1; echo $?' | cat");
    assert_eq!(started.end().0.trim(), "1");
}
