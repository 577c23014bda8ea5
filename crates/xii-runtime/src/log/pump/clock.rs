//! What time it is, for lines.

use std::time::{SystemTime, UNIX_EPOCH};

/// A step back of the system's clock that is smaller than this is waited out.
const SMALL_STEP_NS: i64 = 60_000_000_000;

/// A clock that does not go back when the system's clock is corrected, so that times order a stream.
/// When the system's clock is set back by more than a minute, it follows: then somebody meant it.
#[derive(Debug, Default)]
pub(super) struct Clock {
    last_ns: i64,
}

impl Clock {
    /// Nanoseconds since 1970.
    pub(super) fn now(&mut self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        self.step(since.map_or(0, |since| {
            i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
        }))
    }

    fn step(&mut self, system_ns: i64) -> i64 {
        let back = self.last_ns.saturating_sub(system_ns);
        if back <= 0 || back > SMALL_STEP_NS {
            self.last_ns = system_ns;
        }
        self.last_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_step_back_is_waited_out_and_a_large_one_followed() {
        let mut clock = Clock::default();
        let second = 1_000_000_000;
        assert_eq!(clock.step(1000 * second), 1000 * second);
        assert_eq!(clock.step(999 * second), 1000 * second);
        assert_eq!(clock.step(1001 * second), 1001 * second);
        assert_eq!(clock.step(100 * second), 100 * second);
    }
}
