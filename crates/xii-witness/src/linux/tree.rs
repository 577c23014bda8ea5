//! One tree of processes that is watched: its listener, who is in it, and how much of it was told.

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use xii_model::{Act, Address, Deed};

use super::call::Call;
use super::kernel::{self, Notice};
use super::people::{People, Person};
use super::request::Request;
use super::{deeds, handover};
use crate::limit::Bucket;

/// Deeds about files: so many at once, and so many a second.
const FILES: (u32, u32) = (10_000, 1_000);
/// Datagrams.
const DATAGRAMS: (u32, u32) = (2_000, 200);
/// All that is rarer and weighs more: a flood of files does not take its place.
const OTHERS: (u32, u32) = (10_000, 1_000);
/// A datagram to the same address is told again after this long.
const AGAIN: Duration = Duration::from_secs(1);
/// How many addresses of datagrams are remembered.
const ADDRESSES: usize = 1024;

/// A watched tree.
pub(super) struct Tree {
    listener: OwnedFd,
    /// What it is called.
    pub(super) label: String,
    reads: bool,
    people: People,
    files: Bucket,
    datagrams: Bucket,
    others: Bucket,
    sent: HashMap<(u32, Address), Instant>,
}

/// What came of a call.
#[derive(Default)]
pub(super) struct Told {
    /// When it was asked for.
    pub(super) at: Timestamp,
    /// What the tree did.
    pub(super) acts: Vec<Act>,
    /// How many acts are beyond the bounds.
    pub(super) lost: u64,
}

impl Tree {
    /// The tree that was handed over with this listener.
    pub(super) fn new(about: handover::Tree, listener: OwnedFd) -> Self {
        kernel::wake_nearby(listener.as_fd());
        let now = Instant::now();
        let bucket = |(size, a_second)| Bucket::new(size, a_second, now);
        Tree {
            listener,
            label: about.label,
            reads: about.reads,
            people: People::default(),
            files: bucket(FILES),
            datagrams: bucket(DATAGRAMS),
            others: bucket(OTHERS),
            sent: HashMap::new(),
        }
    }

    /// Its listener.
    pub(super) fn listener(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }

    /// Finds out what a call that waits does. It still waits afterwards.
    pub(super) fn look(&mut self, notice: &Notice) -> Told {
        let mut told = Told {
            at: Timestamp::now(),
            ..Told::default()
        };
        let Some(request) = Request::of(notice) else {
            return told;
        };
        if request.call == Call::Appear {
            // Most often a thread, or a program that has begun anew.
            if let Some(person) = self.people.meet_leader(request.thread) {
                self.born(person, &mut told);
            }
        } else {
            for request in request.plain() {
                self.look_at(&request, &mut told);
            }
        }
        if !told.acts.is_empty() && !kernel::is_valid(self.listener(), notice.id) {
            // It died meanwhile, so what was read may be of another, and nothing of it was done.
            self.people.forget(request.thread);
            return Told::default();
        }
        told
    }

    fn look_at(&mut self, request: &Request, told: &mut Told) {
        let now = Instant::now();
        let kind = Kind::of(request.call);
        // A flood of files costs little: what is not told is not looked at.
        if kind == Kind::Files && !self.files.take(now) {
            told.lost += 1;
            return;
        }
        let Some(person) = self.people.meet(request.thread) else {
            told.lost += 1;
            return;
        };
        self.born(person, told);
        if let Some((whom, group)) = deeds::moved(request, person.pid) {
            self.people.moves(whom, group);
        }
        let Some(act) = deeds::act(request, person.pid, self.reads) else {
            return;
        };
        let room = match kind {
            Kind::Files => true,
            Kind::Others => self.others.take(now),
            Kind::Datagrams => {
                if self.sent_lately(&act, now) {
                    return;
                }
                self.datagrams.take(now)
            }
        };
        if room {
            told.acts.push(act);
        } else {
            told.lost += 1;
        }
    }

    fn born(&mut self, person: Person, told: &mut Told) {
        let Some(parent) = person.born_of else {
            return;
        };
        if !self.others.take(Instant::now()) {
            told.lost += 1;
            return;
        }
        let act = Act {
            pid: person.pid,
            deed: Deed::Born { parent },
        };
        told.acts.push(act);
    }

    /// Whether the process sent to this address a moment ago, which was told then.
    fn sent_lately(&mut self, act: &Act, now: Instant) -> bool {
        let Deed::Connected { address } = &act.deed else {
            return false;
        };
        let key = (act.pid, address.clone());
        if let Some(then) = self.sent.get(&key)
            && now.duration_since(*then) < AGAIN
        {
            return true;
        }
        if self.sent.len() >= ADDRESSES {
            self.sent
                .retain(|_, then| now.duration_since(*then) < AGAIN);
        }
        if self.sent.len() < ADDRESSES {
            self.sent.insert(key, now);
        }
        false
    }
}

/// Deeds that are counted together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Files,
    Datagrams,
    Others,
}

impl Kind {
    fn of(call: Call) -> Self {
        match call {
            Call::Open
            | Call::Openat
            | Call::Openat2
            | Call::Creat
            | Call::Truncate
            | Call::Rename
            | Call::Renameat
            | Call::Link
            | Call::Linkat
            | Call::Symlink
            | Call::Symlinkat
            | Call::Unlink
            | Call::Unlinkat
            | Call::Rmdir
            | Call::Mkdir
            | Call::Mkdirat
            | Call::Mknod
            | Call::Mknodat => Kind::Files,
            // What `sendmsg(2)` and its like become.
            Call::Sendto => Kind::Datagrams,
            _ => Kind::Others,
        }
    }
}
