//! Which thread is of which process, and which processes were seen before.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags};
use rustix::process::{Pid, PidfdFlags};

/// How many processes are remembered with their folders below `/proc`, each a descriptor.
const NEAR: usize = 128;
/// How many threads are remembered.
const THREADS: usize = 4096;
/// How many processes are remembered as seen.
const SEEN: usize = 1 << 16;
/// How many processes are asked whether a new thread is theirs before it is looked up.
const ASKED: usize = 4;
/// How many processes are remembered with their groups, the newest.
const GROUPS: usize = 512;

/// The threads and processes of one tree.
#[derive(Default)]
pub(super) struct People {
    threads: HashMap<u32, u32>,
    /// Processes with their folder below `/proc`, which stays that of the process when its id goes to another.
    near: HashMap<u32, Rc<OwnedFd>>,
    /// Process ids with their start in ticks since boot: together they name one process for ever.
    seen: HashSet<(u32, u64)>,
    /// The group that each was in last, for who loses its parent at once.
    groups: VecDeque<Member>,
}

/// A process in its group.
#[derive(Clone, Copy)]
struct Member {
    pid: u32,
    start: u64,
    group: u32,
}

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// The process.
    pub(super) pid: u32,
    /// Its parent, when this is the first time that the process is met.
    pub(super) born_of: Option<u32>,
}

impl People {
    /// The process of this thread, which waits while it is asked for. None when it cannot be told.
    pub(super) fn meet(&mut self, thread: u32) -> Option<Person> {
        if let Some(pid) = self.known(thread) {
            return Some(Person { pid, born_of: None });
        }
        let pid = if leads(thread) {
            thread
        } else {
            self.nearby(thread).or_else(|| process_of(thread))?
        };
        self.remember(thread, pid)
    }

    /// The process that this thread leads, when it is a new one.
    pub(super) fn meet_leader(&mut self, thread: u32) -> Option<Person> {
        if self.known(thread).is_some() || !leads(thread) {
            return None;
        }
        self.remember(thread, thread)
    }

    /// A process is about to be in another group.
    pub(super) fn moves(&mut self, pid: u32, group: u32) {
        let mut members = self.groups.iter_mut().rev();
        if let Some(member) = members.find(|member| member.pid == pid) {
            member.group = group;
        }
    }

    /// The parent of a process that has appeared.
    ///
    /// One that makes a child and ends at once, as every daemon does, is no longer its parent when the child
    /// is met: the kernel has given it to another. A child is born into the group of its parent, so the
    /// last member of the group that is gone was it.
    fn parent(&self, of: &Standing) -> u32 {
        if self.groups.iter().any(|member| member.pid == of.parent) {
            return of.parent;
        }
        let mut family = self.groups.iter().rev();
        let gone = family.find(|member| member.group == of.group && member.is_gone());
        gone.map_or(of.parent, |member| member.pid)
    }

    /// What was read of it was of another.
    pub(super) fn forget(&mut self, thread: u32) {
        if let Some(pid) = self.threads.remove(&thread) {
            self.near.remove(&pid);
        }
    }

    fn known(&mut self, thread: u32) -> Option<u32> {
        let pid = *self.threads.get(&thread)?;
        if self
            .near
            .get(&pid)
            .is_some_and(|folder| has(folder, thread))
        {
            return Some(pid);
        }
        self.forget(thread);
        None
    }

    fn nearby(&self, thread: u32) -> Option<u32> {
        let mut asked = self.near.iter().take(ASKED);
        asked
            .find(|(_, folder)| has(folder, thread))
            .map(|(pid, _)| *pid)
    }

    fn remember(&mut self, thread: u32, pid: u32) -> Option<Person> {
        if self.threads.len() >= THREADS {
            self.threads.clear();
        }
        if self
            .near
            .get(&pid)
            .is_some_and(|folder| has(folder, thread))
        {
            self.threads.insert(thread, pid);
            return Some(Person { pid, born_of: None });
        }
        let standing = Standing::of(pid)?;
        if self.near.len() >= NEAR {
            self.near.clear();
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        if let Ok(folder) = rustix::fs::openat(CWD, format!("/proc/{pid}"), flags, Mode::empty()) {
            self.near.insert(pid, Rc::new(folder));
            self.threads.insert(thread, pid);
        }
        if self.seen.len() >= SEEN {
            self.seen
                .retain(|(pid, start)| Standing::of(*pid).is_some_and(|one| one.start == *start));
        }
        if self.seen.len() >= SEEN {
            self.seen.clear();
        }
        if !self.seen.insert((pid, standing.start)) {
            return Some(Person { pid, born_of: None });
        }
        let parent = self.parent(&standing);
        if self.groups.len() >= GROUPS {
            self.groups.pop_front();
        }
        self.groups.push_back(Member {
            pid,
            start: standing.start,
            group: standing.group,
        });
        Some(Person {
            pid,
            born_of: Some(parent),
        })
    }
}

impl Member {
    fn is_gone(self) -> bool {
        Standing::of(self.pid).is_none_or(|now| now.ended || now.start != self.start)
    }
}

/// Whether the process with this folder below `/proc` has this thread.
fn has(folder: &OwnedFd, thread: u32) -> bool {
    let task = format!("task/{thread}");
    rustix::fs::accessat(folder, task, Access::EXISTS, AtFlags::empty()).is_ok()
}

/// Whether a thread is the first of its process, which alone can be opened as one.
fn leads(thread: u32) -> bool {
    Pid::from_raw(thread.cast_signed())
        .is_some_and(|pid| rustix::process::pidfd_open(pid, PidfdFlags::empty()).is_ok())
}

/// The process of a thread, by `proc_pid_status(5)`.
pub(super) fn process_of(thread: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{thread}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?;
    line.trim().parse().ok()
}

/// Where a process stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Its parent.
    pub(super) parent: u32,
    /// Its process group.
    pub(super) group: u32,
    /// Its start, in ticks since boot.
    start: u64,
    /// It has ended and waits for its parent.
    ended: bool,
}

impl Standing {
    /// Reads it, by `proc_pid_stat(5)`.
    pub(super) fn of(pid: u32) -> Option<Self> {
        let mut file = fs::File::open(format!("/proc/{pid}/stat")).ok()?;
        let mut stat = [0; 1024];
        let length = file.read(&mut stat).ok()?;
        Standing::parse(stat.get(..length)?)
    }

    /// The second field is the program's name in brackets, which may itself hold brackets and spaces.
    fn parse(stat: &[u8]) -> Option<Self> {
        let end = stat.iter().rposition(|byte| *byte == b')')?;
        let rest = std::str::from_utf8(stat.get(end + 2..)?).ok()?;
        let mut fields = rest.split(' ');
        Some(Standing {
            ended: matches!(fields.next()?, "Z" | "X"),
            parent: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
            start: fields.nth(16)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> u32 {
        rustix::process::getpid().as_raw_pid().cast_unsigned()
    }

    #[test]
    fn a_name_with_brackets_does_not_confuse() {
        let stat = b"42 (a) b) c) S 7 40 40 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1";
        let standing = Standing::parse(stat).expect("it is whole");
        assert_eq!((standing.parent, standing.group), (7, 40));
        assert_eq!((standing.start, standing.ended), (12345, false));
        assert_eq!(Standing::parse(b"1 (sh"), None);
    }

    #[test]
    fn a_process_is_new_once_and_its_threads_are_its_own() {
        let mut people = People::default();
        let parent = rustix::process::getppid().map(|pid| pid.as_raw_pid().cast_unsigned());
        let first = people.meet(own()).expect("it lives");
        assert_eq!((first.pid, first.born_of), (own(), parent));
        assert_eq!(people.meet(own()).and_then(|one| one.born_of), None);

        let thread = std::thread::spawn(|| rustix::thread::gettid().as_raw_pid().cast_unsigned());
        let gone = thread.join().expect("it ends");
        let (say, said) = std::sync::mpsc::channel();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let _ = say.send(rustix::thread::gettid().as_raw_pid().cast_unsigned());
            let _ = stopped.recv();
        });
        let lives = said.recv().expect("its id");
        assert_eq!(people.meet_leader(lives), None);
        let met = people.meet(lives).expect("it lives");
        assert_eq!((met.pid, met.born_of), (own(), None));
        assert_eq!(process_of(lives), Some(own()));
        drop(stop);
        thread.join().expect("it ends");
        // A thread that is gone is nobody's, unless its number went to another meanwhile.
        assert!(gone == lives || people.known(gone).is_none());
    }

    #[test]
    fn a_child_is_its_parents_though_that_one_is_gone() {
        let mut people = People::default();
        people.meet(own());
        // A number that no process has: the kernel's greatest is below it.
        let gone = u32::MAX >> 1;
        people.groups.push_back(Member {
            pid: gone,
            start: 1,
            group: 77,
        });
        let standing = |parent, group| Standing {
            parent,
            group,
            start: 2,
            ended: false,
        };
        assert_eq!(people.parent(&standing(own(), 77)), own());
        assert_eq!(people.parent(&standing(1, 77)), gone);
        assert_eq!(people.parent(&standing(1, 78)), 1);
        people.moves(gone, 78);
        assert_eq!(people.parent(&standing(1, 78)), gone);
        assert_eq!(people.parent(&standing(1, 77)), 1);
    }

    #[test]
    fn what_was_forgotten_is_known_again_and_not_new() {
        let mut people = People::default();
        people.meet(own());
        people.forget(own());
        assert_eq!(people.meet(own()).map(|one| one.born_of), Some(None));
    }
}
