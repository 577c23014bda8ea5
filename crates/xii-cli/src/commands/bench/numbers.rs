//! Numbers as people read them.

/// A count with its thousands apart: `1,234,567`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A rate: whole above 100, with one digit behind the point below.
pub(super) fn rate(number: f64) -> String {
    if number >= 100.0 {
        count(number.round() as u64)
    } else {
        format!("{number:.1}")
    }
}

/// A time given in microseconds, to three digits: `850 µs`, `1.21 ms`, `12.3 s`.
pub(super) fn time(microseconds: f64) -> String {
    let (value, unit) = match microseconds {
        less if less < 999.5 => (less, "µs"),
        less if less < 999_500.0 => (less / 1e3, "ms"),
        more => (more / 1e6, "s"),
    };
    format!("{} {unit}", digits(value))
}

/// Bytes: `13 B`, `5.3 MB`.
pub(super) fn bytes(number: u64) -> String {
    let value = number as f64;
    match number {
        0..=999 => format!("{number} B"),
        1_000..=999_499 => format!("{} kB", digits(value / 1e3)),
        999_500..=999_499_999 => format!("{} MB", digits(value / 1e6)),
        _ => format!("{} GB", digits(value / 1e9)),
    }
}

/// Three digits of a value below 1,000, and all before the point of a larger one.
fn digits(value: f64) -> String {
    let places = if value >= 99.95 {
        0
    } else if value >= 9.995 {
        1
    } else {
        2
    };
    let text = format!("{value:.places$}");
    // 5.00 says no more than 5.
    match text.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_never_wrong_by_a_unit() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(count),
            ["0", "999", "1,000", "1,234,567"]
        );
        let times = [
            0.05, 5.0, 99.96, 850.2, 999.6, 1_210.0, 12_345.0, 999_700.0, 12e6, 4000e6,
        ];
        let shown = [
            "0.05 µs", "5 µs", "100 µs", "850 µs", "1 ms", "1.21 ms", "12.3 ms", "1 s", "12 s",
            "4000 s",
        ];
        assert_eq!(times.map(time), shown);
        assert_eq!(
            [13, 1_500, 999_600, 5_340_000].map(bytes),
            ["13 B", "1.50 kB", "1 MB", "5.34 MB"]
        );
        assert_eq!([0.5, 99.96, 41_234.5].map(rate), ["0.5", "100.0", "41,235"]);
    }
}
