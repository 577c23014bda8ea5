//! Telling secrets from other text. Pure, so that the audit and the log pipeline agree.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Whether a variable's name says that its value is a secret.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let has = |word: &str| words.iter().any(|one| one == word);
    let pair = |first: &str, second: &str| {
        words
            .windows(2)
            .any(|two| two[0] == first && two[1] == second)
    };
    if has("public")
        || has("publishable")
        || pair("key", "id")
        || has("expiry")
        || has("expires")
        || has("length")
        || has("file")
        || has("path")
    {
        return false;
    }
    has("password")
        || has("passwd")
        || has("pwd")
        || has("secret")
        || has("token")
        || has("credential")
        || has("credentials")
        || has("passphrase")
        || has("apikey")
        || pair("api", "key")
        || pair("private", "key")
        || pair("access", "key")
        || pair("secret", "key")
        || pair("encryption", "key")
        || pair("signing", "key")
        || pair("auth", "key")
}

/// The words of a name in any case style, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            previous_lower = false;
            continue;
        }
        if c.is_ascii_uppercase() && previous_lower {
            words.push(String::new());
        }
        previous_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The bytes of a text that are secrets by their form alone: keys in a provider's format, private
/// keys, passwords in URLs.
pub fn secret_spans(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = KEY_FORMATS
        .iter()
        .flat_map(|format| format.pattern.find_iter(text))
        .map(|found| found.range())
        .collect();
    spans.extend(
        URL_PASSWORD
            .captures_iter(text)
            .filter_map(|found| Some(found.get(1)?.range())),
    );
    spans
}

/// A provider's key format.
struct KeyFormat {
    pattern: Regex,
}

/// The key formats that are told by their form alone.
static KEY_FORMATS: LazyLock<Vec<KeyFormat>> = LazyLock::new(|| {
    [
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    ]
    .into_iter()
    .filter_map(|pattern| {
        Some(KeyFormat {
            pattern: Regex::new(pattern).ok()?,
        })
    })
    .collect()
});

static URL_PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[a-z][a-z0-9+.-]{1,20}://[^\s:/@$]*:([^\s/@$]+)@")
        .unwrap_or_else(|error| unreachable!("the pattern is constant: {error}"))
});
