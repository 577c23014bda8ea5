//! Which processes there are, and which came of which.

use std::collections::HashSet;

use rustix::process::{Pid, Signal};

/// A process as the system lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Its id.
    pub pid: i32,
    /// Its parent's id.
    pub parent: i32,
    /// Its process group.
    pub group: i32,
    /// Ticks since boot at its start: with the pid it names one process for ever. 0 where unknown.
    pub started: u64,
    /// It has ended and waits to be reaped.
    pub zombie: bool,
}

impl ProcessInfo {
    /// Whether the other is the same process, and not a later one with the same id.
    pub(crate) fn is(&self, other: &ProcessInfo) -> bool {
        self.pid == other.pid && self.started == other.started
    }
}

/// All processes that can be seen.
#[cfg(target_os = "linux")]
pub fn list() -> Vec<ProcessInfo> {
    let Ok(folder) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    folder
        .filter_map(|entry| {
            let name = entry.ok()?.file_name();
            info(name.to_str()?.parse().ok()?)
        })
        .collect()
}

/// One process, by `proc_pid_stat(5)`.
#[cfg(target_os = "linux")]
fn info(pid: i32) -> Option<ProcessInfo> {
    let mut file = std::fs::File::open(format!("/proc/{pid}/stat")).ok()?;
    // Some 300 bytes, in one read: this is done for every process of the machine.
    let mut stat = [0; 1024];
    let length = std::io::Read::read(&mut file, &mut stat).ok()?;
    parse(pid, stat.get(..length)?)
}

/// The second field is the program's name in brackets, which may itself hold brackets and spaces.
#[cfg(target_os = "linux")]
fn parse(pid: i32, stat: &[u8]) -> Option<ProcessInfo> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(stat.get(end + 2..)?).ok()?;
    let fields: Vec<&str> = rest.split(' ').collect();
    Some(ProcessInfo {
        pid,
        zombie: matches!(*fields.first()?, "Z" | "X"),
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

/// All processes that can be seen, by `ps(1)`, which every Unix has.
#[cfg(not(target_os = "linux"))]
pub fn list() -> Vec<ProcessInfo> {
    let Ok(output) = std::process::Command::new("ps")
        .args(["-axo", "pid=,ppid=,pgid=,stat="])
        .output()
    else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let mut number = || words.next()?.parse().ok();
            Some(ProcessInfo {
                pid: number()?,
                parent: number()?,
                group: number()?,
                started: 0,
                zombie: words.next()?.starts_with('Z'),
            })
        })
        .collect()
}

/// Those of the list that came of this process, itself not among them.
pub fn descendants(all: &[ProcessInfo], of: i32) -> Vec<ProcessInfo> {
    let mut known = HashSet::from([of]);
    let mut found = Vec::new();
    // A child may be listed before its parent: go on until nothing is new.
    loop {
        let before = found.len();
        for process in all {
            if known.contains(&process.parent) && known.insert(process.pid) {
                found.push(*process);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// The processes of a group, and all that came of its leader.
pub(crate) fn members(leader: Pid) -> Vec<u32> {
    let all = list();
    let group = leader.as_raw_pid();
    let mut members = descendants(&all, group);
    members.extend(all.iter().filter(|process| process.group == group));
    members
        .iter()
        .map(|process| process.pid.cast_unsigned())
        .collect()
}

/// Sends SIGKILL to all that came of this process, and says how many of them were still alive.
pub(crate) fn kill_descendants(of: Pid) -> usize {
    let alive: Vec<_> = descendants(&list(), of.as_raw_pid())
        .into_iter()
        .filter(|process| !process.zombie)
        .collect();
    for process in &alive {
        if let Some(pid) = Pid::from_raw(process.pid) {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
    }
    alive.len()
}

/// Whether the group has a member that has not ended.
pub(crate) fn group_alive(group: Pid) -> bool {
    // A zombie answers this too, so only a refusal settles it.
    rustix::process::test_kill_process_group(group).is_ok()
        && list()
            .iter()
            .any(|process| process.group == group.as_raw_pid() && !process.zombie)
}

/// Whether the process was started with this variable and value, by `proc_pid_environ(5)`.
#[cfg(target_os = "linux")]
pub fn carries(pid: i32, name: &str, value: &str) -> bool {
    let wanted = format!("{name}={value}");
    std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == wanted.as_bytes())
    })
}

/// Whether the process was started with this variable and value: cannot be told here.
#[cfg(not(target_os = "linux"))]
pub fn carries(_: i32, _: &str, _: &str) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_confuse() {
        let stat = b"42 (a) b) c) S 1 40 40 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1";
        assert_eq!(
            parse(42, stat),
            Some(ProcessInfo {
                pid: 42,
                parent: 1,
                group: 40,
                started: 12345,
                zombie: false
            })
        );
        assert_eq!(parse(1, b"1 (sh"), None);
    }

    #[test]
    fn descendants_are_found_in_any_order() {
        let process = |pid, parent| ProcessInfo {
            pid,
            parent,
            group: 0,
            started: 0,
            zombie: false,
        };
        let all = [process(5, 4), process(4, 3), process(3, 1), process(9, 1)];
        let mut found: Vec<_> = descendants(&all, 3).iter().map(|one| one.pid).collect();
        found.sort_unstable();
        assert_eq!(found, [4, 5]);
    }
}
