//! Points in time, as texts and back.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The text as a point in time; `%+` is RFC 3339. Without an offset, it is UTC.
pub(super) fn parsed(text: &str, format: &str) -> Result<Timestamp, String> {
    if format == "%+" {
        return text
            .parse()
            .map_err(|_| "the text is no date of RFC 3339".to_owned());
    }
    let broken_down = jiff::fmt::strtime::parse(format, text)
        .map_err(|_| format!("the text is no date of the form `{format}`"))?;
    broken_down
        .to_timestamp()
        .or_else(|_| {
            let date = broken_down.to_date()?;
            let time = broken_down.to_time().unwrap_or_default();
            Ok::<_, jiff::Error>(date.to_datetime(time).to_zoned(TimeZone::UTC)?.timestamp())
        })
        .map_err(|_| format!("`{format}` gives no day"))
}

/// The point in time as a text, in UTC.
pub(super) fn formatted(date: Timestamp, format: &str) -> Result<String, String> {
    if format == "%+" {
        return Ok(date.to_string());
    }
    jiff::fmt::strtime::format(format, &date.to_zoned(TimeZone::UTC))
        .map_err(|_| format!("`{format}` is no form of a date"))
}

/// Whole days from one point to a later one.
pub(super) fn days(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).div_euclid(86_400)
}
