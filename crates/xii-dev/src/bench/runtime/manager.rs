//! A manager that runs an app, from its start to its end.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode};
use rustix::process::Signal;

use super::app::App;
use super::peer::Peer;
use super::system::{self, Process};
use crate::work::Outcome;

/// A line that a process of the app wrote to the pipe, and when.
pub(super) type Mark = (Instant, String);

/// A manager that runs.
pub(super) struct Manager {
    child: Child,
    pub(super) app: App,
    pub(super) started: Instant,
    pub(super) marks: Receiver<Mark>,
    mark: String,
}

impl Manager {
    /// Starts it; its output goes to a file.
    pub(super) fn start(peer: &Peer, program: &Path, app: App) -> Outcome<Manager> {
        static RUN: AtomicU32 = AtomicU32::new(0);
        let cannot = |what: &str, error: std::io::Error| format!("cannot {what}: {error}");
        let path = app.marks();
        rustix::fs::mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0)
            .map_err(|error| cannot("make a pipe", error.into()))?;
        // For writing as well, so that it does not end between two writers.
        let pipe = OpenOptions::new().read(true).write(true).open(&path);
        let pipe = pipe.map_err(|error| cannot("open a pipe", error))?;
        let (tell, marks) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if tell.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
        let create = |name: &str| {
            File::create(app.folder.join(name)).map_err(|error| cannot("make a file", error))
        };
        let mark = format!(
            "{}-{}",
            std::process::id(),
            RUN.fetch_add(1, Ordering::Relaxed)
        );
        let mut command = peer.command(program, &app.folder);
        command
            .env(system::MARK, &mark)
            .stdin(Stdio::null())
            .stdout(create("out")?)
            .stderr(create("err")?);
        let started = Instant::now();
        let child = command.spawn().map_err(|error| cannot("start it", error))?;
        Ok(Manager {
            child,
            app,
            started,
            marks,
            mark,
        })
    }

    /// Waits for so many marks; the time of the last.
    pub(super) fn wait_for(&self, count: usize, most: Duration) -> Outcome<Vec<Mark>> {
        let end = Instant::now() + most;
        let mut seen = Vec::new();
        while seen.len() < count {
            let left = end.saturating_duration_since(Instant::now());
            match self.marks.recv_timeout(left) {
                Ok(mark) => seen.push(mark),
                Err(_) => {
                    return Err(format!(
                        "{} of {count} processes said that they ran{}",
                        seen.len(),
                        self.complaint()
                    ));
                }
            }
        }
        Ok(seen)
    }

    /// The last line that it wrote to standard error.
    fn complaint(&self) -> String {
        let text = fs::read_to_string(self.app.folder.join("err")).unwrap_or_default();
        text.lines().next_back().map_or(String::new(), |line| {
            format!(" ({})", line.chars().take(120).collect::<String>())
        })
    }

    /// The manager's own processes: all that came of it but the app's.
    pub(super) fn own(&self) -> Vec<Process> {
        let mut own = system::marked(&self.mark);
        own.retain(|process| !self.app.owns(&process.words));
        own
    }

    /// The files that hold what the app wrote.
    pub(super) fn outputs(&self) -> Vec<PathBuf> {
        let each = self
            .app
            .names
            .iter()
            .map(|name| self.app.folder.join(format!("out.{name}")));
        let each: Vec<_> = each.filter(|path| path.exists()).collect();
        if each.is_empty() {
            vec![self.app.folder.join("out")]
        } else {
            each
        }
    }

    /// Sends a signal to the process that was started.
    pub(super) fn signal(&self, signal: Signal) {
        system::send(self.child.id(), signal);
    }

    /// Waits for its end; the time of it.
    pub(super) fn end(&mut self, most: Duration) -> Option<Instant> {
        let end = Instant::now() + most;
        loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(2)),
                Ok(None) | Err(_) => return None,
                Ok(Some(_)) => return Some(Instant::now()),
            }
        }
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        if self.end(Duration::from_secs(2)).is_none() {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
        system::clear(&self.mark);
    }
}
