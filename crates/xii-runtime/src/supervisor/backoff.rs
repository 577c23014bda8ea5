//! How long to wait before a process that failed is started again.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// When a process that keeps failing is started again, and when no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first failure; it doubles with each that follows.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
    /// A process that ran this long before it failed had a healthy spell: counting begins anew.
    pub healthy: Duration,
    /// After this many failures in a row it is held.
    pub hold_after: u32,
}

impl Default for Backoff {
    /// 0.5 s, doubling to 30 s; 30 s are healthy; held after ten failures, which is after two and a
    /// half minutes.
    fn default() -> Self {
        Backoff {
            first: Duration::from_millis(500),
            most: Duration::from_secs(30),
            healthy: Duration::from_secs(30),
            hold_after: 10,
        }
    }
}

impl Backoff {
    /// The wait after this many failures in a row, the first being 1; `None` when it is to be held.
    /// `chance` from 0 to 1 takes up to a fifth off, so that instances that failed together do not
    /// come back together.
    pub fn wait(&self, failures: u32, chance: f64) -> Option<Duration> {
        if failures >= self.hold_after {
            return None;
        }
        let doubled = self
            .first
            .checked_mul(1 << failures.saturating_sub(1).min(20))
            .unwrap_or(self.most);
        Some(doubled.min(self.most).mul_f64(1.0 - 0.2 * chance))
    }
}

/// A number from 0 to 1.
pub(crate) fn chance() -> f64 {
    // The standard hasher's keys are random; jitter needs no better source.
    let bits = RandomState::new().build_hasher().finish();
    bits as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_end_in_a_hold() {
        let backoff = Backoff {
            hold_after: 9,
            ..Backoff::default()
        };
        let waits: Vec<_> = (1..=9)
            .map(|failures| backoff.wait(failures, 0.0).map(|wait| wait.as_millis()))
            .collect();
        let expected = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
        assert_eq!(waits[..8], expected.map(Some));
        assert_eq!(waits[8], None);
    }

    #[test]
    fn jitter_only_shortens_and_by_a_fifth_at_most() {
        let backoff = Backoff::default();
        assert_eq!(backoff.wait(1, 1.0), Some(Duration::from_millis(400)));
        let chance = chance();
        assert!((0.0..=1.0).contains(&chance));
    }

    #[test]
    fn any_count_has_a_wait() {
        let backoff = Backoff {
            hold_after: u32::MAX,
            ..Backoff::default()
        };
        assert_eq!(backoff.wait(u32::MAX - 1, 0.0), Some(backoff.most));
    }
}
