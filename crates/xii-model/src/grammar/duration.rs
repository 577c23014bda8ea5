use std::fmt::Write as _;
use std::time::Duration;

/// A text that is no span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no span of time: write `500ms`, `30s`, `2m`, `1h`, `7d`, or some in a row as in `1m30s`"
)]
pub struct NoDuration;

/// Units, the largest first, with their milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The longest span that is taken: a thousand days.
const LONGEST: u64 = 1_000 * 86_400_000;

/// Reads a span of time: whole numbers with the units `d`, `h`, `m`, `s` and `ms`, the larger first and
/// each at most once; nothing between them. `0` alone needs no unit.
///
/// # Errors
/// For everything else, and for more than a thousand days.
pub fn duration(text: &str) -> Result<Duration, NoDuration> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text;
    let mut total: u64 = 0;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at(digits);
        let letters = behind.bytes().take_while(u8::is_ascii_lowercase).count();
        let (unit, behind) = behind.split_at(letters);
        let (_, milliseconds) = units.find(|(name, _)| *name == unit).ok_or(NoDuration)?;
        let number: u64 = number.parse().map_err(|_| NoDuration)?;
        total = number
            .checked_mul(*milliseconds)
            .and_then(|part| total.checked_add(part))
            .filter(|total| *total <= LONGEST)
            .ok_or(NoDuration)?;
        rest = behind;
    }
    if text.is_empty() {
        return Err(NoDuration);
    }
    Ok(Duration::from_millis(total))
}

/// A span of time as [`duration`] reads it, to the millisecond: `1m30s`.
pub fn shown_duration(span: Duration) -> String {
    let mut rest = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, milliseconds) in UNITS {
        if rest >= milliseconds {
            let _ = write!(text, "{}{unit}", rest / milliseconds);
            rest %= milliseconds;
        }
    }
    if text.is_empty() {
        text.push_str("0s");
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_are_read_with_their_units() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("7d", 604_800_000),
            ("1m30s", 90_000),
            ("1s5ms", 1_005),
            ("0s", 0),
            ("0", 0),
        ] {
            let read = duration(text).map(|span| span.as_millis());
            assert_eq!(read, Ok(milliseconds), "{text}");
        }
    }

    #[test]
    fn what_has_no_unit_or_an_odd_one_is_refused() {
        for text in [
            "",
            "30",
            "s",
            "30 s",
            " 30s",
            "1.5s",
            "-1s",
            "30S",
            "30sec",
            "1s1m",
            "1s1s",
            "1001d",
            "99999999999999999999s",
            "５s",
            "1m 30s",
        ] {
            assert_eq!(duration(text), Err(NoDuration), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(milliseconds in 0..=LONGEST) {
            let span = Duration::from_millis(milliseconds);
            prop_assert_eq!(duration(&shown_duration(span)), Ok(span));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(?s:.|[0-9dhms]){0,20}") {
            let _ = duration(&text);
        }
    }
}
