//! What a literal looks like that is bound to a secret's name.

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueLook {
    /// Nothing that opens anything: empty, a word for a secret, a text to be replaced.
    Placeholder,
    /// A reference to a value that stands elsewhere: `${X}`, `{{ x }}`, a path, the name of a variable.
    Reference,
    /// Random: a machine made it.
    Random,
    /// Short or wordy: a person chose it.
    Chosen,
}

/// Words that stand where a secret should be put.
const PLACEHOLDERS: [&str; 34] = [
    "example",
    "changeme",
    "change-me",
    "change_me",
    "changethis",
    "change this",
    "change-this",
    "change_this",
    "your",
    "xxx",
    "placeholder",
    "dummy",
    "fake",
    "sample",
    "todo",
    "replace",
    "insert",
    "fixme",
    "redacted",
    "secret-key-here",
    "not-a-secret",
    "notasecret",
    "insecure",
    "put-",
    "enter-",
    "-here",
    "_here",
    "lorem",
    "foobar",
    "put_",
    "enter_",
    "goes here",
    "unset",
    "undefined",
];

/// Whole values that open nothing.
const WORDS: [&str; 32] = [
    "",
    "none",
    "null",
    "nil",
    "true",
    "false",
    "string",
    "password",
    "passwd",
    "secret",
    "token",
    "key",
    "apikey",
    "api_key",
    "test",
    "testing",
    "foo",
    "bar",
    "default",
    "dev",
    "development",
    "local",
    "username",
    "user",
    "bearer",
    "basic",
    "text",
    "hidden",
    "authorization",
    "x",
    "id",
    "value",
];

/// What a value looks like.
pub fn look_of_value(value: &str) -> ValueLook {
    let value = value.trim();
    let lower = value.to_lowercase();
    if is_reference(value) {
        return ValueLook::Reference;
    }
    if WORDS.contains(&lower.as_str())
        || PLACEHOLDERS.iter().any(|word| lower.contains(word))
        || is_monotonous(value)
    {
        return ValueLook::Placeholder;
    }
    if is_random(value) {
        ValueLook::Random
    } else {
        ValueLook::Chosen
    }
}

/// Whether a text is a UUID as RFC 4122 writes it: it identifies, and is a secret only where its name
/// says so.
pub fn is_uuid(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == groups.len()
        && parts.iter().zip(groups).all(|(part, length)| {
            part.len() == length && part.chars().all(|c| c.is_ascii_hexdigit())
        })
}

fn is_reference(value: &str) -> bool {
    let templated = ["${", "{{", "$(", "<%", "#{", "%("]
        .iter()
        .any(|mark| value.contains(mark));
    let named = value.starts_with('$')
        && value.len() > 1
        && value
            .chars()
            .skip(1)
            .all(|c| c.is_ascii_alphanumeric() || c == '_');
    let bracketed = value.starts_with('<') && value.ends_with('>')
        || value.starts_with('[') && value.ends_with(']');
    let path = (value.starts_with('/') || value.starts_with("./") || value.starts_with("../"))
        && value.matches('/').count() > 1;
    let constant = value.contains('_')
        && value.len() > 5
        && value.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    templated
        || named
        || bracketed
        || path
        || constant
        || value.starts_with("process.env")
        || value.starts_with("arn:aws:secretsmanager")
}

/// One character again and again, or a run of neighbours: `********`, `aaaa`, `12345678`, `abcdef`.
fn is_monotonous(value: &str) -> bool {
    let bytes = value.as_bytes();
    let mut distinct = bytes.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() <= 2 {
        return true;
    }
    let steps = bytes
        .windows(2)
        .filter(|two| two[1].wrapping_sub(two[0]) == 1)
        .count();
    bytes.len() >= 4 && steps * 10 >= (bytes.len() - 1) * 8
}

/// Whether a machine made it: long, without spaces, with digits among letters, and of high entropy.
fn is_random(value: &str) -> bool {
    let length = value.chars().count();
    if length < 16 || value.contains(char::is_whitespace) {
        return false;
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(char::is_ascii_alphabetic).count();
    let hex = value.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let wordy = value
        .split(['-', '_', '.', ' ', '/'])
        .filter(|part| part.len() >= 3)
        .all(|part| part.chars().all(|c| c.is_ascii_lowercase()));
    let upper = value.chars().any(|c| c.is_ascii_uppercase());
    let lower = value.chars().any(|c| c.is_ascii_lowercase());
    let mixed = digits >= 2 && letters >= 2
        || upper && lower && value.chars().any(|c| !c.is_ascii_alphanumeric());
    mixed && !(wordy && digits == 0) && entropy(value) >= if hex { 3.0 } else { 3.5 }
}

/// Shannon entropy in bits a character.
fn entropy(value: &str) -> f64 {
    let mut counts = std::collections::HashMap::new();
    for c in value.chars() {
        *counts.entry(c).or_insert(0_u32) += 1;
    }
    let length = f64::from(counts.values().sum::<u32>().max(1));
    counts
        .values()
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart() {
        for (value, look) in [
            ("changeme", ValueLook::Placeholder),
            ("your-api-key", ValueLook::Placeholder),
            ("********", ValueLook::Placeholder),
            ("123456", ValueLook::Placeholder),
            ("abcdefgh", ValueLook::Placeholder),
            ("secret", ValueLook::Placeholder),
            ("${DB_PASSWORD}", ValueLook::Reference),
            ("$DB_PASSWORD", ValueLook::Reference),
            ("<your token>", ValueLook::Reference),
            ("DB_PASSWORD", ValueLook::Reference),
            ("/run/secrets/db", ValueLook::Reference),
            ("hunter2", ValueLook::Chosen),
            ("my super secret key", ValueLook::Chosen),
            ("thisisasamplesecret", ValueLook::Placeholder),
            ("9f86d081884c7d659a2feaa0c55ad015", ValueLook::Random),
            ("kT8#vQz!2mLp0xWd", ValueLook::Random),
            ("correct-horse-battery-staple", ValueLook::Chosen),
        ] {
            assert_eq!(look_of_value(value), look, "{value}");
        }
    }
}
