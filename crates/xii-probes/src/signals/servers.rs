//! Which processes of an instance serve.

use std::collections::HashSet;
use std::fmt;
use std::fs;

use xii_runtime::platform::ProcessInfo;

use crate::engine::Run;

/// A process with the words that it was started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its id.
    pub(crate) pid: i32,
    /// The program and its first word or two; empty where the system does not tell.
    pub(crate) words: String,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.words.as_str() {
            "" => write!(f, "pid {}", self.pid),
            words => write!(f, "`{words}` (pid {})", self.pid),
        }
    }
}

/// The longest name that a message carries, in characters.
const LONGEST: usize = 60;

/// A process by its id, with its name (`proc_pid_cmdline(5)`).
pub(crate) fn named(pid: i32) -> Named {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    Named {
        pid,
        words: short(&line),
    }
}

/// The program without its folder, and what follows as far as it fits: an argument may be anything.
fn short(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let mut words = line.split('\0').filter(|word| !word.is_empty());
    let program = words.next().unwrap_or_default();
    let mut shown = program.rsplit('/').next().unwrap_or_default().to_owned();
    for word in words.take(2) {
        shown.push(' ');
        shown.push_str(word.rsplit('/').next().unwrap_or_default());
    }
    // A shell's script is one word and may have many lines.
    let shown: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    match shown.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown,
    }
}

/// The processes of an instance that listen on its port, the one that was started first. Those that a
/// listening socket was handed down to are among them. None where the system does not tell.
pub(crate) fn servers(run: &Run) -> Vec<ProcessInfo> {
    let mut sockets = HashSet::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        if let Ok(text) = fs::read_to_string(table) {
            sockets.extend(listening(&text, run.port()));
        }
    }
    let leader = run.pid.as_raw_pid();
    let mut found: Vec<ProcessInfo> = run
        .processes()
        .into_iter()
        .filter(|one| holds(one.pid, &sockets))
        .collect();
    found.sort_by_key(|one| (one.pid != leader, one.pid));
    found
}

/// The inodes of sockets that listen on a port (`proc_net(5)`: the second field is the address, the fourth the
/// state, 0A is LISTEN, the tenth the inode).
fn listening(table: &str, port: u16) -> Vec<String> {
    let wanted = format!(":{port:04X}");
    let lines = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = fields.get(3) == Some(&"0A") && fields.get(1)?.ends_with(&wanted);
        listens.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    });
    lines.collect()
}

fn holds(pid: i32, sockets: &HashSet<String>) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .any(|target| {
            let target = target.to_string_lossy();
            let inode = target
                .strip_prefix("socket:[")
                .and_then(|rest| rest.strip_suffix(']'));
            inode.is_some_and(|inode| sockets.contains(inode))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listening_socket_is_found_by_its_port() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0\n   \
            1: 0100007F:1F90 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 4343 1 0\n   \
            2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4444 1 0\n   3: short\n";
        assert_eq!(listening(table, 8080), ["4242"]);
        assert_eq!(listening(table, 81), Vec::<String>::new());
    }

    #[test]
    fn a_name_is_short_and_of_one_line() {
        assert_eq!(
            short(b"/usr/bin/node\0/srv/app/server.js\0"),
            "node server.js"
        );
        assert_eq!(
            short(b"sh\0-c\0node a.js;\n  true\0"),
            "sh -c node a.js; true"
        );
        assert_eq!(short(b""), "");
        assert!(short("ä".repeat(900).as_bytes()).chars().count() <= LONGEST + 1);
    }
}
