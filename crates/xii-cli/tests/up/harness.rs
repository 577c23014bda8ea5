//! An app's folder, a running `xii up` of it, and what that writes.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use xii_model::{Event, What};

use crate::events::{self, started};
use crate::processes::{self, Process};
use crate::workbench::{Folder, Run, xii};

/// How long anything may take before a test gives up. Nothing takes this long, not even where six
/// compilers run at the same time.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// An app's folder and its state folder.
pub(crate) struct App {
    folder: Folder,
}

impl App {
    /// An app of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let app = App {
            folder: Folder::empty(),
        };
        for (path, text) in files {
            app.write(path, text);
        }
        app
    }

    /// Writes one of its files.
    pub(crate) fn write(&self, path: &str, text: &str) {
        self.folder.write(&format!("app/{path}"), text.as_bytes());
    }

    /// A path in the app's folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join("app").join(path)
    }

    /// The text of one of its files, once it is there and whole: with a line end.
    pub(crate) fn read(&self, path: &str) -> String {
        let mut text = String::new();
        processes::until(&format!("the file {path}"), || {
            text = std::fs::read_to_string(self.path(path)).unwrap_or_default();
            text.ends_with('\n')
        });
        text
    }

    /// The state folder.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// `xii` with these words, to be run in the app's folder.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = xii();
        self.set(command.args(words));
        command
    }

    /// Has a command run in the app's folder, without what this program's caller chose.
    pub(crate) fn set(&self, command: &mut Command) {
        command
            .current_dir(self.path(""))
            .env("XII_STATE", self.state())
            .env_remove("PORT")
            .env_remove("PS")
            .stdin(Stdio::null());
    }

    /// Runs `xii` with these words to its end.
    pub(crate) fn xii(&self, words: &[&str]) -> Run {
        Run::of(&mut self.command(words))
    }

    /// `xii ps --format json`.
    pub(crate) fn ps(&self) -> serde_json::Value {
        self.xii(&["ps", "--format", "json"]).json()
    }

    /// The state of an instance by `xii ps`, and more about it.
    pub(crate) fn state_of(&self, instance: &str) -> (String, String) {
        let status = self.ps();
        let instances = status["instances"].as_array().expect("a list");
        let one = instances.iter().find(|one| one["instance"] == instance);
        let text = |key: &str| {
            let value = one.and_then(|one| one[key].as_str());
            value.unwrap_or_default().to_owned()
        };
        (text("state"), text("why"))
    }

    /// Starts `xii up --format json` with these words.
    pub(crate) fn up(&self, words: &[&str]) -> Up {
        Up::start(
            self.command(&["up", "--format", "json"]).args(words),
            self.state(),
        )
    }
}

/// What a running `up` has written.
#[derive(Default)]
struct Record {
    events: Vec<Event>,
    errors: String,
    over: bool,
}

type Shared = Arc<(Mutex<Record>, Condvar)>;

/// A running `xii up`. It is ended when it is dropped, and must leave nothing behind.
pub(crate) struct Up {
    child: Child,
    state: PathBuf,
    shared: Shared,
    readers: Vec<JoinHandle<()>>,
    status: Option<ExitStatus>,
}

impl Up {
    /// Runs a command that becomes, or starts, `xii up --format json` with this state folder.
    pub(crate) fn start(command: &mut Command, state: PathBuf) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be run");
        let shared = Shared::default();
        let out = child.stdout.take().expect("its output");
        let err = child.stderr.take().expect("its errors");
        let (events, errors) = (Arc::clone(&shared), Arc::clone(&shared));
        let readers = vec![
            thread::spawn(move || read_events(out, &events)),
            thread::spawn(move || read_errors(err, &errors)),
        ];
        Up {
            child,
            state,
            shared,
            readers,
            status: None,
        }
    }

    /// The process that was started: the guard.
    pub(crate) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// The supervisor's process id, which it writes into its lock.
    pub(crate) fn supervisor(&self) -> i32 {
        let lock = std::fs::read_to_string(self.state.join("lock")).expect("a lock");
        lock.trim().parse().expect("a process id")
    }

    /// Waits for the first event that this is true of, also one that was written before.
    pub(crate) fn wait(&self, is_it: impl Fn(&Event) -> bool) -> Event {
        self.nth(1, is_it)
    }

    /// Waits for the how manieth event, from 1, that this is true of.
    pub(crate) fn nth(&self, count: usize, is_it: impl Fn(&Event) -> bool) -> Event {
        let end = Instant::now() + DEADLINE;
        let (mut looked, mut found) = (0, 0);
        let mut record = self.record();
        loop {
            for event in &record.events[looked..] {
                found += usize::from(is_it(event));
                if found == count {
                    return event.clone();
                }
            }
            looked = record.events.len();
            let left = end.saturating_duration_since(Instant::now());
            if record.over || left.is_zero() {
                let why = if record.over {
                    "it ended"
                } else {
                    "the deadline passed"
                };
                let told = told(&record);
                drop(record);
                panic!("{why}, and there were only {found} of {count} such events among\n{told}");
            }
            let waited = self.shared.1.wait_timeout(record, left);
            record = waited.expect("no reader panicked").0;
        }
    }

    /// How many such events there were up to now.
    pub(crate) fn count(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        self.record().events.iter().filter(|one| is_it(one)).count()
    }

    /// All such events up to now.
    pub(crate) fn all(&self, is_it: impl Fn(&Event) -> bool) -> Vec<Event> {
        let record = self.record();
        record
            .events
            .iter()
            .filter(|one| is_it(one))
            .cloned()
            .collect()
    }

    /// The first process of an instance.
    pub(crate) fn process(&self, instance: &str) -> Process {
        self.nth_process(1, instance)
    }

    /// The process of the how manieth start of an instance.
    pub(crate) fn nth_process(&self, count: usize, instance: &str) -> Process {
        match self.nth(count, started(instance)).what {
            What::Started { pid, .. } => Process::written(&pid.to_string()),
            other => panic!("this is no start: {other:?}"),
        }
    }

    /// The process whose id an instance writes behind this word.
    pub(crate) fn told_process(&self, instance: &str, word: &str) -> Process {
        let line = events::text(&self.wait(events::line(instance, word)));
        Process::written(line.rsplit(' ').next().unwrap_or_default())
    }

    /// Sends a signal to the process that was started.
    pub(crate) fn signal(&self, signal: Signal) {
        send(self.pid(), signal);
    }

    /// Waits for its end: its exit code, or 128 and the number of the signal that ended it.
    pub(crate) fn code(&mut self) -> i32 {
        if !self.ended(DEADLINE) {
            let told = told(&self.record());
            panic!("it does not end\n{told}");
        }
        let status = self.status.expect("it ended");
        let signal = status.signal().map(|signal| 128 + signal);
        status.code().or(signal).expect("a code or a signal")
    }

    /// Sends SIGTERM, waits for its end, and asserts that it ended well.
    pub(crate) fn stop(mut self) -> Self {
        self.signal(Signal::TERM);
        let code = self.code();
        assert_eq!(code, 0, "{}", told(&self.record()));
        self
    }

    /// What it wrote to its standard error; whole once it has ended.
    pub(crate) fn errors(&self) -> String {
        self.record().errors.clone()
    }

    fn ended(&mut self, within: Duration) -> bool {
        let child = &mut self.child;
        let status = &mut self.status;
        let over = status.is_some()
            || processes::came(within, || {
                *status = child.try_wait().expect("it is ours to wait for");
                status.is_some()
            });
        if over {
            for reader in self.readers.drain(..) {
                let _ = reader.join();
            }
        }
        over
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.shared.0.lock().expect("no reader panicked")
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if self.status.is_none() {
            self.signal(Signal::TERM);
            if !self.ended(DEADLINE) {
                self.signal(Signal::KILL);
                self.ended(DEADLINE);
            }
        }
        let mut left = Vec::new();
        let none = processes::came(DEADLINE, || {
            left = processes::carrying(&self.state);
            left.is_empty()
        });
        if !none && !thread::panicking() {
            panic!("these outlived it: {left:#?}");
        }
    }
}

/// Running a command while something else happens.
pub(crate) trait Later {
    /// Starts it: its process id, and a thread that runs it to its end.
    fn later(&mut self) -> (i32, JoinHandle<Output>);

    /// The thread alone.
    fn output_later(&mut self) -> JoinHandle<Output> {
        self.later().1
    }
}

impl Later for Command {
    fn later(&mut self) -> (i32, JoinHandle<Output>) {
        let child = self
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be run");
        let pid = child.id().cast_signed();
        let output = move || child.wait_with_output().expect("it is ours to wait for");
        (pid, thread::spawn(output))
    }
}

/// Sends a signal to a process.
pub(crate) fn send(pid: i32, signal: Signal) {
    let pid = Pid::from_raw(pid).expect("a process id");
    kill_process(pid, signal).expect("it is there");
}

fn read_events(out: impl Read, shared: &Shared) {
    for line in BufReader::new(out).lines() {
        let line = line.expect("it is text");
        let event = serde_json::from_str(&line);
        let mut record = shared.0.lock().expect("nobody panicked");
        match event {
            Ok(event) => record.events.push(event),
            Err(error) => record.errors += &format!("no event ({error}): {line}\n"),
        }
        shared.1.notify_all();
    }
    shared.0.lock().expect("nobody panicked").over = true;
    shared.1.notify_all();
}

fn read_errors(mut err: impl Read, shared: &Shared) {
    let mut text = String::new();
    // What is no text is seen by its absence.
    let _ = err.read_to_string(&mut text);
    shared.0.lock().expect("nobody panicked").errors += &text;
}

/// The record, for who has to find out why a test failed.
fn told(record: &Record) -> String {
    let events = &record.events;
    let mut told = String::new();
    for event in &events[events.len().saturating_sub(40)..] {
        let json = serde_json::to_string(event).unwrap_or_default();
        told += &format!("{json}\n");
    }
    format!("{told}({} events)\nerrors: {}", events.len(), record.errors)
}
