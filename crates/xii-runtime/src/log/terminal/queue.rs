//! Blocks on their way to the terminal's thread.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::own;

/// So many bytes of blocks wait for the terminal.
const HELD: usize = 1 << 20;
/// While it is waited for the end, whether something was taken is looked at so often.
const LOOK: Duration = Duration::from_millis(100);

/// What the thread is to show next.
#[derive(Debug)]
pub(super) enum Item {
    Block(Arc<Vec<u8>>),
    /// Here so many lines were dropped.
    Gap(u64),
}

/// The queue between the pump and the terminal's thread.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// The state has changed.
    changed: Condvar,
    /// Writes that the terminal took, so far.
    progress: AtomicU64,
    /// Records that were written, to their end.
    written: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    /// Records that were brought.
    brought: u64,
    /// Lines that were dropped since the last item.
    gap: u64,
    dropped: u64,
    /// No more will come.
    closed: bool,
    /// Nobody reads what is written.
    gone: bool,
    /// The thread has ended.
    ended: bool,
}

/// How long somebody waits for a terminal: from anew whenever it takes something.
#[derive(Debug)]
pub(super) struct Patience {
    limit: Duration,
    waited: Duration,
    seen: u64,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings a block, waiting for room as long as there is patience.
    pub(super) fn put(&self, block: &Arc<Vec<u8>>, records: u64, patience: &mut Patience) {
        let mut state = self.lock();
        while state.bytes + block.len() > HELD && !state.items.is_empty() && !state.gone {
            let Some(left) = patience.left(self.progress.load(Ordering::Relaxed)) else {
                drop(state);
                let lines = own::count(block);
                let mut state = self.lock();
                state.gap += lines;
                state.dropped += lines;
                return;
            };
            let before = Instant::now();
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            patience.waited += before.elapsed();
        }
        if state.gone {
            return;
        }
        state.say_gap();
        state.bytes += block.len();
        state.brought += records;
        state.items.push_back(Item::Block(Arc::clone(block)));
        self.changed.notify_all();
    }

    /// Lines that were dropped, so far.
    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// No more will come. Waits until all is shown, as long as there is patience; what is not shown then
    /// is dropped.
    pub(super) fn close(&self, patience: &mut Patience) {
        let mut state = self.lock();
        state.say_gap();
        state.closed = true;
        self.changed.notify_all();
        while !state.ended {
            let Some(left) = patience.left(self.progress.load(Ordering::Relaxed)) else {
                if !state.gone {
                    // What the system took of a write that hangs nobody can tell.
                    let written = self.written.load(Ordering::Relaxed);
                    state.dropped += state.brought.saturating_sub(written);
                    state.leave();
                }
                return;
            };
            let before = Instant::now();
            state = self
                .changed
                .wait_timeout(state, left.min(LOOK))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            patience.waited += before.elapsed();
        }
    }

    /// The next item; `None` when there will be none. The thread's side, like all that follow.
    pub(super) fn next(&self) -> Option<Item> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                if let Item::Block(block) = &item {
                    state.bytes -= block.len();
                }
                self.changed.notify_all();
                return Some(item);
            }
            if state.gap > 0 && !state.gone {
                return Some(Item::Gap(std::mem::take(&mut state.gap)));
            }
            if state.closed || state.gone {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether nothing waits just now.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().items.is_empty()
    }

    /// The terminal has taken something.
    pub(super) fn progressed(&self) {
        self.progress.fetch_add(1, Ordering::Relaxed);
    }

    /// So many records were written.
    pub(super) fn wrote(&self, records: u64) {
        self.written.fetch_add(records, Ordering::Relaxed);
    }

    /// So many records could not be written, and it was not for want of time.
    pub(super) fn lost(&self, records: u64) {
        self.lock().dropped += records;
        self.wrote(records);
    }

    /// Nobody reads any more: what waits and what comes is let go.
    pub(super) fn gone(&self) {
        self.lock().leave();
        self.changed.notify_all();
    }

    /// The thread ends.
    pub(super) fn ended(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }
}

impl State {
    /// Lets go of what waits, and of what comes.
    fn leave(&mut self) {
        self.gone = true;
        self.items.clear();
        self.bytes = 0;
    }

    fn say_gap(&mut self) {
        let lines = std::mem::take(&mut self.gap);
        if lines > 0 && !self.gone {
            self.items.push_back(Item::Gap(lines));
        }
    }
}

impl Patience {
    /// As much of it.
    pub(super) fn new(limit: Duration) -> Self {
        Patience {
            limit,
            waited: Duration::ZERO,
            seen: 0,
        }
    }

    /// What is left of it.
    fn left(&mut self, progress: u64) -> Option<Duration> {
        if progress != self.seen {
            self.seen = progress;
            self.waited = Duration::ZERO;
        }
        self.limit
            .checked_sub(self.waited)
            .filter(|left| !left.is_zero())
    }
}
