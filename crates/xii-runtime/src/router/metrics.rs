//! What is counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The upper bounds of the latency histogram's buckets, in microseconds; a last one has no bound.
pub const BUCKETS: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000,
];

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The client sent what is refused.
    Refused,
    /// The client did not go on sending.
    ClientTimeout,
    /// The client went away before it had its answer.
    ClientGone,
    /// No instance was ready in time.
    NoneReady,
    /// The instance took no connection.
    Connect,
    /// The instance took no connection in time.
    ConnectTimeout,
    /// The instance closed or reset the connection before it answered.
    Closed,
    /// The instance did not begin its answer in time.
    FirstByteTimeout,
    /// The instance's answer, or what it takes of the request, stood still for too long.
    IdleTimeout,
    /// The instance's answer is not HTTP, or could be read in two ways.
    Malformed,
    /// The answer broke off in the middle.
    CutShort,
}

impl Cause {
    /// All of them.
    pub const ALL: [Cause; 11] = [
        Cause::Refused,
        Cause::ClientTimeout,
        Cause::ClientGone,
        Cause::NoneReady,
        Cause::Connect,
        Cause::ConnectTimeout,
        Cause::Closed,
        Cause::FirstByteTimeout,
        Cause::IdleTimeout,
        Cause::Malformed,
        Cause::CutShort,
    ];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Refused => "refused",
            Cause::ClientTimeout => "client-timeout",
            Cause::ClientGone => "client-gone",
            Cause::NoneReady => "none-ready",
            Cause::Connect => "connect",
            Cause::ConnectTimeout => "connect-timeout",
            Cause::Closed => "closed",
            Cause::FirstByteTimeout => "first-byte-timeout",
            Cause::IdleTimeout => "idle-timeout",
            Cause::Malformed => "malformed",
            Cause::CutShort => "cut-short",
        }
    }
}

/// What one thread counts. Each has its own, so that counting costs no traffic between cores.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Counters {
    classes: [AtomicU64; 5],
    errors: [AtomicU64; Cause::ALL.len()],
    buckets: [AtomicU64; BUCKETS.len() + 1],
    duration_us: AtomicU64,
    received: AtomicU64,
    sent: AtomicU64,
    retries: AtomicU64,
    opened: AtomicU64,
    closed: AtomicU64,
}

impl Counters {
    pub(super) fn request(&self, status: u16, took: Duration, received: u64, sent: u64) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.classes[class].fetch_add(1, Relaxed);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.partition_point(|bound| *bound < took);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.duration_us.fetch_add(took, Relaxed);
        if received > 0 {
            self.received.fetch_add(received, Relaxed);
        }
        self.sent.fetch_add(sent, Relaxed);
    }

    pub(super) fn error(&self, cause: Cause) {
        self.errors[cause as usize].fetch_add(1, Relaxed);
    }

    pub(super) fn retry(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(super) fn opened(&self) {
        self.opened.fetch_add(1, Relaxed);
    }

    pub(super) fn closed(&self) {
        self.closed.fetch_add(1, Relaxed);
    }

    /// Connections of clients that are open on this thread.
    pub(super) fn open(&self) -> u64 {
        let closed = self.closed.load(Relaxed);
        self.opened.load(Relaxed).saturating_sub(closed)
    }

    pub(super) fn add_to(&self, sum: &mut Metrics) {
        let add = |to: &mut u64, from: &AtomicU64| *to += from.load(Relaxed);
        for (to, from) in sum.classes.iter_mut().zip(&self.classes) {
            add(to, from);
        }
        for (to, from) in sum.errors.iter_mut().zip(&self.errors) {
            add(to, from);
        }
        for (to, from) in sum.buckets.iter_mut().zip(&self.buckets) {
            add(to, from);
        }
        add(&mut sum.duration_us, &self.duration_us);
        add(&mut sum.received, &self.received);
        add(&mut sum.sent, &self.sent);
        add(&mut sum.retries, &self.retries);
        sum.open_connections += self.open();
    }
}

/// What was counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Requests by the class of their status: `[0]` is 1xx, of connections that were upgraded.
    pub classes: [u64; 5],
    /// Errors, in the order of [`Cause::ALL`].
    pub errors: [u64; Cause::ALL.len()],
    /// Requests by the time from their head to their answer's end: not cumulative, in the order of
    /// [`BUCKETS`], with those above the last bound at the end.
    pub buckets: [u64; BUCKETS.len() + 1],
    /// The sum of those times, in microseconds.
    pub duration_us: u64,
    /// Bytes of requests' bodies.
    pub received: u64,
    /// Bytes of answers' bodies.
    pub sent: u64,
    /// Requests that were tried again on another connection.
    pub retries: u64,
    /// Connections of clients that are open.
    pub open_connections: u64,
}

impl Metrics {
    /// All requests.
    pub fn requests(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// The errors of one cause.
    pub fn errors(&self, cause: Cause) -> u64 {
        self.errors[cause as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_falls_into_the_bucket_that_its_time_fits() {
        let counters = Counters::default();
        for took in [0, 500, 501, 10_000_000, 10_000_001] {
            counters.request(200, Duration::from_micros(took), 1, 2);
        }
        counters.request(503, Duration::from_millis(1), 0, 0);
        counters.error(Cause::CutShort);
        let mut sum = Metrics::default();
        counters.add_to(&mut sum);
        assert_eq!(sum.classes, [0, 5, 0, 0, 1]);
        assert_eq!(
            (
                sum.buckets[0],
                sum.buckets[1],
                sum.buckets[13],
                sum.buckets[14]
            ),
            (2, 2, 1, 1)
        );
        assert_eq!((sum.received, sum.sent, sum.requests()), (5, 10, 6));
        assert_eq!(sum.errors(Cause::CutShort), 1);
    }

    #[test]
    fn causes_are_counted_under_their_own_index() {
        for (at, cause) in Cause::ALL.into_iter().enumerate() {
            assert_eq!(cause as usize, at);
        }
    }
}
