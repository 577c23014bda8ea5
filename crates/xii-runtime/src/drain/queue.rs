//! The bounded queue between the stream and a drain.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A block and how many records it has.
type Block = (Arc<Vec<u8>>, u64);

/// Blocks that wait for their delivery.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    dropped: AtomicU64,
    limit: usize,
    /// Nobody waits for the drain any more, and all that it had was counted.
    abandoned: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    blocks: VecDeque<Block>,
    bytes: usize,
    /// Records of the block that is being delivered.
    under_way: u64,
    /// Nothing more comes, and what is here is to be delivered until then.
    end: Option<Instant>,
}

impl Queue {
    /// A queue with room for so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Queue {
            state: Mutex::default(),
            changed: Condvar::new(),
            dropped: AtomicU64::new(0),
            limit,
            abandoned: AtomicBool::new(false),
        }
    }

    /// Adds a block, or counts it as dropped where there is no room.
    pub(super) fn put(&self, block: &Arc<Vec<u8>>, records: u64) {
        // A block keeps all of its buffer.
        let size = block.capacity();
        let mut state = self.lock();
        if state.bytes.saturating_add(size) > self.limit && !state.blocks.is_empty() {
            drop(state);
            return self.lose(records);
        }
        state.bytes += size;
        state.blocks.push_back((Arc::clone(block), records));
        drop(state);
        self.changed.notify_one();
    }

    /// The next block, waited for; `None` when nothing more comes, or the time for it is over.
    pub(super) fn next(&self) -> Option<Block> {
        let mut state = self.lock();
        state.under_way = 0;
        loop {
            if state.end.is_some_and(|end| Instant::now() >= end) {
                let left: u64 = state.blocks.drain(..).map(|(_, records)| records).sum();
                self.lose(left);
                return None;
            }
            if let Some(block) = state.blocks.pop_front() {
                state.bytes = state.bytes.saturating_sub(block.0.capacity());
                state.under_way = block.1;
                return Some(block);
            }
            if state.end.is_some() {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits so long, or as long as there is time; `false` when there is none left.
    pub(super) fn pause(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if state.end.is_some_and(|end| now >= end) {
                return false;
            }
            if now >= until {
                return true;
            }
            let until = state.end.map_or(until, |end| end.min(until));
            (state, _) = self
                .changed
                .wait_timeout(state, until - now)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that nothing more comes, and until when the rest may be delivered.
    pub(super) fn end(&self, end: Instant) {
        self.lock().end = Some(end);
        self.changed.notify_all();
    }

    /// Counts what was not delivered as dropped, that of which it is not known too: nobody waits for it
    /// any more.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        let left: u64 = state.blocks.drain(..).map(|(_, records)| records).sum();
        self.lose(left + std::mem::take(&mut state.under_way));
        self.abandoned.store(true, Ordering::Relaxed);
    }

    /// Counts records as dropped.
    pub(super) fn lose(&self, records: u64) {
        if !self.abandoned.load(Ordering::Relaxed) {
            self.dropped.fetch_add(records, Ordering::Relaxed);
        }
    }

    /// Records that were dropped so far.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
