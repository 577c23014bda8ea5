//! How the line between an app and a resource behaves.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

/// The largest piece that is passed on at once while a rate holds: a fraction of a second's worth.
const PIECES_A_SECOND: u64 = 20;

/// What is done to bytes on their way. The same holds for all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    /// Nothing is passed on.
    pub(super) stalled: bool,
    /// How long bytes lie before they are passed on, each way.
    pub(super) delay: Duration,
    /// Bytes a second that all connections together may pass on, each way.
    pub(super) rate: Option<u64>,
}

impl Rules {
    /// Nothing is done to them.
    pub(super) fn are_none(&self) -> bool {
        *self == Rules::default()
    }
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    ToResource,
    ToApp,
}

/// What all connections share of one lane: the moment from which the next bytes may go.
#[derive(Debug, Default)]
pub(super) struct Budget {
    free: Cell<Option<Instant>>,
}

impl Budget {
    /// How many bytes may go now, or when to ask again.
    pub(super) fn allows(&self, rules: &Rules, now: Instant) -> Result<usize, Instant> {
        let Some(rate) = rules.rate else {
            return Ok(usize::MAX);
        };
        match self.free.get() {
            Some(free) if free > now => Err(free),
            _ => Ok(usize::try_from((rate / PIECES_A_SECOND).max(1)).unwrap_or(usize::MAX)),
        }
    }

    /// So many bytes went.
    pub(super) fn spend(&self, rules: &Rules, bytes: usize, now: Instant) {
        let Some(rate) = rules.rate else {
            return;
        };
        let lasts = Duration::from_secs_f64(bytes as f64 / rate.max(1) as f64);
        self.free.set(Some(now + lasts));
    }

    /// Another rate holds from now on.
    pub(super) fn forget(&self) {
        self.free.set(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_over_time() {
        let rules = Rules {
            rate: Some(1000),
            ..Rules::default()
        };
        let budget = Budget::default();
        let start = Instant::now();
        let end = start + Duration::from_secs(10);
        let (mut now, mut sent) = (start, 0);
        while now < end {
            match budget.allows(&rules, now) {
                Ok(most) => {
                    assert_eq!(most, 50);
                    budget.spend(&rules, most, now);
                    sent += most;
                }
                Err(when) => now = when,
            }
        }
        assert!((10_000..=10_050).contains(&sent), "{sent}");
    }

    #[test]
    fn without_a_rate_all_may_go() {
        let budget = Budget::default();
        let now = Instant::now();
        budget.spend(&Rules::default(), 1 << 30, now);
        assert_eq!(budget.allows(&Rules::default(), now), Ok(usize::MAX));
    }
}
