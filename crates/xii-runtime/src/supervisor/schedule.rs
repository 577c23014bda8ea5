//! When a scheduled type runs next.

use std::time::Duration;

use croner::Cron;
use jiff::{Unit, Zoned};

/// How long until the next time of a pattern of cron, in local time, and when that is.
pub(crate) fn next(pattern: &str) -> Option<(Duration, String)> {
    after(pattern, &Zoned::now())
}

fn after(pattern: &str, now: &Zoned) -> Option<(Duration, String)> {
    let cron: Cron = pattern.parse().ok()?;
    let next = cron.find_next_occurrence(now, false).ok()?;
    let wait = Duration::try_from(now.duration_until(&next)).ok()?;
    let shown = next.round(Unit::Second).ok()?;
    Some((wait, shown.strftime("%Y-%m-%d %H:%M:%S").to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_lies_ahead() {
        let now: Zoned = "2026-03-01T10:02:30[UTC]".parse().expect("a time");
        let (wait, when) = after("*/5 * * * *", &now).expect("a next time");
        assert_eq!(wait, Duration::from_secs(150));
        assert_eq!(when, "2026-03-01 10:05:00");
        assert!(after("0 0 31 2 *", &now).is_none());
    }
}
