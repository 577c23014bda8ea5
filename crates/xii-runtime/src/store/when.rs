//! Points in time as people write them.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp, Zoned};

/// A text that is no point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no time: give how long ago (`10m`, `2h`, `1d`), a time of day (`14:02`), a date, or both (`2026-11-20T14:02:00Z`; without a zone it is local)"
)]
pub struct NoTime(String);

/// The point in time that a text means:
///
/// - how long ago: `90s`, `10m`, `2h`, `1h30m`, `1d`, `1w`;
/// - RFC 3339: `2026-11-20T14:02:11Z`, `2026-11-20 14:02:11+01:00`;
/// - the same without a zone, in that of `now`: `2026-11-20T14:02`, `2026-11-20` (its beginning);
/// - a time of day, as the terminal shows it: `14:02:11`, `14:02`; the last one that is not after now;
/// - `today`, `yesterday`, `now`.
///
/// # Errors
/// It is none of these, or too far from now to be told.
pub fn time(text: &str, now: &Zoned) -> Result<Timestamp, NoTime> {
    let text = text.trim();
    read(text, now).ok_or_else(|| NoTime(text.chars().take(80).collect()))
}

fn read(text: &str, now: &Zoned) -> Option<Timestamp> {
    match text {
        "now" => return Some(now.timestamp()),
        "today" => return Some(now.start_of_day().ok()?.timestamp()),
        "yesterday" => return Some(now.yesterday().ok()?.start_of_day().ok()?.timestamp()),
        _ => {}
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let zone = now.time_zone();
    // A bare time of day would be taken for one of a date.
    if text.contains(':') && !text.contains('-') {
        let time: Time = text.parse().ok()?;
        let mut day = now.date();
        if time > now.time() {
            day = day.yesterday().ok()?;
        }
        return Some(
            day.to_datetime(time)
                .to_zoned(zone.clone())
                .ok()?
                .timestamp(),
        );
    }
    if let Ok(at) = text.parse::<DateTime>() {
        return Some(at.to_zoned(zone.clone()).ok()?.timestamp());
    }
    if let Ok(date) = text.parse::<Date>() {
        return Some(date.to_zoned(zone.clone()).ok()?.timestamp());
    }
    let span: Span = text.parse().ok()?;
    Some(now.checked_sub(span.abs()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now: Zoned = "2026-11-20T14:02:11.5+01:00[Europe/Berlin]"
            .parse()
            .expect("a time");
        for (text, is) in [
            ("10m", "2026-11-20T12:52:11.5Z"),
            ("1h30m", "2026-11-20T11:32:11.5Z"),
            ("90s", "2026-11-20T13:00:41.5Z"),
            ("1d", "2026-11-19T13:02:11.5Z"),
            ("1w", "2026-11-13T13:02:11.5Z"),
            ("2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"),
            ("2026-11-20 12:00:00+05:30", "2026-11-20T06:30:00Z"),
            ("2026-11-20T12:00", "2026-11-20T11:00:00Z"),
            ("2026-07-01", "2026-06-30T22:00:00Z"),
            ("14:02", "2026-11-20T13:02:00Z"),
            ("14:03", "2026-11-19T13:03:00Z"),
            ("09:00:01", "2026-11-20T08:00:01Z"),
            ("today", "2026-11-19T23:00:00Z"),
            ("yesterday", "2026-11-18T23:00:00Z"),
            ("now", "2026-11-20T13:02:11.5Z"),
        ] {
            let read = time(text, &now).map(|at| at.to_string());
            assert_eq!(read.as_deref(), Ok(is), "{text}");
        }
        for wrong in ["", "10", "soon", "25:00", "10m ago then", "99999999y", "-"] {
            assert!(time(wrong, &now).is_err(), "{wrong}");
        }
    }
}
