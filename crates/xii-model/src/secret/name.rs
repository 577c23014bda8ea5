//! Names that say that their value is a secret.

/// Whether a variable's name says that its value is a secret.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let has = |word: &str| words.iter().any(|one| one == word);
    let pair = |first: &str, second: &str| {
        words
            .windows(2)
            .any(|two| two[0] == first && two[1] == second)
    };
    // The name of a thing about a secret: how long, how old, where, what it is called.
    const ABOUT: [&str; 32] = [
        "address",
        "public",
        "publishable",
        "expiry",
        "expires",
        "expiration",
        "expire",
        "length",
        "file",
        "path",
        "name",
        "url",
        "uri",
        "type",
        "field",
        "header",
        "regex",
        "pattern",
        "validator",
        "validators",
        "policy",
        "min",
        "max",
        "rounds",
        "lifetime",
        "age",
        "ttl",
        "timeout",
        "prefix",
        "hash",
        "hasher",
        "hint",
    ];
    if ABOUT.iter().any(|word| has(word)) || pair("key", "id") {
        return false;
    }
    // `STRIPE_KEY` in the environment is a secret; `sortKey` in code is not.
    const PLAIN_KEYS: [&str; 12] = [
        "primary",
        "foreign",
        "cache",
        "sort",
        "partition",
        "range",
        "object",
        "index",
        "lookup",
        "site",
        "host",
        "known",
    ];
    let variable = name
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let named_key = variable && words.len() > 1 && words.last().is_some_and(|word| word == "key");
    if named_key && !PLAIN_KEYS.iter().any(|word| has(word)) {
        return true;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case_style() {
        for name in [
            "DB_PASSWORD",
            "jwtSecret",
            "api-key",
            "STRIPE_SECRET_KEY",
            "accessToken",
            "SECRET_KEY",
            "apiKey",
            "APIKEY",
            "privateKey",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "PUBLIC_KEY",
            "tokenizer",
            "KEY_ID",
            "TOKEN_EXPIRY",
            "SECRET_FILE",
            "passwordless",
            "monkey",
            "STRIPE_PUBLISHABLE_KEY",
            "keyboard",
            "author",
            "max_tokens",
            "PASSWORD_MIN_LENGTH",
            "csrfTokenName",
        ] {
            assert!(!is_secret_name(name), "{name}");
            assert!(!is_secret_name("BeeTokenAddress"));
        }
    }
}
