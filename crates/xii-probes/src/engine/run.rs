//! One instance of the app, started by a probe and watched.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, waitpid};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::spawn_local;
use tokio::time::timeout;
use xii_model::{Event, Instance, Source, What};
use xii_runtime::log::{PumpHandle, StreamId};
use xii_runtime::platform::{self, ProcessInfo};
use xii_runtime::supervisor::signal_name;

use super::copies::Lent;
use super::record::Record;
use super::script::Script;
use super::stream::Runs;
use crate::interposer::Interposer;

/// How long what was in the pipes at the end may take to be read.
const LAST_LINES: Duration = Duration::from_secs(5);
/// How long processes may take to go once SIGKILL was sent.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code, when it ended by itself.
    pub code: Option<i32>,
    /// The number of the signal that ended it.
    pub signal: Option<i32>,
    /// From its start.
    pub after: Duration,
}

impl Ended {
    /// `exited with 1`, `was ended by SIGTERM`.
    pub fn words(&self) -> String {
        match (self.code, self.signal) {
            (_, Some(signal)) => format!("was ended by {}", signal_name(signal)),
            (Some(code), None) => format!("exited with {code}"),
            (None, None) => "ended".to_owned(),
        }
    }
}

/// Whom a signal is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The process that was started, as a container's platform does.
    Leader,
    /// All of its group.
    Group,
    /// Everything that came of it, whatever group or session it is in.
    Tree,
}

/// An instance of the app, from its start until nothing is left of it. Dropped, it is killed with
/// everything that came of it.
#[derive(Debug)]
pub struct Run {
    /// What it is called.
    pub instance: Instance,
    /// The port that it was given in `PORT`.
    pub given_port: u16,
    /// The process that was started.
    pub pid: Pid,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// What happened in it.
    pub record: Record,
    /// When it was started.
    pub began: Instant,
    /// The time between SIGTERM and SIGKILL that it has declared.
    pub grace: Duration,
    pub(super) key: String,
    pub(super) port: Cell<u16>,
    pub(super) ended: watch::Receiver<Option<Ended>>,
    pub(super) interposers: Vec<(String, Interposer)>,
    pub(super) streams: Vec<StreamId>,
    pub(super) pump: PumpHandle,
    pub(super) runs: Runs,
    pub(super) script: RefCell<Option<Script>>,
    pub(super) drained: Cell<bool>,
    /// The copy that it has for itself, if it has: given back when all else is done.
    pub(super) lent: RefCell<Option<Lent>>,
}

impl Run {
    /// The port that it really listens on, once that is known.
    pub fn port(&self) -> u16 {
        self.port.get()
    }

    /// What stands between it and a resource, by the resource's name.
    pub fn resource(&self, name: &str) -> Option<&Interposer> {
        let found = self.interposers.iter().find(|(known, _)| known == name);
        found.map(|(_, interposer)| interposer)
    }

    /// All that stands between it and its resources.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &Interposer)> {
        self.interposers
            .iter()
            .map(|(name, one)| (name.as_str(), one))
    }

    /// Since its start.
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether the process that was started has not ended.
    pub fn runs(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// How it ended, if it has.
    pub fn end(&self) -> Option<Ended> {
        *self.ended.borrow()
    }

    /// Waits until the process that was started has ended, and its output was read; `None`: it runs on.
    pub async fn ended(&self, within: Duration) -> Option<Ended> {
        let mut ended = self.ended.clone();
        let over = async { ended.wait_for(Option::is_some).await.is_ok() };
        if !timeout(within, over).await.unwrap_or(false) {
            return None;
        }
        let end = self.end();
        if self.survivors().is_empty() {
            self.drain().await;
        }
        end
    }

    /// Writes down that something happened to it.
    pub(super) fn say(&self, what: What) {
        let event = Event {
            at: Timestamp::now(),
            source: Source::Instance(self.instance.clone()),
            release: None,
            what,
        };
        if let Some(script) = &*self.script.borrow() {
            script.take(std::slice::from_ref(&event));
        }
        self.record.push(event);
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal, to: To) {
        let whom = match to {
            To::Leader => "to the process that was started",
            To::Group => "to its group",
            To::Tree => "to everything that came of it",
        };
        self.say(What::Signalled {
            signal: signal_name(signal.as_raw()),
            reason: whom.to_owned(),
        });
        match to {
            // Gone already: then there is nothing to do.
            To::Leader => drop(rustix::process::kill_process(self.pid, signal)),
            To::Group => drop(rustix::process::kill_process_group(self.pid, signal)),
            To::Tree => {
                for process in self.processes() {
                    if let Some(pid) = Pid::from_raw(process.pid) {
                        let _ = rustix::process::kill_process(pid, signal);
                    }
                }
            }
        }
    }

    /// Everything of it that has not ended: descendants, its group, and what has its key in its
    /// environment.
    pub fn processes(&self) -> Vec<ProcessInfo> {
        let all = platform::list();
        let leader = self.pid.as_raw_pid();
        let mut found: Vec<ProcessInfo> = all
            .iter()
            .filter(|one| one.pid == leader || one.group == leader)
            .copied()
            .collect();
        for one in platform::descendants(&all, leader) {
            if !found.iter().any(|known| known.pid == one.pid) {
                found.push(one);
            }
        }
        let own = std::process::id().cast_signed();
        for one in &all {
            // An orphan is ours: whose it was its environment says.
            if one.parent == own
                && !found.iter().any(|known| known.pid == one.pid)
                && platform::carries(one.pid, KEY, &self.key)
            {
                found.push(*one);
                for below in platform::descendants(&all, one.pid) {
                    if !found.iter().any(|known| known.pid == below.pid) {
                        found.push(below);
                    }
                }
            }
        }
        found.retain(|one| !one.zombie);
        found
    }

    /// How long it could have gone on and had no processor since its start, as far as the system tells: the
    /// process that was started and the one that had to wait most. On a busy machine this is not the app's doing.
    pub fn held_up(&self) -> Duration {
        let waited = |pid: i32| scheduled(pid).1;
        let others = self.survivors();
        let most = others.iter().map(|one| waited(one.pid)).max();
        (waited(self.pid.as_raw_pid()) + most.unwrap_or_default()).min(self.age())
    }

    /// How long its processes have worked, or waited for a processor to work on.
    pub(super) fn work(&self) -> Duration {
        let all = self.processes();
        all.iter()
            .map(|one| scheduled(one.pid))
            .map(|(ran, waited)| ran + waited)
            .sum()
    }

    /// What runs on besides the process that was started.
    pub fn survivors(&self) -> Vec<ProcessInfo> {
        let mut all = self.processes();
        all.retain(|one| one.pid != self.pid.as_raw_pid());
        all
    }

    /// Stops it as a platform does: SIGTERM to the process that was started, its grace, then SIGKILL to
    /// all that is left. Returns how it ended; `None`: it had to be killed.
    pub async fn stop(&self) -> Option<Ended> {
        if self.runs() {
            self.signal(Signal::TERM, To::Leader);
        }
        let ended = self.ended(self.grace).await;
        self.kill().await;
        ended
    }

    /// Kills it and everything that came of it, and waits until it is gone.
    pub async fn kill(&self) {
        let end = Instant::now() + AFTER_KILL;
        let mut told = false;
        loop {
            let left = self.processes();
            if left.is_empty() && !self.runs() {
                break;
            }
            if !told && !left.is_empty() {
                told = true;
                self.say(What::Signalled {
                    signal: "SIGKILL".to_owned(),
                    reason: "to everything that is left of it".to_owned(),
                });
            }
            for process in &left {
                if let Some(pid) = Pid::from_raw(process.pid) {
                    let _ = rustix::process::kill_process(pid, Signal::KILL);
                }
            }
            if Instant::now() > end {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        reap_orphans();
        self.drain().await;
    }

    /// Waits until all that it wrote was read.
    async fn drain(&self) {
        if !self.drained.replace(true) {
            let _ = timeout(LAST_LINES, self.pump.detach(&self.streams)).await;
        }
    }

    /// Its folder's path of a file, for messages: relative where it is below.
    pub fn shown<'a>(&self, path: &'a str) -> &'a str {
        let folder = self.folder.to_str().unwrap_or_default();
        path.strip_prefix(folder)
            .map_or(path, |rest| rest.trim_start_matches('/'))
    }

    /// Whether a path is below its folder.
    pub fn owns(&self, path: &str) -> bool {
        Path::new(path).starts_with(&self.folder)
    }
}

/// How long the first thread of a process ran, and how long it waited for a processor (`/proc/PID/schedstat`,
/// Linux, Documentation/scheduler/sched-stats).
fn scheduled(pid: i32) -> (Duration, Duration) {
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap_or_default();
    let mut numbers = text.split_ascii_whitespace().map(|one| one.parse().ok());
    let mut next = || Duration::from_nanos(numbers.next().flatten().unwrap_or_default());
    (next(), next())
}

impl Drop for Run {
    fn drop(&mut self) {
        let end = Instant::now() + AFTER_KILL;
        loop {
            let left = self.processes();
            if left.is_empty() || Instant::now() > end {
                break;
            }
            for process in &left {
                if let Some(pid) = Pid::from_raw(process.pid) {
                    let _ = rustix::process::kill_process(pid, Signal::KILL);
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        reap_orphans();
        if !self.drained.get() {
            drop(self.pump.detach(&self.streams));
        }
        self.runs.remove(&self.key);
        self.record.shrink();
    }
}

/// The variable that says to which run a process belongs, whoever its parent is by then.
pub(super) const KEY: &str = "XII_RUN";

/// Waits for orphans that have ended: this process adopts them.
fn reap_orphans() {
    let own = std::process::id().cast_signed();
    for process in platform::list() {
        // A leader's end is told to whom it concerns: its parent is this process, too, but it leads its
        // own group, which an orphan's leader has left behind.
        if process.parent == own
            && process.zombie
            && process.group != process.pid
            && let Some(pid) = Pid::from_raw(process.pid)
        {
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }
}

/// Tells when a process has ended.
pub(super) fn follow(
    pid: Pid,
    began: Instant,
    told: impl FnOnce(Ended) + 'static,
) -> std::io::Result<watch::Receiver<Option<Ended>>> {
    let mut children = signal(SignalKind::child())?;
    let (tell, ended) = watch::channel(None);
    spawn_local(async move {
        let status = loop {
            match waitpid(Some(pid), WaitOptions::NOHANG) {
                Ok(Some((_, status))) => break Some(status),
                Ok(None) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => break None,
            }
            if children.recv().await.is_none() {
                break None;
            }
        };
        let end = Ended {
            code: status.and_then(WaitStatus::exit_status),
            signal: status.and_then(WaitStatus::terminating_signal),
            after: began.elapsed(),
        };
        told(end);
        tell.send_replace(Some(end));
    });
    Ok(ended)
}
