//! Reading and ending the processes of a measurement.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The variable that every process of a measurement inherits.
pub(super) const MARK: &str = "XII_BENCH_RUN";

/// A process of a measurement.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) words: String,
}

/// The living processes that carry this mark.
pub(super) fn marked(mark: &str) -> Vec<Process> {
    let entry = format!("{MARK}={mark}");
    let mut found = Vec::new();
    for item in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = item.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let environ = fs::read(item.path().join("environ")).unwrap_or_default();
        if environ
            .split(|byte| *byte == 0)
            .any(|one| one == entry.as_bytes())
            && is_alive(pid)
        {
            let words = fs::read(item.path().join("cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            found.push(Process { pid, words });
        }
    }
    found
}

/// Whether a process runs; one that has ended and was not waited for does not.
pub(super) fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// A figure in kilobytes of a file below `/proc/PID`.
fn kilobytes(pid: u32, file: &str, key: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    text.lines()
        .find_map(|line| {
            line.strip_prefix(key)?
                .trim()
                .strip_suffix(" kB")?
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or(0)
}

/// The proportional set size, in kilobytes.
pub(super) fn proportional(pid: u32) -> u64 {
    kilobytes(pid, "smaps_rollup", "Pss:")
}

/// The peak of the resident set, in kilobytes.
pub(super) fn peak(pid: u32) -> u64 {
    kilobytes(pid, "status", "VmHWM:")
}

/// Sends a signal; a process that is gone needs none.
pub(super) fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Kills what is left of a measurement.
pub(super) fn clear(mark: &str) {
    let end = Instant::now() + Duration::from_secs(5);
    loop {
        let left = marked(mark);
        if left.is_empty() || Instant::now() > end {
            return;
        }
        for process in left {
            send(process.pid, Signal::KILL);
        }
        thread::sleep(Duration::from_millis(20));
    }
}
