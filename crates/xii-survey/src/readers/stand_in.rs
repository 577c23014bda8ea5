//! Values that stand for others: references to values that are kept elsewhere, and placeholders.

use xii_model::{ValueLook, look_of_value};

/// Whether a value is taken from elsewhere: `$X`, `${X}`, `{{ x }}`, `<%= x %>`, `%X%`, `!Ref`.
pub(super) fn is_reference(value: &str) -> bool {
    let value = value.trim();
    (value.starts_with("${") && value.ends_with('}'))
        || value.strip_prefix('$').is_some_and(|name| {
            !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
        })
        || (value.starts_with("{{") && value.ends_with("}}"))
        || (value.starts_with("<%") && value.ends_with("%>"))
        || (value.len() > 2 && value.starts_with('%') && value.ends_with('%'))
        || value.starts_with("env(")
        || value.starts_with("@format ")
        || value.contains("{{")
        || value.starts_with("op://")
        || value.starts_with("vault:")
        || value.starts_with("arn:aws:secretsmanager:")
}

/// Whether a machine made the value. A list of hosts or addresses is none.
pub(super) fn looks_random(value: &str) -> bool {
    !value.contains([',', ';']) && look_of_value(value) == ValueLook::Random
}

/// Words that a value holds when somebody is to replace it.
const PLACEHOLDER_PARTS: [&str; 25] = [
    "changeme",
    "changethis",
    "change_me",
    "change-me",
    "change this",
    "change_this",
    "change-this",
    "replace",
    "placeholder",
    "example",
    "sample",
    "dummy",
    "xxxx",
    "your_",
    "your-",
    "your ",
    "<your",
    "todo",
    "fixme",
    "redacted",
    "generate",
    "insert_",
    "insert-",
    "set me",
    "!!!set",
];

/// Words that a value has when it stands for a real one.
const PLACEHOLDER_WORDS: [&str; 4] = ["your", "foo", "bar", "here"];

/// Words that a credential has when it is made for tests. Other values may well be called so.
pub(super) const TEST_WORDS: [&str; 5] = ["test", "fake", "mock", "my", "none"];

/// Whether a value stands for a real one: `changeme`, `your-api-key`, `xxx`, `<token>`.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.trim().to_ascii_lowercase();
    if lower.is_empty() {
        return false;
    }
    let bare = lower.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    // `0` and `000` are numbers; `xxx`, `***` and `...` are not values.
    let one_character = lower.len() >= 3
        && lower
            .chars()
            .next()
            .is_some_and(|first| !first.is_ascii_digit() && lower.chars().all(|c| c == first));
    let enclosed = lower.len() > 2
        && ((lower.starts_with('<') && lower.ends_with('>'))
            || (lower.starts_with('[') && lower.ends_with(']') && !lower.contains(['"', ',']))
            || (lower.starts_with("__") && lower.ends_with("__")));
    one_character
        || enclosed
        || matches!(
            bare,
            "123" | "abc" | "abc123" | "key" | "token" | "null" | "undefined"
        )
        || lower.contains("...")
        || PLACEHOLDER_PARTS.iter().any(|part| lower.contains(part))
        || has_word(&lower, &PLACEHOLDER_WORDS)
}

/// Whether one of the words stands in a text that is not random.
pub(super) fn has_word(lower: &str, words: &[&str]) -> bool {
    !looks_random(lower)
        && lower
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|word| words.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_replaced_is_told_from_what_is_meant() {
        for value in [
            "changeme",
            "<token>",
            "xxx",
            "***",
            "your-key",
            "__SECRET__",
            "put it here",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in [
            "", "0", "1", "true", "test", "app_test", "[]", "hunter2", "debug",
        ] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn references_are_told_from_texts_with_signs() {
        for value in [
            "$X", "${X}", "${X:-y}", "{{ x }}", "<%= x %>", "%X%", "env(X)",
        ] {
            assert!(is_reference(value), "{value}");
        }
        for value in ["5$", "a%b", "$", "x$Y", "http://x"] {
            assert!(!is_reference(value), "{value}");
        }
    }
}
