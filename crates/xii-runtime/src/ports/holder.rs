use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most bytes of a table of connections that are read.
const LARGEST_TABLE: u64 = 16 << 20;
/// The most open files that are looked at.
const MOST_FILES: usize = 1_000_000;
/// The state of a socket that listens, as `/proc/net/tcp` writes it (proc_net_tcp in the kernel's
/// documentation).
const LISTENS: &str = "0A";

/// A process that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its program, such as `node`.
    pub program: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (pid {})", self.program, self.pid)
    }
}

/// Who listens on a TCP port of this machine. `None` when nobody does, when it is a process that we may
/// not look into, and where there is no `/proc`.
pub fn who_holds(port: u16) -> Option<Holder> {
    let sockets: HashSet<String> = tables()
        .flat_map(|table| listening(&table))
        .filter(|(one, _)| *one == port)
        .map(|(_, inode)| socket(inode))
        .collect();
    if sockets.is_empty() {
        return None;
    }
    let mut pids: Vec<u32> = fs::read_dir("/proc")
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    pids.sort_unstable();
    let mut looked = 0;
    for pid in pids {
        for file in fs::read_dir(format!("/proc/{pid}/fd"))
            .into_iter()
            .flatten()
            .flatten()
        {
            looked += 1;
            if looked > MOST_FILES {
                return None;
            }
            let target = fs::read_link(file.path()).unwrap_or_default();
            if target
                .to_str()
                .is_some_and(|target| sockets.contains(target))
            {
                let program = program(pid);
                return Some(Holder { pid, program });
            }
        }
    }
    None
}

fn read(path: &str) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(LARGEST_TABLE).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The TCP ports that these processes listen on, each once, the lowest first. Empty where there is no
/// `/proc`, and for processes that we may not look into.
pub fn listening_ports(pids: &[u32]) -> Vec<u16> {
    let open: HashSet<PathBuf> = pids
        .iter()
        .filter_map(|pid| fs::read_dir(format!("/proc/{pid}/fd")).ok())
        .flat_map(|files| files.flatten().take(MOST_FILES))
        .filter_map(|file| fs::read_link(file.path()).ok())
        .collect();
    let mut ports: Vec<u16> = tables()
        .flat_map(|table| listening(&table))
        .filter(|(_, inode)| open.contains(Path::new(&socket(*inode))))
        .map(|(port, _)| port)
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn tables() -> impl Iterator<Item = String> {
    let paths = ["/proc/net/tcp", "/proc/net/tcp6"];
    paths.into_iter().filter_map(read)
}

/// What a descriptor of the socket is a link to.
fn socket(inode: u64) -> String {
    format!("socket:[{inode}]")
}

/// The sockets of a table of connections that listen: their ports and inodes.
fn listening(table: &str) -> Vec<(u16, u64)> {
    let pair = |line: &str| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let local = fields.next()?;
        let listens = fields.nth(1)? == LISTENS;
        let (_, port) = local.rsplit_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        let inode = fields.nth(5)?.parse().ok()?;
        listens.then_some((port, inode))
    };
    table.lines().skip(1).filter_map(pair).collect()
}

/// The program of a process: its file's name, or what the system calls it when we may not see that.
fn program(pid: u32) -> String {
    let file = fs::read_link(format!("/proc/{pid}/exe")).ok();
    let name = file
        .as_deref()
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy().into_owned())
        .or_else(|| fs::read_to_string(format!("/proc/{pid}/comm")).ok())
        .unwrap_or_default();
    let shown: String = name
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(64)
        .collect();
    match shown.strip_suffix(" (deleted)").unwrap_or(&shown) {
        "" => "a process".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_sockets_that_listen_on_the_port_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0\n   1: 0100007F:1388 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1\n   2: 00000000:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1\n   3: 00000000000000000000000000000000:1388 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4714 1\n   4: broken\n";
        assert_eq!(listening(table), [(5000, 4711), (5001, 4713), (5000, 4714)]);
        assert_eq!(listening(""), []);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_is_asked_for_its_ports() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        assert!(listening_ports(&[std::process::id()]).contains(&port));
        assert_eq!(listening_ports(&[]), Vec::<u16>::new());
    }

    proptest! {
        #[test]
        fn any_table_is_read(table in "(?s:.|[0-9A: \\n]){0,80}") {
            let _ = listening(&table);
        }
    }
}
