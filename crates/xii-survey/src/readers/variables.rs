//! Variables that a file gives to a process: what is declared, what is a secret, what is a stand-in.

use std::ops::Range;
use std::sync::Arc;

use xii_model::{
    Buffering, ConfigDeclaration, DeclarationSource, Fact, Facts, SecretLiteral, ToldBy, ValueLook,
    is_secret_name, look_of_value, secrets_by_form,
};

use super::expand::is_reference;
use crate::document::Node;
use crate::source::Source;

/// What stands in a fact for a secret's value.
pub(super) const REDACTED: &str = "***";

/// A variable as a file gives it.
#[derive(Clone, Debug)]
pub(super) struct Variable<'v> {
    /// Its name.
    pub(super) name: &'v str,
    /// The value as written; `None` when the file only names it.
    pub(super) value: Option<&'v str>,
    /// Where name and value stand.
    pub(super) span: Range<usize>,
    /// Where the value stands.
    pub(super) value_span: Range<usize>,
    /// What kind of file gives it.
    pub(super) source: DeclarationSource,
}

impl Variable<'_> {
    /// What makes its value a secret, if anything does.
    pub(super) fn secret(&self) -> Option<ToldBy> {
        secret(self.name, self.value?)
    }

    /// Keeps the value out of excerpts if it is a secret.
    pub(super) fn mask(&self, source: &Source<'_>) {
        if self.secret().is_some() {
            source.mask(self.value_span.clone());
        }
    }

    /// The value for a fact: redacted when it is a secret that is no placeholder.
    pub(super) fn shown(&self, source: &Source<'_>) -> String {
        let value = self.value.unwrap_or_default();
        match self.secret() {
            Some(ToldBy::UrlPassword | ToldBy::Format | ToldBy::PrivateKey) => {
                source.redacted(value)
            }
            Some(_) if !is_placeholder(value) => REDACTED.to_owned(),
            _ => value.to_owned(),
        }
    }

    /// Pushes the declaration.
    pub(super) fn declare(
        &self,
        source: &Source<'_>,
        facts: &mut Facts,
        belongs: Option<&Arc<str>>,
    ) {
        let given = self.value.filter(|value| !is_reference(value));
        let secret = self.secret().is_some() || is_secret_name(self.name);
        let declaration = ConfigDeclaration {
            name: self.name.to_owned(),
            source: self.source,
            has_value: given.is_some_and(|value| !value.is_empty() && !is_stand_in(value)),
            value: given
                .filter(|_| !secret)
                .map(|value| source.redacted(value)),
            required: None,
            comment: None,
        };
        let fact = source.fact(self.span.clone(), declaration);
        facts.push(owned(fact, belongs));
        if self.name == "PYTHONUNBUFFERED" && given.is_some_and(|value| !value.is_empty()) {
            let buffering = Buffering {
                unbuffered: true,
                how: self.name.to_owned(),
            };
            facts.push(owned(source.fact(self.span.clone(), buffering), belongs));
        }
    }

    /// Pushes the secret, if the value is one that is written down. What its form alone gives away
    /// is told for every text file elsewhere.
    pub(super) fn tell_secret(
        &self,
        source: &Source<'_>,
        facts: &mut Facts,
        belongs: Option<&Arc<str>>,
    ) {
        self.tell_secret_beside(source, facts, belongs, &[]);
    }

    /// As [`Self::tell_secret`], with the values that stand beside it: a password that is also the
    /// name of the user or the database is the first that everyone tries.
    pub(super) fn tell_secret_beside(
        &self,
        source: &Source<'_>,
        facts: &mut Facts,
        belongs: Option<&Arc<str>>,
        beside: &[&str],
    ) {
        let (Some(told_by @ (ToldBy::Name | ToldBy::Entropy)), Some(value)) =
            (self.secret(), self.value)
        else {
            return;
        };
        let literal = SecretLiteral {
            kind: kind(self.name).to_owned(),
            name: Some(self.name.to_owned()),
            told_by,
            overridden: false,
            refused_in_production: false,
            placeholder: is_placeholder(value)
                || (told_by == ToldBy::Name && beside.contains(&value)),
        };
        facts.push(owned(source.fact(self.span.clone(), literal), belongs));
    }
}

/// The fact, as one of the app at this root.
pub(super) fn owned<T>(mut fact: Fact<T>, belongs: Option<&Arc<str>>) -> Fact<T> {
    fact.belongs = belongs.cloned();
    fact
}

/// What makes the value of a name a secret: not a reference, not empty, not a switch, a count, an
/// address or a path.
pub(super) fn secret(name: &str, value: &str) -> Option<ToldBy> {
    if value.trim().is_empty() {
        return None;
    }
    if let Some(found) = secrets_by_form(value).first() {
        let secret = value.get(found.bytes.clone()).unwrap_or_default();
        return (!is_reference(secret)).then_some(found.told_by);
    }
    if !is_secret_name(name) || is_reference(value) || is_setting(name, value) {
        return None;
    }
    match look_of_value(value) {
        ValueLook::Reference => None,
        ValueLook::Random => Some(ToldBy::Entropy),
        ValueLook::Placeholder | ValueLook::Chosen => Some(ToldBy::Name),
    }
}

/// Whether the value of a secret-like name configures how secrets are handled: `TOKEN_TTL=3600`.
fn is_setting(name: &str, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let words = ["true", "false", "yes", "no", "on", "off", "null", "none"];
    let count = value.len() < 6
        && value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && !name.to_ascii_lowercase().contains("password");
    // `existingSecret: db` names an object that holds the secret.
    let names_object = name.starts_with("existing") || name.ends_with("Ref");
    words.contains(&lower.as_str())
        || count
        || names_object
        || value.starts_with('/')
        || value.starts_with("./")
        || value.contains("://")
}

/// Whether a value stands in for one that is still to be given.
pub(super) fn is_stand_in(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', ' ']);
    let lower = value.to_ascii_lowercase();
    let marks = [
        "changeme",
        "change-me",
        "change_me",
        "changethis",
        "change-this",
        "change_this",
        "your-",
        "your_",
        "yoursecret",
        "placeholder",
        "xxx",
    ];
    marks.iter().any(|mark| lower.contains(mark))
        || lower == "..."
        || (value.starts_with('<') && value.ends_with('>'))
}

/// Whether a secret's value is one that nobody could take for a real one: what the image's own
/// documentation uses, or the first thing that everyone tries.
pub(super) fn is_placeholder(value: &str) -> bool {
    const USUAL: [&str; 42] = [
        "postgres",
        "postgresql",
        "pass",
        "pwd",
        "root",
        "admin",
        "administrator",
        "guest",
        "demo",
        "mysql",
        "mariadb",
        "mongo",
        "mongodb",
        "redis",
        "rabbitmq",
        "minio",
        "minioadmin",
        "db",
        "database",
        "app",
        "mysecretpassword",
        "mypassword",
        "rootpassword",
        "secretpassword",
        "supersecret",
        "qwerty",
        "build",
        "ci",
        "secret-key",
        "secret_key",
        "dev-secret",
        "dev_secret",
        "test-secret",
        "passw0rd",
        "dbpassword",
        "db_password",
        "unused",
        "na",
        "n/a",
        "tbd",
        "password",
        "secret",
    ];
    let value = value.trim_matches(['"', '\'', ' ']);
    let lower = value.to_ascii_lowercase();
    let plain = lower.trim_end_matches(|c: char| c.is_ascii_digit() || "!@#-_".contains(c));
    USUAL.contains(&plain) || is_stand_in(value) || look_of_value(value) == ValueLook::Placeholder
}

fn kind(name: &str) -> &'static str {
    let lower = name.to_ascii_lowercase();
    let has = |word: &str| lower.contains(word);
    if has("pass") || has("pwd") {
        "password"
    } else if has("token") {
        "token"
    } else if has("key") {
        "key"
    } else {
        "secret"
    }
}

/// Masks every value of a tree that is bound to a secret's name, before evidence is made of it.
pub(super) fn mask_tree(source: &Source<'_>, root: &Node) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        for entry in node.entries() {
            if let Some(value) = entry.value.as_text()
                && secret(&entry.key, &value).is_some()
            {
                source.mask(entry.value.span.clone());
            }
            open.push(&entry.value);
        }
        // `- NAME=value`, and Kubernetes' `- name: NAME` with `value: …` beside it.
        if let (Some(name), Some(value)) = (node.get("name"), node.get("value"))
            && let (Some(name), Some(text)) = (name.as_str(), value.as_text())
            && secret(name, &text).is_some()
        {
            source.mask(value.span.clone());
        }
        for item in node.items() {
            if let Some((name, value)) = item.as_str().and_then(|text| text.split_once('='))
                && secret(name, value).is_some()
            {
                let end = item.span.end;
                let start = item.span.start + name.len() + 1;
                source.mask(start.min(end)..end);
            }
            open.push(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_settings_and_references() {
        for (name, value, told) in [
            ("DB_PASSWORD", "hunter2hunter2", Some(ToldBy::Name)),
            (
                "SECRET_KEY",
                "9f8a7b6c5d4e3f2a1b0c9d8e",
                Some(ToldBy::Entropy),
            ),
            (
                "DATABASE_URL",
                "postgres://a:hunter2@db/x",
                Some(ToldBy::UrlPassword),
            ),
            ("DATABASE_URL", "postgres://a:${PW}@db/x", None),
            ("DATABASE_URL", "postgres://db/x", None),
            ("SECRET_KEY", "$SECRET_KEY", None),
            ("SECRET_KEY", "", None),
            ("TOKEN_TTL", "3600", None),
            ("DB_PASSWORD_FILE", "/run/secrets/db", None),
            ("PORT", "8080", None),
        ] {
            assert_eq!(secret(name, value), told, "{name}={value}");
        }
    }

    #[test]
    fn stand_ins_are_told_from_values() {
        for value in [
            "postgres",
            "password123",
            "changeme",
            "<your key>",
            "xxxxxx",
            "example-key",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in [
            "hunter2hunter2",
            "9f8a7b6c5d4e3f2a1b0c9d8e",
            "correct horse",
        ] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
