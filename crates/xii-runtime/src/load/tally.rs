//! Counting what became of requests.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::{CreationError, Histogram};
use serde::{Deserialize, Serialize};

/// The longest latency that is told apart, in nanoseconds: an hour.
const LONGEST: u64 = 3_600_000_000_000;

/// Why a request got no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Nobody listened.
    Refused,
    /// Connecting failed in another way.
    Unreachable,
    /// This machine had no port, descriptor or memory left for a connection.
    Exhausted,
    /// A connection that had served before was closed or reset before any byte of the answer. A client
    /// may send such a request again when its method is idempotent (RFC 9112, 9.3.1).
    Stale,
    /// A new connection was closed before any byte of the answer.
    Closed,
    /// A new connection was reset before any byte of the answer.
    Reset,
    /// The connection was closed or reset in the middle of the answer.
    Cut,
    /// There was no whole answer in time.
    TimedOut,
    /// What came was no answer of HTTP/1.
    Malformed,
    /// Open loop: its time had passed before a connection was free to send it.
    NotSent,
}

impl Cause {
    /// All of them.
    pub const ALL: [Cause; 10] = [
        Cause::Refused,
        Cause::Unreachable,
        Cause::Exhausted,
        Cause::Stale,
        Cause::Closed,
        Cause::Reset,
        Cause::Cut,
        Cause::TimedOut,
        Cause::Malformed,
        Cause::NotSent,
    ];

    /// In a few words, for people.
    pub fn words(self) -> &'static str {
        match self {
            Cause::Refused => "connection refused",
            Cause::Unreachable => "could not connect",
            Cause::Exhausted => "no port or descriptor left on this side",
            Cause::Stale => "kept connection closed before the answer",
            Cause::Closed => "closed before the answer",
            Cause::Reset => "reset before the answer",
            Cause::Cut => "cut in the middle of the answer",
            Cause::TimedOut => "timed out",
            Cause::Malformed => "the answer was not HTTP",
            Cause::NotSent => "not sent in time: every connection was busy",
        }
    }
}

/// What became of the requests of one phase, as one thread saw it.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) statuses: BTreeMap<u16, u64>,
    pub(super) lost: BTreeMap<Cause, u64>,
    pub(super) latency: Histogram<u64>,
    /// Whole answers that came before the end of the time.
    pub(super) within: u64,
    pub(super) received: u64,
    pub(super) sent: u64,
    pub(super) connections: u64,
}

impl Tally {
    /// An empty one.
    pub(super) fn new() -> Result<Self, CreationError> {
        Ok(Tally {
            statuses: BTreeMap::new(),
            lost: BTreeMap::new(),
            // Nanoseconds, to three significant digits.
            latency: Histogram::new_with_bounds(1, LONGEST, 3)?,
            within: 0,
            received: 0,
            sent: 0,
            connections: 0,
        })
    }

    pub(super) fn answered(&mut self, status: u16, latency: Duration) {
        *self.statuses.entry(status).or_default() += 1;
        self.latency
            .saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(LONGEST));
    }

    pub(super) fn lost(&mut self, cause: Cause) {
        *self.lost.entry(cause).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: &Tally) {
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        for (cause, count) in &other.lost {
            *self.lost.entry(*cause).or_default() += count;
        }
        // Both have the same bounds, so that every value fits.
        let _ = self.latency.add(&other.latency);
        self.within += other.within;
        self.received += other.received;
        self.sent += other.sent;
        self.connections += other.connections;
    }
}
