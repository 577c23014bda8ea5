//! What a value bound to a name is: a secret, a locator, a placeholder, a part of a deploy's config.

use std::ops::Range;

use xii_model::{
    Facts, Locator, LocatorLiteral, SecretLiteral, ToldBy, ValueLook, is_secret_name,
    look_of_value, secret_spans,
};

use super::stand_in::{TEST_WORDS, has_word, looks_random};
pub(super) use super::stand_in::{is_placeholder, is_reference};
use crate::source::Source;

/// The last words of names that speak of a secret and do not hold one: `TOKEN_URL`, `password_min`.
const NOT_THE_SECRET: [&str; 44] = [
    "url",
    "uri",
    "endpoint",
    "host",
    "type",
    "algorithm",
    "alg",
    "name",
    "header",
    "prefix",
    "min",
    "max",
    "ttl",
    "age",
    "timeout",
    "enabled",
    "disabled",
    "field",
    "label",
    "policy",
    "hint",
    "lifetime",
    "issuer",
    "audience",
    "format",
    "cookie",
    "id",
    "in",
    "minutes",
    "days",
    "hours",
    "seconds",
    "count",
    "limit",
    "size",
    "rounds",
    "version",
    "region",
    "mode",
    "provider",
    "store",
    "backend",
    "reset",
    "hashers",
];

/// Whether the name is a secret's and not that of something about a secret.
pub(super) fn names_a_secret(name: &str) -> bool {
    let last = name
        .rsplit(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or(name);
    let tail = last
        .rfind(|c: char| c.is_ascii_uppercase())
        .filter(|_| last.chars().any(|c| c.is_ascii_lowercase()))
        .and_then(|at| last.get(at..))
        .unwrap_or(last)
        .to_ascii_lowercase();
    is_secret_name(name) && !NOT_THE_SECRET.contains(&tail.as_str())
}

/// The credential that a value is, by its name or its form; `None` for anything else. Keys in a
/// provider's format and private keys are left to the scan of the whole text.
pub(super) fn secret(name: &str, value: &str) -> Option<SecretLiteral> {
    let value = value.trim();
    if value.is_empty() || is_reference(value) {
        return None;
    }
    let literal = |kind: &str, told_by, placeholder| SecretLiteral {
        kind: kind.to_owned(),
        name: Some(name.to_owned()),
        told_by,
        overridden: false,
        refused_in_production: false,
        placeholder,
    };
    if let Some(locator) = Locator::parse(value) {
        if !locator.has_password {
            return None;
        }
        let password = url_password(value).unwrap_or_default();
        if is_reference(password) || password.contains("${") || password.starts_with('$') {
            return None;
        }
        let idiom = matches!(
            locator.user.as_deref(),
            Some("user" | "username" | "USER" | "USERNAME")
        ) && matches!(
            password.to_ascii_lowercase().as_str(),
            "pass" | "password" | "pwd" | "secret"
        );
        return Some(literal(
            "password in a URL",
            ToldBy::UrlPassword,
            idiom || is_placeholder(password) || locator.is_example(),
        ));
    }
    if value.contains("-----BEGIN") || !secret_spans(value).is_empty() || !names_a_secret(name) {
        return None;
    }
    let plain = value.to_ascii_lowercase();
    let short_number = plain.len() <= 6
        && plain.starts_with(|c: char| c.is_ascii_digit())
        && plain.trim_start_matches(|c: char| c.is_ascii_digit()).len() <= 1
        && !is_password_name(name);
    let other = matches!(
        plain.as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "none"
    ) || short_number
        || value.starts_with('/')
        || value.starts_with("./")
        || value.contains(char::is_whitespace) && value.split_whitespace().count() > 4;
    if other {
        return None;
    }
    let (told_by, placeholder) = match look_of_value(value) {
        ValueLook::Reference => return None,
        ValueLook::Random => (ToldBy::Entropy, false),
        ValueLook::Placeholder => (ToldBy::Name, true),
        ValueLook::Chosen => {
            let for_tests = is_placeholder(value) || has_word(&plain, &TEST_WORDS);
            (ToldBy::Name, for_tests)
        }
    };
    Some(literal(&kind_of(name), told_by, placeholder))
}

fn is_password_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["password", "passwd", "pwd", "passphrase", "secret"]
        .iter()
        .any(|end| lower.ends_with(end))
}

fn kind_of(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["password", "passwd", "pwd", "passphrase"]) {
        "password"
    } else if has(&["token"]) {
        "token"
    } else if has(&["api_key", "apikey", "api-key"]) {
        "API key"
    } else if has(&["private"]) {
        "private key"
    } else {
        "secret"
    }
    .to_owned()
}

/// The ends of names whose values differ between deploys.
const DEPLOY_ENDS: [&str; 22] = [
    "host", "hosts", "hostname", "server", "servers", "port", "url", "uri", "dsn", "bucket",
    "endpoint", "domain", "origin", "origins", "address", "addr", "brokers", "broker", "user",
    "username", "database", "baseurl",
];

/// Whether a value looks like a part of a deploy's config: a locator, a host, a port, a credential.
pub(super) fn is_deploy_value(name: &str, value: &str) -> bool {
    let value = value.trim();
    if value.is_empty() || is_reference(value) || is_placeholder(value) {
        return false;
    }
    if let Some(secret) = secret(name, value) {
        return !secret.placeholder;
    }
    if !secret_spans(value).is_empty() || value.contains("-----BEGIN") {
        return true;
    }
    if let Some(locator) = Locator::parse(value) {
        return !locator.is_example();
    }
    let is_address = value.parse::<std::net::IpAddr>().is_ok();
    let lower = name.to_ascii_lowercase();
    let last = name
        .rsplit(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or(name);
    let camel = last
        .rfind(|c: char| c.is_ascii_uppercase())
        .filter(|_| last.chars().any(|c| c.is_ascii_lowercase()))
        .and_then(|at| last.get(at..))
        .unwrap_or(last)
        .to_ascii_lowercase();
    let is_flag = matches!(value, "true" | "false" | "True" | "False" | "0" | "1");
    let named = DEPLOY_ENDS.contains(&camel.as_str())
        || matches!(
            lower.as_str(),
            "pghost" | "pgport" | "pguser" | "pgdatabase" | "pgpassword"
        );
    is_address || named && !is_flag
}

/// The password of a URL, as it is written.
fn url_password(value: &str) -> Option<&str> {
    let rest = value.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let user_info = authority.rsplit_once('@')?.0;
    Some(user_info.split_once(':')?.1)
}

/// A value as a fact may quote it: `None` for a secret, and a URL without its password and query.
pub(super) fn quotable(source: &Source<'_>, name: &str, value: &str) -> Option<String> {
    if let Some(locator) = Locator::parse(value) {
        let plain = !locator.has_password && !value.contains('?');
        return Some(if plain {
            source.redacted(value)
        } else {
            locator.to_string()
        });
    }
    let hidden = names_a_secret(name)
        || value.contains("-----BEGIN")
        || looks_random(value)
        || value.len() > 1000;
    (!hidden).then(|| source.redacted(value))
}

/// Keeps a value out of every excerpt when it is, or may be, a secret. Call it for all values of a
/// file before evidence is made from it.
pub(super) fn mask(source: &Source<'_>, name: &str, value: &str, span: Range<usize>) {
    if Locator::parse(value).is_some() {
        // The raw text may have escapes that the value has not: then all of it is hidden.
        let raw = source.text.get(span.clone()).unwrap_or_default();
        if let Some(password) = url_password(value).filter(|password| !password.is_empty()) {
            match raw.find(password) {
                Some(at) => source.mask(span.start + at..span.start + at + password.len()),
                None => source.mask(span.clone()),
            }
        }
        if let Some(query) = raw.find('?') {
            source.mask(span.start + query + 1..span.end);
        }
        return;
    }
    let private_key = value.contains("-----BEGIN");
    if private_key || secret(name, value).is_some() || looks_random(value) {
        source.mask(span);
    }
}

/// The locator that a value is: one URL, whose host is written out.
fn locator(value: &str) -> Option<Locator> {
    Locator::parse(value).filter(|locator| {
        value.matches("://").count() == 1
            && !value.contains(char::is_whitespace)
            && !locator.host.contains(['$', '{', '<'])
    })
}

/// Pushes what a value says by itself: the credential and the locator in it.
pub(super) fn push_literals(
    source: &Source<'_>,
    facts: &mut Facts,
    name: &str,
    value: &str,
    span: Range<usize>,
) {
    if let Some(secret) = secret(name, value) {
        facts.push(source.fact(span.clone(), secret));
    }
    if is_reference(value) {
        return;
    }
    if let Some(locator) = locator(value) {
        facts.push(source.fact(
            span,
            LocatorLiteral {
                locator,
                name: Some(name.to_owned()),
                overridden: false,
                used_by: None,
            },
        ));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(name: &str, value: &str) -> Option<(ToldBy, bool)> {
        secret(name, value).map(|one| (one.told_by, one.placeholder))
    }

    #[test]
    fn secrets_are_told_from_other_values() {
        let random = "n2127bOgmzao67RiW3umlVs16GL9fEj+JQRDaaN5E9G7yC";
        assert_eq!(told("JWT_SECRET", random), Some((ToldBy::Entropy, false)));
        assert_eq!(told("DB_PASSWORD", "hunter2"), Some((ToldBy::Name, false)));
        assert_eq!(
            told("DB_PASSWORD", "changethis"),
            Some((ToldBy::Name, true))
        );
        assert_eq!(told("API_KEY", "your-api-key"), Some((ToldBy::Name, true)));
        assert_eq!(told("API_KEY", "xxxxx"), Some((ToldBy::Name, true)));
        assert_eq!(told("API_KEY", "${API_KEY}"), None);
        assert_eq!(told("TOKEN_URL", "https://id.example.com/token"), None);
        assert_eq!(told("TOKEN_TTL", "3600"), None);
        assert_eq!(told("TOKEN", "15m"), None);
        assert_eq!(told("SECRET_KEY_FILE", "/run/secrets/key"), None);
        assert_eq!(told("LOG_LEVEL", "debug"), None);
        assert_eq!(
            told("DATABASE_URL", "postgres://app:s3cret@db/x"),
            Some((ToldBy::UrlPassword, false))
        );
        assert_eq!(
            told("DATABASE_URL", "postgres://user:pass@127.0.0.1/x"),
            Some((ToldBy::UrlPassword, true))
        );
        assert_eq!(told("DATABASE_URL", "postgres://app:${PW}@db/x"), None);
        assert_eq!(told("tokenType", "bearer"), None);
    }

    #[test]
    fn deploy_config_is_told_from_settings_of_behaviour() {
        for (name, value) in [
            ("DATABASE_URL", "postgres://localhost/x"),
            ("DB_HOST", "localhost"),
            ("PGHOST", "db"),
            ("PORT", "3000"),
            ("apiBaseUrl", "https://api.acme.io"),
            ("SECRET", "hunter2"),
            ("bind", "10.0.0.1"),
        ] {
            assert!(is_deploy_value(name, value), "{name}");
        }
        for (name, value) in [
            ("LOG_LEVEL", "info"),
            ("CAN_CREATE_DATABASE", "0"),
            ("DEBUG", "true"),
            ("DB_HOST", ""),
            ("DB_HOST", "${HOST}"),
            ("SECRET", "changeme"),
            ("SITE_NAME", "Shop"),
        ] {
            assert!(!is_deploy_value(name, value), "{name}");
        }
    }

    #[test]
    fn a_list_of_hosts_is_quoted() {
        let path = std::sync::Arc::from(".env");
        let source = Source::new(&path, "", xii_model::FileClass::Source, None);
        let hosts = "localhost,127.0.0.1,host.docker.internal";
        assert_eq!(
            quotable(&source, "ALLOWED_HOSTS", hosts).as_deref(),
            Some(hosts)
        );
        assert_eq!(
            quotable(&source, "SALT", "9f86d081884c7d659a2feaa0c55ad015"),
            None
        );
    }

    #[test]
    fn a_password_with_odd_characters_is_hidden_in_full() {
        let text = "URL=amqp://app:s3cr@t@mq/x?token=abc";
        let path = std::sync::Arc::from(".env");
        let source = Source::new(&path, text, xii_model::FileClass::Source, None);
        mask(&source, "URL", &text[4..], 4..text.len());
        assert_eq!(
            &*source.evidence(0..3).excerpt,
            "URL=amqp://app:******@mq/x?*********"
        );
        assert_eq!(
            quotable(&source, "URL", &text[4..]).as_deref(),
            Some("amqp://app:***@mq/x")
        );
    }

    proptest! {
        #[test]
        fn any_value_is_judged(name in ".{0,20}", value in "(?s:.|[$<>{}%:/@-]){0,60}") {
            secret(&name, &value);
            is_deploy_value(&name, &value);
        }
    }
}
