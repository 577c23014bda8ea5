//! What differs from answer to answer of an app that behaves: dates, ids, tokens.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands for what was masked.
const MASKED: &str = "…";

/// The forms of what is volatile. The first that fits a place is taken.
static FORMS: LazyLock<Regex> = LazyLock::new(|| {
    let forms = [
        // RFC 3339 and its relatives, SQL's `2026-11-20 14:03:01` included.
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d|UTC))?",
        // HTTP's, RFC 2822's and C's: `Fri, 20 Nov 2026 14:03:01 GMT`, `Fri Nov 20 14:03:01 2026`.
        r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? (?:\d{1,2}[ -][A-Z][a-z]{2,8}|[A-Z][a-z]{2,8} {1,2}\d{1,2})[ ,-](?:\d{2,4} )?\d\d:\d\d:\d\d(?: (?:[A-Z]{3,4}|[+-]\d{4}|\d{4}))*",
        // Common log format's: `20/Nov/2026:14:03:01 +0000`.
        r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?",
        // Times of day.
        r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b",
        // UUIDs.
        r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
        // Tokens of three parts (RFC 7519).
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*",
        // Addresses of instances.
        r"\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):\d{2,5}\b",
        // Spans of time: `12.5ms`, `3 seconds`.
        r"\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|sec|secs|seconds?|milliseconds?|minutes?|hours?)\b",
        // Ids in hexadecimal, and long random words (tokens, nonces, base64).
        r"\b[0-9a-fA-F]{16,}\b",
        r"[A-Za-z0-9_+/-]{20,}={0,2}",
    ];
    // Digits and words of ASCII only: with those of Unicode, each text takes many times as long.
    let forms = forms
        .join("|")
        .replace(r"\d", "[0-9]")
        .replace(r"\b", r"(?-u:\b)");
    Regex::new(&forms).expect("the forms are patterns")
});

/// Names of members whose value is another one each time.
const VOLATILE: &[&str] = &[
    "csrf",
    "csrftoken",
    "csrfmiddlewaretoken",
    "xsrf",
    "nonce",
    "requestid",
    "reqid",
    "traceid",
    "spanid",
    "correlationid",
    "traceparent",
    "timestamp",
    "uptime",
    "duration",
    "elapsed",
    "latency",
    "responsetime",
    "took",
    "hostname",
    "pid",
    "port",
    "instance",
    "instanceid",
    "memory",
    "rss",
    "heapused",
    "heaptotal",
    "loadavg",
];

/// The text with what is volatile masked.
pub(super) fn text(text: &str) -> String {
    FORMS
        .replace_all(text, |found: &Captures<'_>| {
            let found = &found[0];
            // A long word of letters is a word, and a path is a path.
            if is_word(found) {
                found.to_owned()
            } else {
                MASKED.to_owned()
            }
        })
        .into_owned()
}

/// Whether a long run of signs is made by people: it has no digits, or it is a path, or words with dashes.
fn is_word(found: &str) -> bool {
    let plain = found
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_+/=-".contains(&byte));
    let digits = found.bytes().filter(u8::is_ascii_digit).count();
    plain && !found.bytes().any(|byte| byte == b':') && digits == 0
}

/// Whether the value of a member of this name is another one each time.
pub(super) fn is_volatile(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|char| char.to_ascii_lowercase())
        .collect();
    VOLATILE.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_volatile_is_masked() {
        for (given, expected) in [
            ("at 2026-11-20T14:03:01.123Z.", "at …."),
            ("at 2026-11-20 14:03:01+01:00", "at …"),
            ("Fri, 20 Nov 2026 14:03:01 GMT", "…"),
            ("Fri, 20-Nov-2026 14:03:01 GMT", "…"),
            ("Fri Nov 20 14:03:01 2026", "…"),
            ("[20/Nov/2026:14:03:01 +0000]", "[…]"),
            ("now 14:03:01", "now …"),
            ("id e0a9b4f0-3c5d-4b7e-8a3f-2f1f5e6d7c8b!", "id …!"),
            ("trace 4bf92f3577b34da6a3ce929d0e0e4736", "trace …"),
            (
                "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sflKxw",
                "token …",
            ),
            ("from localhost:41233", "from …"),
            ("took 12.5ms", "took …"),
            ("n=aGVsbG8gd29ybGQgMTIzNDU2Nzg5MA==", "n=…"),
        ] {
            assert_eq!(text(given), expected, "{given}");
        }
    }

    #[test]
    fn what_people_write_stays() {
        for given in [
            "42 items",
            "version 1.2.3",
            "an-address-made-of-words-with-dashes",
            "/static/javascripts/application/main",
            "internationalization",
            "2026",
            "deadbeef",
            "größer als 10 €",
        ] {
            assert_eq!(text(given), given);
        }
        assert!(is_volatile("requestId") && is_volatile("X-Request-ID".trim_start_matches("X-")));
        assert!(!is_volatile("count") && !is_volatile("id"));
    }
}
