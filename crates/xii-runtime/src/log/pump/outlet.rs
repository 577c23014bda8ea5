//! From records to sinks.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use xii_model::{Event, Source, What};

use super::counters::Counters;
use super::frame::CAP;
use super::inbox::Inbox;
use crate::log::record::{self, LineHead};
use crate::log::sink::Sink;

/// A block is handed on when it has this many bytes, or earlier when nothing else is to be read.
const FULL: usize = 128 * 1024;
/// The largest record of a line, and some.
const ROOM: usize = CAP + 1024;
/// A block with less is copied, so that a sink that holds many small blocks does not hold large buffers.
const SMALL: usize = 32 * 1024;
/// Buffers that were handed on and may come back.
const LENT: usize = 8;
/// The time between two looks at what the sinks dropped.
const LOOK: Duration = Duration::from_secs(1);

/// Collects records and hands them on.
pub(super) struct Outlet {
    sinks: Vec<Told>,
    inbox: Arc<Inbox>,
    counters: Arc<Counters>,
    block: Vec<u8>,
    records: u64,
    lent: VecDeque<Arc<Vec<u8>>>,
    /// Something was handed on since the last flush.
    pub(super) dirty: bool,
    looked: Instant,
}

/// A sink, and what was said of it.
struct Told {
    sink: Box<dyn Sink>,
    /// Drops that the stream has told of.
    told: u64,
    /// Records that did so, since: they may be dropped themselves, and are not worth telling.
    telling: u64,
}

impl Outlet {
    pub(super) fn new(
        sinks: Vec<Box<dyn Sink>>,
        inbox: Arc<Inbox>,
        counters: Arc<Counters>,
    ) -> Self {
        let told = |sink| Told {
            sink,
            told: 0,
            telling: 0,
        };
        Outlet {
            sinks: sinks.into_iter().map(told).collect(),
            inbox,
            counters,
            block: Vec::with_capacity(FULL + ROOM),
            records: 0,
            lent: VecDeque::with_capacity(LENT),
            dirty: false,
            looked: Instant::now(),
        }
    }

    /// Adds a line.
    pub(super) fn line(&mut self, at_ns: i64, head: LineHead<'_>, bytes: &[u8]) {
        record::push_line(&mut self.block, at_ns, head, bytes);
        self.records += 1;
        if self.block.len() >= FULL {
            self.hand_on();
        }
    }

    /// Adds an event.
    pub(super) fn event(&mut self, event: &Event) {
        record::push_event(&mut self.block, event);
        self.records += 1;
    }

    /// Adds events that are records already.
    pub(super) fn events(&mut self, records: &[u8], count: u64) {
        if self.block.len() + records.len() > FULL {
            self.hand_on();
        }
        if records.len() > FULL {
            self.give(&Arc::new(records.to_vec()), count);
        } else {
            self.block.extend_from_slice(records);
            self.records += count;
        }
    }

    /// Hands on what there is.
    pub(super) fn hand_on(&mut self) {
        if self.block.is_empty() {
            return;
        }
        let records = std::mem::take(&mut self.records);
        if self.block.len() < SMALL {
            let copy = Arc::new(self.block.as_slice().to_vec());
            self.block.clear();
            self.give(&copy, records);
        } else {
            let empty = self.empty();
            let block = Arc::new(std::mem::replace(&mut self.block, empty));
            self.give(&block, records);
            self.lend(block);
        }
    }

    fn give(&mut self, block: &Arc<Vec<u8>>, records: u64) {
        for told in &mut self.sinks {
            told.sink.take(block, records);
        }
        self.inbox.offer(block, records);
        self.dirty = true;
    }

    /// A buffer that everybody is done with, or a new one.
    fn empty(&mut self) -> Vec<u8> {
        match self.lent.pop_front().map(Arc::try_unwrap) {
            Some(Ok(mut buffer)) => {
                buffer.clear();
                return buffer;
            }
            // The oldest is still in use, so the later ones are too.
            Some(Err(block)) => self.lent.push_front(block),
            None => {}
        }
        Vec::with_capacity(FULL + ROOM)
    }

    fn lend(&mut self, block: Arc<Vec<u8>>) {
        if self.lent.len() == LENT {
            self.lent.pop_front();
        }
        self.lent.push_back(block);
    }

    /// Has the sinks write what they hold back.
    pub(super) fn flush(&mut self) {
        self.hand_on();
        self.look(false);
        for told in &mut self.sinks {
            told.sink.flush();
        }
        self.dirty = false;
    }

    /// The end of the stream: tells what was dropped, flushes, and lets the sinks end, all at once since
    /// each may take its time.
    pub(super) fn end(&mut self) {
        self.hand_on();
        self.look(true);
        self.flush();
        std::thread::scope(|scope| {
            for told in &mut self.sinks {
                let end = || told.sink.end();
                // Without a thread it ends when it is dropped.
                let _ = std::thread::Builder::new().spawn_scoped(scope, end);
            }
        });
    }

    /// Looks from time to time at what was dropped.
    pub(super) fn look_sometimes(&mut self) {
        if self.looked.elapsed() >= LOOK {
            self.look(false);
        }
    }

    /// Looks at what was dropped, and tells the stream when it has become more: now, or not too often.
    pub(super) fn look(&mut self, now: bool) {
        let often = !now && self.looked.elapsed() < LOOK;
        let mut events = Vec::new();
        for told in &mut self.sinks {
            let (sink, dropped) = told.sink.dropped();
            self.counters.set_dropped(&sink, dropped);
            let lines = dropped.saturating_sub(told.told);
            if often || lines <= told.telling {
                continue;
            }
            told.told = dropped;
            told.telling = 0;
            events.push(Event {
                at: Timestamp::now(),
                source: Source::Xii,
                release: None,
                what: What::Dropped { sink, lines },
            });
        }
        if often {
            return;
        }
        self.looked = Instant::now();
        for told in &mut self.sinks {
            told.telling += events.len() as u64;
        }
        for event in &events {
            self.event(event);
        }
        self.hand_on();
    }

    /// What each sink dropped.
    pub(super) fn dropped(&self) -> Vec<(String, u64)> {
        let sinks = self.sinks.iter();
        sinks.map(|told| told.sink.dropped()).collect()
    }
}
