//! `xii logs`, as its users meet it: with logs that were written as `xii up` writes them.

mod workbench;

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use workbench::{Folder, Run, xii};
use xii_model::{Event, Instance, Level, Line, Source, Stream, What};
use xii_runtime::log::record::push_event;
use xii_runtime::log::sink::Sink;
use xii_runtime::store::{Settings, Store};

/// An app's folder and its state folder.
struct App {
    folder: Folder,
}

impl App {
    fn new() -> Self {
        let folder = Folder::with(&[("app/Procfile", "web: serve\n")]);
        App { folder }
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    fn logs(&self, words: &[&str]) -> Command {
        let mut command = xii();
        command
            .arg("logs")
            .args(words)
            .current_dir(self.folder.join("app"))
            .env("XII_STATE", self.state());
        command
    }

    fn run(&self, words: &[&str]) -> Run {
        Run::of(&mut self.logs(words))
    }

    /// The texts of the lines that are shown.
    fn texts(&self, words: &[&str]) -> Vec<String> {
        let words: Vec<_> = ["--format", "json"].iter().chain(words).copied().collect();
        let run = self.run(&words);
        assert_eq!(run.code, Some(0), "{run:?}");
        run.out.lines().map(text).collect()
    }

    fn store(&self) -> Store {
        Store::open(&self.state().join("log"), Settings::default()).expect("a store")
    }
}

fn text(json: &str) -> String {
    let event: Value = serde_json::from_str(json).expect("an object a line");
    let text = event["text"].as_str().or(event["event"].as_str());
    text.expect("a text").to_owned()
}

fn event(ago: i64, source: &str, what: What) -> Event {
    Event {
        at: Timestamp::now() - SignedDuration::from_secs(ago),
        source: source.parse().expect("a source"),
        release: None,
        what,
    }
}

fn line(ago: i64, source: &str, text: &str) -> Event {
    let line = Line {
        stream: Stream::Stdout,
        bytes: text.into(),
        continues: false,
        unterminated: false,
        level: None,
    };
    event(ago, source, What::Line(line))
}

fn append(store: &mut Store, events: &[Event]) {
    let mut block = Vec::new();
    for event in events {
        push_event(&mut block, event);
    }
    store.take(&Arc::new(block), events.len() as u64);
}

#[test]
fn what_was_never_run_has_no_log() {
    let app = App::new();
    for words in [&[][..], &["-f"]] {
        let run = app.run(words);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        let folder = std::fs::canonicalize(app.folder.join("app")).expect("it is there");
        let said = format!(
            "xii: nothing was ever run in {}: start it with `xii up`\n",
            folder.display()
        );
        assert_eq!(run.err, said);
    }
    let run = app.run(&["nowhere"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.starts_with("xii: cannot open the folder nowhere: "),
        "{run:?}"
    );
}

#[test]
fn questions_are_answered_across_runs() {
    let app = App::new();
    let failed = Event {
        what: What::Exited {
            code: Some(1),
            signal: None,
            after_ms: 10,
        },
        ..line(300, "web.1", "")
    };
    append(&mut app.store(), &[line(7200, "web.1", "old"), failed]);
    append(
        &mut app.store(),
        &[
            line(200, "web.2", "GET /orders/7"),
            line(100, "worker.1", r#"{"audit":true,"who":"ada"}"#),
            line(50, "web.1", "new"),
        ],
    );
    let all = [
        "old",
        "exited",
        "GET /orders/7",
        r#"{"audit":true,"who":"ada"}"#,
        "new",
    ];
    assert_eq!(app.texts(&[]), all);
    assert_eq!(app.texts(&["-n", "2"]), all[3..]);
    assert_eq!(app.texts(&["-n0"]), all[5..]);
    assert_eq!(app.texts(&["--process", "web.1"]), ["old", "exited", "new"]);
    assert_eq!(app.texts(&["--process", "web.2,worker"]), all[2..4]);
    assert_eq!(app.texts(&["--level", "error"]), ["exited"]);
    assert_eq!(app.texts(&["--since", "10m"]), all[1..]);
    assert_eq!(app.texts(&["--since", "10m", "--until", "70s"]), all[1..4]);
    assert_eq!(app.texts(&["--grep", r"orders/\d"]), ["GET /orders/7"]);
    assert_eq!(app.texts(&["--audit"]), all[3..4]);
    assert_eq!(app.texts(&["--only", "events"]), ["exited"]);
    assert_eq!(app.texts(&["-n", "all", "--only", "lines"]).len(), 4);
    // For people, each is on a line of its own, after its time and its source.
    let run = app.run(&["-n", "2"]);
    let shown: Vec<_> = run.out.lines().rev().collect();
    assert!(
        shown[0].contains(" web.1 ") && shown[0].ends_with("| new"),
        "{run:?}"
    );
    assert!(
        shown[1].contains(" worker.1 ") && shown[1].contains("ada"),
        "{run:?}"
    );
}

#[test]
fn json_holds_the_event_as_it_was_recorded() {
    let app = App::new();
    let event = Event {
        at: "2026-11-20T14:02:11.123456789Z".parse().expect("a time"),
        source: Source::Instance(Instance::new("web", 1)),
        release: Some("v3".to_owned()),
        what: What::Line(Line {
            stream: Stream::Stderr,
            bytes: b"not \xff UTF-8".to_vec(),
            continues: true,
            unterminated: false,
            level: Some(Level::Error),
        }),
    };
    append(&mut app.store(), std::slice::from_ref(&event));
    let run = app.run(&["--format", "json"]);
    let back: Event = serde_json::from_str(&run.out).expect("one object");
    assert_eq!(back, event);
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let app = App::new();
    let run = app.run(&["--since", "soon", "--until", "later", "--grep", "("]);
    assert_eq!(run.code, Some(2));
    let said: Vec<_> = run.err.lines().collect();
    assert_eq!(said.len(), 3, "{run:?}");
    assert!(said[0].starts_with("xii: --since: `soon` is no time"));
    assert!(said[1].starts_with("xii: --until: `later` is no time"));
    assert_eq!(said[2], "xii: --grep: `(` is no pattern: unclosed group");
    for words in [
        &["-n", "-3"][..],
        &["-n", "x"],
        &["--process", "web 1"],
        &["--level", "loud"],
        &["-f", "--until", "1m"],
    ] {
        assert_eq!(app.run(words).code, Some(2), "{words:?}");
    }
}

#[test]
fn that_nothing_matches_is_said_apart() {
    let app = App::new();
    let _store = app.store();
    let run = app.run(&[]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""));
    assert!(run.err.contains("nothing was logged in "), "{run:?}");
    append(
        &mut app.store(),
        &[line(1, "web.1", "a"), line(1, "xii", "b")],
    );
    let run = app.run(&["--grep", "c"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""));
    assert_eq!(run.err, "xii: nothing that was logged matches\n");
    let run = app.run(&["--process", "wbe"]);
    assert_eq!(
        run.err,
        "xii: nothing was logged by `wbe`; there is web.1, xii\n"
    );
}

/// A follower that is stopped when its test ends.
struct Follower {
    child: Child,
    lines: Option<BufReader<ChildStdout>>,
}

impl Follower {
    fn of(app: &App, words: &[&str]) -> Self {
        let mut child = app
            .logs(&["-f", "--format", "json"])
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("xii runs");
        let lines = child.stdout.take().map(BufReader::new);
        Follower { child, lines }
    }

    fn next(&mut self) -> String {
        let mut line = String::new();
        let lines = self.lines.as_mut().expect("a pipe");
        lines.read_line(&mut line).expect("it is read");
        text(&line)
    }

    /// Its end: nothing is said.
    fn end(mut self) -> std::process::ExitStatus {
        let mut said = String::new();
        let errors = self.child.stderr.as_mut().expect("a pipe");
        errors.read_to_string(&mut said).expect("it is read");
        assert_eq!(said, "");
        self.child.wait().expect("it ends")
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_follower_shows_what_comes_from_every_run() {
    let app = App::new();
    let mut first = app.store();
    append(&mut first, &[line(2, "web.1", "a"), line(1, "web.1", "b")]);
    let mut follower = Follower::of(&app, &["-n", "1", "--process", "web"]);
    assert_eq!(follower.next(), "b");
    append(
        &mut first,
        &[line(0, "web.1", "c"), line(0, "worker.1", "not asked for")],
    );
    assert_eq!(follower.next(), "c");
    drop(first);
    append(&mut app.store(), &[line(0, "web.1", "of the next run")]);
    assert_eq!(follower.next(), "of the next run");
    // Somebody tidies up, and it goes on.
    std::fs::remove_dir_all(app.state()).expect("it can be removed");
    append(&mut app.store(), &[line(0, "web.1", "in a new folder")]);
    assert_eq!(follower.next(), "in a new folder");
    let pid = Pid::from_child(&follower.child);
    // Not an interrupt: whoever runs these tests in the background of a shell has it ignored.
    kill_process(pid, Signal::TERM).expect("it runs");
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(follower.end().signal(), Some(Signal::TERM.as_raw()));
}

#[test]
fn a_follower_that_nobody_reads_ends() {
    let app = App::new();
    append(&mut app.store(), &[line(1, "web.1", "a")]);
    let mut follower = Follower::of(&app, &[]);
    assert_eq!(follower.next(), "a");
    // Nothing more is written: it has to find out by itself.
    follower.lines = None;
    assert!(follower.end().success());
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let app = App::new();
    let text = "x".repeat(1000);
    let events: Vec<_> = (0..2000).map(|_| line(1, "web.1", &text)).collect();
    append(&mut app.store(), &events);
    let mut child = app
        .logs(&["-n", "all"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("xii runs");
    drop(child.stdout.take());
    let run = child.wait_with_output().expect("it ends");
    assert!(run.status.success() && run.stderr.is_empty(), "{run:?}");
}

#[test]
fn a_run_whose_files_may_not_grow_goes_on_and_loses_nothing() {
    let app = App::new();
    let script = "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; done";
    app.folder
        .write("app/Procfile", format!("worker: {script}\n").as_bytes());
    let done = Command::new("sh")
        // Half a kilobyte each, or one: far less than the log, in any shell.
        .args(["-c", "ulimit -f 16; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_xii"))
        .args(["up", "--no-router", "--on-exit", "stop"])
        .current_dir(app.folder.join("app"))
        .env("XII_STATE", app.state())
        .stdin(Stdio::null())
        .output()
        .expect("xii runs");
    assert!(done.status.success(), "{done:?}");
    let numbers = app.texts(&["-n", "all", "--only", "lines"]);
    assert!(numbers.into_iter().eq((1..=2000).map(|n| n.to_string())));
    let segments = std::fs::read_dir(app.state().join("log")).expect("a folder");
    assert!(segments.count() > 1);
}
