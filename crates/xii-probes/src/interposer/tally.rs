//! What is counted of a relay, read from other threads while it works.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How many moments of connection attempts are kept; the oldest go first.
const MOST_ATTEMPTS: usize = 65_536;

/// What went through an interposer since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that reached the interposer: those relayed and those turned away. One that the system
    /// refused, because of [`Interposer::refuse`](super::Interposer::refuse), never reached it.
    pub attempts: u64,
    /// Connections that were taken, to be relayed.
    pub opened: u64,
    /// How many of these are open now.
    pub open: u64,
    /// Connections that were reset as soon as they came, because of a cut or because there were too many.
    pub refused: u64,
    /// Connections that were taken and reset because the resource itself could not be reached.
    pub unreachable: u64,
    /// Bytes that the resource was sent.
    pub to_resource: u64,
    /// Bytes that the app was sent.
    pub to_app: u64,
}

/// The counts, as they grow.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) opened: AtomicU64,
    pub(super) open: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) unreachable: AtomicU64,
    pub(super) to_resource: AtomicU64,
    pub(super) to_app: AtomicU64,
    attempts: AtomicU64,
    moments: Mutex<VecDeque<Instant>>,
}

impl Tally {
    /// Adds to a count and says what it is then.
    pub(super) fn add(count: &AtomicU64, by: u64) -> u64 {
        count.fetch_add(by, Ordering::Relaxed) + by
    }

    /// A connection came. Its number, from 1.
    pub(super) fn attempt(&self) -> u64 {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        if moments.len() == MOST_ATTEMPTS {
            moments.pop_front();
        }
        moments.push_back(Instant::now());
        Tally::add(&self.attempts, 1)
    }

    pub(super) fn moments(&self) -> Vec<Instant> {
        let moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        moments.iter().copied().collect()
    }

    pub(super) fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            attempts: read(&self.attempts),
            opened: read(&self.opened),
            open: read(&self.open),
            refused: read(&self.refused),
            unreachable: read(&self.unreachable),
            to_resource: read(&self.to_resource),
            to_app: read(&self.to_app),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_attempts_are_forgotten_and_all_are_counted() {
        let tally = Tally::default();
        let more = MOST_ATTEMPTS + 3;
        for number in 1..=more {
            assert_eq!(tally.attempt(), number as u64);
        }
        assert_eq!(tally.moments().len(), MOST_ATTEMPTS);
        assert_eq!(tally.counts().attempts, more as u64);
    }
}
