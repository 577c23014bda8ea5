//! Values made up for what is no secret, no locator, and needed all the same.

use super::form::Form;
use super::words::Words;

/// A value that fits a variable of this name and form.
pub(super) fn made(name: &str, form: Form) -> String {
    let words = Words::of(name);
    match form {
        // Nobody listens there: the discard port (RFC 863).
        Form::Url if words.ends_with("dsn") => "http://key@127.0.0.1:9/1".to_owned(),
        Form::Url => "http://127.0.0.1:9".to_owned(),
        Form::Number => number(&words),
        Form::Boolean => "false".to_owned(),
        Form::Duration => "1h".to_owned(),
        // A file of the app's would be a guess; a name below the folder that a run starts in is harmless.
        Form::Path => format!("./{}", name.to_ascii_lowercase()),
        Form::HostName => "localhost".to_owned(),
        Form::Port => "9".to_owned(),
        Form::Email => "probe@example.com".to_owned(),
        Form::Pem | Form::Text => text(&words).to_owned(),
    }
}

fn number(words: &Words) -> String {
    let number = if words.has_any(&["ms", "milliseconds"]) {
        30_000
    } else if words.has_any(&["timeout", "ttl", "window", "interval", "seconds"]) {
        30
    } else if words.has_any(&["age"]) {
        3_600
    } else if words.has_any(&["bytes", "size"]) && !words.has("pool") && !words.has("page") {
        1 << 20
    } else if words.has_any(&["kb", "mb"]) {
        8
    } else if words.has_any(&["min", "retries", "workers", "threads"]) {
        2
    } else {
        10
    };
    number.to_string()
}

fn text(words: &Words) -> &'static str {
    if words.pair("log", "level") || words.has("loglevel") {
        "info"
    } else if words.pair("access", "key") && words.ends_with("id") {
        // The one of Amazon's own documentation.
        "AKIAIOSFODNN7EXAMPLE"
    } else if words.ends_with("sid") && words.has("twilio") {
        "AC00000000000000000000000000000000"
    } else if words.ends_with("region") {
        "us-east-1"
    } else if words.ends_with("bucket") {
        "xii-prove"
    } else if words.ends_with_any(&["tz", "timezone"]) {
        "UTC"
    } else if words.ends_with_any(&["locale", "language", "lang"]) {
        "en"
    } else if words.ends_with("currency") {
        "EUR"
    } else if words.ends_with("country") {
        "DE"
    } else if words.ends_with("version") {
        "1.0.0"
    } else if words.ends_with_any(&["origin", "origins"]) {
        "http://localhost"
    } else if words.ends_with_any(&["hosts"]) {
        "*"
    } else {
        "xii"
    }
}

#[cfg(test)]
mod tests {
    use super::super::form::form_of;
    use super::*;

    #[test]
    fn what_is_made_has_its_form() {
        for name in [
            "API_URL",
            "POOL_SIZE",
            "CACHE_TTL",
            "ENABLE_X",
            "JWT_EXPIRES_IN",
            "SMTP_PORT",
            "MAIL_FROM",
            "UPLOAD_DIR",
            "SITE_HOST",
            "MAX_BYTES",
        ] {
            let form = form_of(name, &[]);
            let value = made(name, form);
            assert_eq!(form_of(name, &[&value]), form, "{name}={value}");
        }
        assert_eq!(made("LOG_LEVEL", Form::Text), "info");
    }
}
