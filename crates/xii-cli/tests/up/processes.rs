//! What the system knows of processes, by `proc(5)`.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::harness::DEADLINE;

/// One process for ever: ids are given again, but not with the same start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    pub(crate) zombie: bool,
    started: String,
}

impl Process {
    /// The process that has this id now.
    pub(crate) fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in brackets may itself hold brackets and spaces.
        let (_, fields) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        Some(Process {
            pid,
            parent: fields[1].parse().ok()?,
            zombie: matches!(fields[0], "Z" | "X"),
            started: fields[19].to_owned(),
        })
    }

    /// The process that has this id, as an app wrote it.
    pub(crate) fn written(text: &str) -> Self {
        let pid = text.trim().parse().expect("a process id");
        Process::of(pid).unwrap_or_else(|| panic!("process {pid} is gone already"))
    }

    /// Whether it runs.
    pub(crate) fn runs(&self) -> bool {
        Process::of(self.pid).is_some_and(|now| now.started == self.started && !now.zombie)
    }
}

/// All processes.
pub(crate) fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("there is /proc");
    entries
        .filter_map(|entry| Process::of(entry.ok()?.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// The processes that this one started and that run.
pub(crate) fn children(pid: i32) -> Vec<Process> {
    let mut all = all();
    all.retain(|one| one.parent == pid && !one.zombie);
    all
}

/// Processes that were started with this state folder, and what they run.
pub(crate) fn carrying(state: &Path) -> Vec<String> {
    let wanted = format!("XII_STATE={}", state.display());
    all()
        .iter()
        .filter(|one| {
            fs::read(format!("/proc/{}/environ", one.pid)).is_ok_and(|environment| {
                environment
                    .split(|byte| *byte == 0)
                    .any(|variable| variable == wanted.as_bytes())
            })
        })
        .map(|one| {
            let words = fs::read(format!("/proc/{}/cmdline", one.pid)).unwrap_or_default();
            format!(
                "{} {}",
                one.pid,
                String::from_utf8_lossy(&words).replace('\0', " ")
            )
        })
        .collect()
}

/// Waits for what no event tells of.
pub(crate) fn until(what: &str, done: impl FnMut() -> bool) {
    assert!(came(DEADLINE, done), "{what} did not come about");
}

/// Whether it came about in this time.
pub(crate) fn came(within: Duration, mut done: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + within;
    while !done() {
        if Instant::now() > end {
            return false;
        }
        // Between two looks, for what cannot be waited for.
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// Waits until none of them runs.
pub(crate) fn gone(processes: &[Process]) {
    until(&format!("the end of {processes:?}"), || {
        !processes.iter().any(Process::runs)
    });
}
