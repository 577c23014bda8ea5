//! When a scheduled type runs next.

use std::time::Duration;

use croner::Cron;
use jiff::Zoned;
use tokio::time::sleep;

/// The clock may be set, and the machine may sleep: it is looked at this often.
const LOOK: Duration = Duration::from_secs(30);

/// The next time of a pattern of cron, in local time; later than the one that was had before, if any.
pub(crate) fn next(pattern: &str, before: Option<&Zoned>) -> Option<Zoned> {
    let now = Zoned::now();
    after(pattern, before.map_or(&now, |before| before.max(&now)))
}

fn after(pattern: &str, time: &Zoned) -> Option<Zoned> {
    let cron: Cron = pattern.parse().ok()?;
    cron.find_next_occurrence(time, false).ok()
}

/// Resolves when the clock shows this time.
pub(crate) async fn wait_until(time: &Zoned) {
    while let Ok(left) = Duration::try_from(Zoned::now().duration_until(time))
        && !left.is_zero()
    {
        sleep(left.min(LOOK)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_lies_ahead() {
        let now: Zoned = "2026-03-01T10:02:30[UTC]".parse().expect("a time");
        let time = after("*/5 * * * *", &now).expect("a next time");
        assert_eq!(time.to_string(), "2026-03-01T10:05:00+00:00[UTC]");
        let time = after("*/5 * * * *", &time).expect("a next time");
        assert_eq!(time.to_string(), "2026-03-01T10:10:00+00:00[UTC]");
        assert!(after("0 0 31 2 *", &now).is_none());
    }

    #[test]
    fn no_time_comes_twice_though_the_clock_is_set_back() {
        let far: Zoned = "2126-03-01T10:05:00[UTC]".parse().expect("a time");
        let time = next("*/5 * * * *", Some(&far)).expect("a next time");
        assert_eq!(time.to_string(), "2126-03-01T10:10:00+00:00[UTC]");
    }
}
