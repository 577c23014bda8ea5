//! What an instance's processes use of the machine.

use serde::{Deserialize, Serialize};

use super::tree::{self, ProcessInfo};

/// What the processes of an instance use together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Bytes of memory that they have in use (resident), shared parts counted for each.
    pub memory: u64,
    /// Milliseconds of processor time since their start.
    pub cpu_ms: u64,
    /// How many processes they are.
    pub processes: u32,
}

/// The use of each of these groups, and of all that came of their leaders. Groups that are gone use
/// nothing, and neither does 0, which stands for none.
pub fn usage(leaders: &[i32]) -> Vec<Usage> {
    let all = tree::list();
    leaders
        .iter()
        .map(|leader| {
            if *leader <= 0 {
                return Usage::default();
            }
            let mut members = tree::descendants(&all, *leader);
            for process in &all {
                if process.group == *leader && !members.contains(process) {
                    members.push(*process);
                }
            }
            members.iter().filter(|process| !process.zombie).fold(
                Usage::default(),
                |sum, process| {
                    let one = of(process);
                    Usage {
                        memory: sum.memory + one.memory,
                        cpu_ms: sum.cpu_ms + one.cpu_ms,
                        processes: sum.processes + 1,
                    }
                },
            )
        })
        .collect()
}

#[cfg(target_os = "linux")]
fn of(process: &ProcessInfo) -> Usage {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", process.pid)).ok();
    let number = |text: Option<&str>| text.and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
    // statm: total, resident, … in pages.
    let pages = number(
        read("statm")
            .as_deref()
            .and_then(|text| text.split(' ').nth(1)),
    );
    let stat = read("stat").unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    // utime and stime are the 14th and 15th field, the name being the second.
    let mut times = after_name.split(' ').skip(11);
    let ticks = number(times.next()) + number(times.next());
    Usage {
        memory: pages * rustix::param::page_size() as u64,
        cpu_ms: ticks * 1000 / rustix::param::clock_ticks_per_second().max(1),
        processes: 1,
    }
}

#[cfg(not(target_os = "linux"))]
fn of(_: &ProcessInfo) -> Usage {
    Usage::default()
}
