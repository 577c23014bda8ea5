//! Telling secrets from other text. Pure, so that the audit and the log pipeline agree.

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
