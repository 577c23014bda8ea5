//! The pipes that are read.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::io::Errno;
use xii_model::{Event, Level, Stream, What};

use super::StreamId;
use super::clock::Clock;
use super::counters::{Count, Counters};
use super::frame::{self, Framer, Piece};
use super::inbox::{Attach, Events, Inbox};
use super::mask::Mask;
use super::outlet::Outlet;
use super::watch::Watches;
use crate::log::level;
use crate::log::record::LineHead;

/// How much is read of one pipe before the others have their turn.
const TURN: usize = 128 * 1024;
/// The size of a pipe as the system makes it. Who fills it is given a larger one.
const PIPE: usize = 64 * 1024;
/// What any user may have without asking.
const LARGE_PIPE: usize = 1024 * 1024;
/// A user may have 64 MiB of large pipes in all his programs; beyond that even the new pipes of others
/// are small.
const LARGE_PIPES: usize = 16;

/// All attached pipes, and what their bytes need on their way to the outlet.
pub(super) struct Streams {
    pub(super) epoll: OwnedFd,
    open: HashMap<StreamId, Open>,
    large: usize,
    buffer: Vec<u8>,
    masked: Vec<u8>,
    clock: Clock,
    mask: Option<Mask>,
    events: Events,
    pub(super) watches: Watches,
    pub(super) outlet: Outlet,
    counters: Arc<Counters>,
    inbox: Arc<Inbox>,
}

struct Open {
    pipe: OwnedFd,
    source: String,
    release: String,
    stream: Stream,
    framer: Framer,
    /// The level of the line whose pieces are being given out.
    level: Option<Level>,
    count: Arc<Count>,
    large: bool,
}

/// What a read found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Bytes(usize),
    Nothing,
    End,
}

impl Streams {
    pub(super) fn new(
        epoll: OwnedFd,
        mask: Option<Mask>,
        outlet: Outlet,
        counters: Arc<Counters>,
        inbox: Arc<Inbox>,
    ) -> Self {
        Streams {
            epoll,
            open: HashMap::new(),
            large: 0,
            buffer: Vec::with_capacity(TURN),
            masked: Vec::new(),
            clock: Clock::default(),
            mask,
            events: Events::default(),
            watches: Watches::default(),
            outlet,
            counters,
            inbox,
        }
    }

    /// Begins to read a pipe.
    pub(super) fn attach(&mut self, attach: Attach) -> Result<(), Errno> {
        let flags = rustix::fs::fcntl_getfl(&attach.pipe)?;
        rustix::fs::fcntl_setfl(&attach.pipe, flags | rustix::fs::OFlags::NONBLOCK)?;
        let data = epoll::EventData::new_u64(attach.id.0);
        epoll::add(&self.epoll, &attach.pipe, data, epoll::EventFlags::IN)?;
        let open = Open {
            pipe: attach.pipe,
            source: attach.instance.to_string(),
            release: attach.release.unwrap_or_default(),
            stream: attach.stream,
            framer: Framer::default(),
            level: None,
            count: self.counters.of(&attach.instance, attach.stream),
            large: false,
        };
        self.open.insert(attach.id, open);
        Ok(())
    }

    /// Reads a pipe once, and closes it at its end.
    pub(super) fn turn(&mut self, id: StreamId) {
        if self.read(id) == Found::End {
            self.close(id);
        }
    }

    /// Reads what is in a pipe, and closes it.
    pub(super) fn detach(&mut self, id: StreamId) {
        let Some(open) = self.open.get(&id) else {
            return;
        };
        // Its writers are gone, but for those that have left their group and may never end: what was
        // written until now fits into the pipe.
        let there = rustix::io::ioctl_fionread(&open.pipe).unwrap_or(0);
        let mut left = usize::try_from(there).unwrap_or(0).max(PIPE);
        while let Found::Bytes(count) = self.read(id) {
            left = left.saturating_sub(count);
            if left == 0 {
                break;
            }
        }
        self.close(id);
    }

    /// Closes a pipe whose bytes nobody has the time to read, and says so if there are any.
    pub(super) fn abandon(&mut self, id: StreamId) {
        let Some(open) = self.open.get(&id) else {
            return;
        };
        let there = rustix::io::ioctl_fionread(&open.pipe).unwrap_or(0);
        if let Ok(source) = open.source.parse()
            && there > 0
        {
            self.outlet.event(&Event {
                at: Timestamp::now(),
                source,
                release: None,
                what: What::Note {
                    level: Level::Warn,
                    message: format!("its last {there} bytes of output were not read in time"),
                },
            });
        }
        self.close(id);
    }

    /// All pipes.
    pub(super) fn ids(&self) -> Vec<StreamId> {
        let mut ids: Vec<StreamId> = self.open.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// Brings the events that wait to the outlet.
    pub(super) fn take_events(&mut self) {
        if self.inbox.events(&mut self.events) {
            self.outlet.events(&self.events.block, self.events.records);
        }
    }

    fn read(&mut self, id: StreamId) -> Found {
        let Some(open) = self.open.get_mut(&id) else {
            return Found::Nothing;
        };
        self.buffer.clear();
        let found = loop {
            match rustix::io::read(&open.pipe, spare_capacity(&mut self.buffer)) {
                Ok(0) => break Found::End,
                Ok(count) => break Found::Bytes(count),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break Found::Nothing,
                // A pseudo-terminal says so at its end; any other error will not pass either.
                Err(_) => break Found::End,
            }
        };
        if let Found::Bytes(count) = found {
            open.count.bytes.fetch_add(count as u64, Ordering::Relaxed);
            if count >= PIPE && !open.large && self.large < LARGE_PIPES {
                // Not allowed, or no pipe: then it stays as it is.
                open.large = rustix::pipe::fcntl_setpipe_size(&open.pipe, LARGE_PIPE).is_ok();
                self.large += usize::from(open.large);
            }
            // What was said before these bytes were written comes before them.
            self.take_events();
            self.lines(id, false);
        }
        found
    }

    fn close(&mut self, id: StreamId) {
        self.buffer.clear();
        self.lines(id, true);
        self.watches.ended(id);
        if let Some(open) = self.open.remove(&id) {
            self.large -= usize::from(open.large);
            // Closing would do, if no other process held the same open file.
            let _ = epoll::delete(&self.epoll, &open.pipe);
        }
    }

    /// Brings the lines of the buffer to the outlet, and at the end what has no line end.
    fn lines(&mut self, id: StreamId, end: bool) {
        let Some(open) = self.open.get_mut(&id) else {
            return;
        };
        let at_ns = self.clock.now();
        let mask = self.mask.as_ref();
        // One look at all bytes is quicker than one at every line; only a line that began in an earlier
        // read, or ends here, has to be looked at by itself.
        let found = mask.is_some_and(|mask| mask.finds(&self.buffer));
        let mut joined = open.framer.is_inside();
        let mut lines = 0;
        let mut level = open.level;
        let give = |piece: Piece<'_>| {
            let bytes = match mask {
                Some(mask) if (found || joined) && mask.finds(piece.bytes) => {
                    self.masked.clear();
                    mask.append(piece.bytes, &mut self.masked);
                    &self.masked
                }
                _ => piece.bytes,
            };
            joined &= piece.continues;
            if piece.begins {
                lines += 1;
                level = level::level(bytes);
            }
            if !self.watches.is_empty() {
                let line = piece.bytes.strip_suffix(b"\r").unwrap_or(piece.bytes);
                self.watches.line(id, line);
            }
            let head = LineHead {
                source: &open.source,
                release: &open.release,
                stream: open.stream,
                continues: piece.continues,
                unterminated: piece.unterminated,
                level,
            };
            self.outlet.line(at_ns, head, bytes);
        };
        if end {
            open.framer.end(give);
        } else {
            let cut = |bytes: &[u8]| match mask {
                Some(mask) => mask.cut(bytes),
                None => frame::character(bytes),
            };
            open.framer.push(&self.buffer, &cut, give);
        }
        open.level = level;
        open.count.lines.fetch_add(lines, Ordering::Relaxed);
    }
}
