//! Patterns as people write them.

use regex::bytes::{Regex, RegexBuilder};

/// Bytes that a pattern may become.
const SIZE: usize = 2 << 20;

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no pattern: {why}")]
pub struct NoPattern {
    text: String,
    why: String,
}

/// The regular expression that a text means, in the syntax of the `regex` crate: linear in time whatever
/// it is, and matched against bytes.
///
/// # Errors
/// It is none, or a very large one.
pub fn pattern(text: &str) -> Result<Regex, NoPattern> {
    let built = RegexBuilder::new(text).size_limit(SIZE).build();
    built.map_err(|error| {
        // The last of its lines says what; those before it draw where.
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default();
        NoPattern {
            text: text.chars().take(80).collect(),
            why: why.trim_start_matches("error: ").to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_pattern_is_one_sentence() {
        assert!(pattern("GET /orders/\\d+").is_ok());
        for (text, why) in [
            ("(", "`(` is no pattern: unclosed group"),
            ("a{", "`a{` is no pattern: unclosed counted repetition"),
            (
                "(\\w{1000}){1000}",
                "`(\\w{1000}){1000}` is no pattern: Compiled regex exceeds size limit of 2097152 bytes.",
            ),
        ] {
            let error = pattern(text).expect_err("it is none").to_string();
            assert_eq!(error, why);
        }
    }
}
