//! What a variable's value must look like, told by its name and by values that it was seen with.

use super::words::Words;

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// `scheme://…`
    Url,
    /// A number.
    Number,
    /// On or off.
    Boolean,
    /// A span of time with its unit, such as `15m`.
    Duration,
    /// A key or certificate in PEM (RFC 7468).
    Pem,
    /// A path of the file system.
    Path,
    /// The name or address of a machine.
    HostName,
    /// The number of a port.
    Port,
    /// A mail address.
    Email,
    /// Anything else.
    Text,
}

/// The form of a variable: what the values say that it was seen with, and else what its name says.
pub(super) fn form_of(name: &str, seen: &[&str]) -> Form {
    let words = Words::of(name);
    seen.iter()
        .map(|value| value.trim())
        .filter(|value| !value.is_empty())
        .find_map(|value| by_value(&words, value))
        .unwrap_or_else(|| by_name(&words))
}

fn by_value(words: &Words, value: &str) -> Option<Form> {
    let lower = value.to_ascii_lowercase();
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse::<f64>().is_ok_and(f64::is_finite);
    if value.contains("-----BEGIN ") {
        Some(Form::Pem)
    } else if value.contains("://") && !value.contains(char::is_whitespace) {
        Some(Form::Url)
    } else if matches!(
        lower.as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off"
    ) || (matches!(value, "0" | "1") && by_name(words) == Form::Boolean)
    {
        Some(Form::Boolean)
    } else if digits && words.ends_with("port") {
        Some(Form::Port)
    } else if number {
        // A secret or an id of digits is not counted with.
        (by_name(words) != Form::Text || !words.ends_with_any(&["id", "sid", "pin", "code"]))
            .then_some(Form::Number)
    } else if is_duration(&lower) {
        Some(Form::Duration)
    } else if value.contains('@') && value.contains('.') && by_name(words) == Form::Email {
        Some(Form::Email)
    } else {
        None
    }
}

/// `15m`, `500ms`, `1 day`.
fn is_duration(lower: &str) -> bool {
    let unit = lower.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < lower.len()
        && matches!(
            unit.trim(),
            "ms" | "s"
                | "sec"
                | "m"
                | "min"
                | "h"
                | "d"
                | "w"
                | "day"
                | "days"
                | "hour"
                | "hours"
                | "minutes"
                | "seconds"
        )
}

fn by_name(words: &Words) -> Form {
    const NUMBERS: [&str; 34] = [
        "timeout",
        "ttl",
        "count",
        "size",
        "limit",
        "max",
        "min",
        "workers",
        "threads",
        "concurrency",
        "interval",
        "retries",
        "rounds",
        "ms",
        "seconds",
        "minutes",
        "hours",
        "days",
        "age",
        "length",
        "pool",
        "attempts",
        "window",
        "rate",
        "bytes",
        "kb",
        "mb",
        "number",
        "level",
        "factor",
        "percent",
        "ratio",
        "quota",
        "depth",
    ];
    if words.ends_with_any(&["url", "uri", "dsn", "endpoint"]) || words.has("connectionstring") {
        Form::Url
    } else if words.ends_with("port") {
        Form::Port
    } else if words.pair("private", "key") || words.ends_with_any(&["pem", "cert", "certificate"]) {
        Form::Pem
    } else if words.has_any(&["expires", "expiry", "expiration", "lifetime", "duration"]) {
        Form::Duration
    } else if words.ends_with_any(&[
        "enabled", "disabled", "debug", "verbose", "secure", "secured", "ssl", "tls",
    ]) || words
        .starts_with_any(&["enable", "disable", "is", "use", "allow", "skip", "has"])
    {
        Form::Boolean
    } else if (words.ends_with_any(&NUMBERS) || words.starts_with_any(&["max", "min"]))
        && !words.pair("log", "level")
    {
        Form::Number
    } else if words.ends_with_any(&["host", "hostname", "domain"]) {
        Form::HostName
    } else if words.ends_with_any(&["path", "dir", "directory", "folder", "file", "root"]) {
        Form::Path
    } else if words.ends_with_any(&["email", "from", "sender", "mailto"]) {
        Form::Email
    } else {
        Form::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_says_more_than_a_name() {
        for (name, seen, form) in [
            ("DATABASE_URL", "", Form::Url),
            ("API_BASE", "https://api.acme.io", Form::Url),
            ("SMTP_PORT", "587", Form::Port),
            ("POOL_SIZE", "", Form::Number),
            ("MAX_ITEMS", "", Form::Number),
            ("CACHE", "300", Form::Number),
            ("ENABLE_SIGNUP", "", Form::Boolean),
            ("SIGNUP", "yes", Form::Boolean),
            ("DEBUG", "1", Form::Boolean),
            ("JWT_EXPIRES_IN", "", Form::Duration),
            ("REQUEST_TIMEOUT", "15s", Form::Duration),
            ("JWT_PRIVATE_KEY", "", Form::Pem),
            ("UPLOAD_DIR", "", Form::Path),
            ("DB_HOST", "", Form::HostName),
            ("MAIL_FROM", "", Form::Email),
            ("LOG_LEVEL", "", Form::Text),
            ("ACCOUNT_ID", "12345", Form::Text),
        ] {
            assert_eq!(form_of(name, &[seen]), form, "{name}={seen}");
        }
    }
}
