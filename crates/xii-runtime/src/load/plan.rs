//! What is to be sent, how fast and how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use super::message::Message;
use super::target::Target;

/// A load: what is sent where, how fast and for how long.
#[derive(Clone, Debug)]
pub struct Load {
    /// The server, and the paths that are asked for in turn.
    pub target: Target,
    /// What is asked.
    pub message: Message,
    /// How fast.
    pub pace: Pace,
    /// The most connections at a time, over all threads; at least 1.
    pub connections: u32,
    /// The threads that send; at least 1, and no more than there are connections.
    pub threads: u32,
    /// How long.
    pub span: Span,
    /// The time at the start whose requests are counted apart.
    pub warm_up: Duration,
    /// Whether a connection is used again after an answer.
    pub keep_alive: bool,
    /// The time that a request may take from when it was due until its answer is whole.
    pub timeout: Duration,
    /// Closed loop: the time between two requests of a connection that would have been kept up if the
    /// server had not held it up. With it the report has corrected latencies as well.
    pub expected_interval: Option<Interval>,
}

/// How fast requests are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Open loop: so many requests a second are due at fixed times, whatever the server does. A
    /// request's latency counts from when it was due, so that a stall shows in all that it held up.
    Rate(f64),
    /// Closed loop: each connection sends its next request as soon as it has its answer.
    Closed,
}

/// How long requests are sent, after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// For this time.
    For(Duration),
    /// Until there were so many.
    Requests(u64),
    /// Until the switch says so.
    UntilStopped,
}

/// The interval that latencies of a closed loop are corrected with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// The median latency of the run.
    Median,
    /// This one.
    Every(Duration),
}

impl Load {
    /// A load with everything at its default: closed loop, 16 connections that are kept, one thread,
    /// 10 s, no warm-up, 10 s for each answer.
    pub fn new(target: Target) -> Self {
        Load {
            target,
            message: Message::default(),
            pace: Pace::Closed,
            connections: 16,
            threads: 1,
            span: Span::For(Duration::from_secs(10)),
            warm_up: Duration::ZERO,
            keep_alive: true,
            timeout: Duration::from_secs(10),
            expected_interval: None,
        }
    }
}

/// How a run is spoken to while it goes on, and what it tells. Clones speak to the same run.
#[derive(Clone, Debug, Default)]
pub struct Switch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    told: AtomicU8,
    answered: AtomicU64,
    lost: AtomicU64,
}

const MARKED: u8 = 1;
const STOPPED: u8 = 2;

impl Switch {
    /// Requests that begin from now on are counted apart, as [`Report::after_mark`].
    ///
    /// [`Report::after_mark`]: super::Report::after_mark
    pub fn mark(&self) {
        self.0.told.fetch_or(MARKED, Ordering::Release);
    }

    /// No further request begins. Those in flight may end, within their time.
    pub fn stop(&self) {
        self.0.told.fetch_or(STOPPED, Ordering::Release);
    }

    /// Whether [`Switch::mark`] was called.
    pub fn is_marked(&self) -> bool {
        self.0.told.load(Ordering::Acquire) & MARKED != 0
    }

    /// Whether [`Switch::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.0.told.load(Ordering::Acquire) & STOPPED != 0
    }

    /// Requests that were answered whole, and that were lost, so far and in all phases. The report has
    /// the exact counts; these come a moment late.
    pub fn so_far(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.0.answered), read(&self.0.lost))
    }

    /// Adds to what was so far.
    pub(super) fn add(&self, answered: u64, lost: u64) {
        self.0.answered.fetch_add(answered, Ordering::Relaxed);
        self.0.lost.fetch_add(lost, Ordering::Relaxed);
    }
}
