//! Credentials that are written down and bound to a name.

use std::collections::BTreeSet;

use xii_model::{
    Facts, SecretLiteral, ToldBy, ValueLook, is_secret_name, is_uuid, look_of_value, secret_spans,
};

use super::bindings::Bound;
use super::locators::words;
use crate::languages::javascript::demands::ends;
use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId, Operator};

/// Words of names that speak of a secret without being one.
const ABOUT: [&str; 47] = [
    "manager",
    "generator",
    "provider",
    "name",
    "names",
    "field",
    "fields",
    "header",
    "headers",
    "label",
    "title",
    "message",
    "error",
    "errors",
    "text",
    "help",
    "placeholder",
    "description",
    "template",
    "format",
    "validator",
    "backend",
    "algorithm",
    "alg",
    "param",
    "params",
    "scope",
    "scopes",
    "endpoint",
    "cookie",
    "location",
    "key",
    "input",
    "selector",
    "id",
    "ids",
    "event",
    "action",
    "status",
    "mode",
    "method",
    "env",
    "variable",
    "route",
    "reset",
    "invalid",
    "forgot",
];

/// Adds a fact for each credential, and keeps its text out of all evidence made from now on.
pub(in crate::languages::javascript) fn read(
    seen: &Seen<'_>,
    bindings: &[Bound],
    facts: &mut Facts,
) {
    let source = seen.file.source;
    let refused = refused(seen);
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for bound in bindings {
        let Some(text) = seen.tree.as_text(bound.text) else {
            continue;
        };
        let Some((told_by, placeholder)) = judge(&bound.name, text, seen.around.browser()) else {
            continue;
        };
        let span = seen.tree.span(bound.text);
        if !done.insert(span.start) {
            continue;
        }
        source.mask(span.start + 1..span.end.saturating_sub(1));
        let fact = SecretLiteral {
            kind: kind_of(&bound.name, told_by).to_owned(),
            name: Some(bound.name.clone()),
            told_by,
            overridden: bound.overridden,
            refused_in_production: refused.contains(text),
            placeholder: placeholder
                || told_by != ToldBy::Format && is_refused_value(seen, bound.text),
        };
        found.push((bound.text, fact));
    }
    for call in &seen.calls {
        let Some((_, number, kind)) = TAKES_KEY.iter().find(|(path, _, _)| *path == call.path)
        else {
            continue;
        };
        let key = seen.tree.arg(call.id, *number);
        let Some(key) = key.filter(|key| matches!(seen.tree.kind(*key), Kind::Text(_))) else {
            continue;
        };
        let text = seen.tree.as_text(key).unwrap_or_default();
        let span = seen.tree.span(key);
        if text.contains("PUBLIC KEY") || text.is_empty() || !done.insert(span.start) {
            continue;
        }
        source.mask(span.start + 1..span.end.saturating_sub(1));
        let look = look_of_value(text);
        let fact = SecretLiteral {
            kind: (*kind).to_owned(),
            name: None,
            told_by: match look {
                ValueLook::Random => ToldBy::Entropy,
                _ => ToldBy::Name,
            },
            overridden: false,
            refused_in_production: false,
            placeholder: look == ValueLook::Placeholder,
        };
        found.push((key, fact));
    }
    for (id, fact) in found {
        facts.push(seen.fact(id, fact));
    }
}

/// Whether the value stands in a list that is named for values that are not to be used, such as
/// `PLACEHOLDER_SECRETS`, against which a start compares.
fn is_refused_value(seen: &Seen<'_>, text: NodeId) -> bool {
    const NAMES: [&str; 13] = [
        "placeholder",
        "placeholders",
        "insecure",
        "forbidden",
        "weak",
        "known",
        "leaked",
        "banned",
        "denied",
        "denylist",
        "blocklist",
        "rejected",
        "example",
    ];
    let tree = seen.tree;
    tree.ancestors(text)
        .take(8)
        .any(|outer| match tree.kind(outer) {
            Kind::Assign { target, .. } => match tree.kind(*target) {
                Kind::Name(name) => words(name)
                    .iter()
                    .any(|word| NAMES.contains(&word.as_str())),
                _ => false,
            },
            _ => false,
        })
}

/// Calls that take a key as it is: the path, the argument's number, and what it is.
const TAKES_KEY: [(&str, usize, &str); 9] = [
    ("jsonwebtoken.sign", 1, "signing key"),
    ("jsonwebtoken.verify", 1, "signing key"),
    ("jwt-simple.encode", 1, "signing key"),
    ("jwt-simple.decode", 1, "signing key"),
    ("cookie-parser", 0, "signing key"),
    ("crypto.createHmac", 1, "signing key"),
    ("@sendgrid/mail.setApiKey", 0, "API key"),
    ("stripe", 0, "API key"),
    ("cryptr", 0, "encryption key"),
];

/// Whether a text bound to a name may be told to be a credential, wherever it stands.
pub(in crate::languages::javascript) fn is_credential(name: &str, text: &str) -> bool {
    judge(name, text, false).is_some()
}

/// How a text bound to a name is told to be a credential, and whether it only stands for one.
fn judge(name: &str, text: &str, browser: bool) -> Option<(ToldBy, bool)> {
    if text.len() > 4_096 || text.len() < 3 {
        return None;
    }
    if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") {
        return Some((ToldBy::PrivateKey, false));
    }
    if text.contains("://") {
        let span = secret_spans(text).into_iter().next()?;
        let password = text.get(span)?;
        let look = look_of_value(password);
        let user = text.split("://").nth(1)?.split(':').next();
        let weak = user == Some(password) || look == ValueLook::Placeholder;
        return (look != ValueLook::Reference).then_some((ToldBy::UrlPassword, weak));
    }
    if !secret_spans(text).is_empty() {
        return Some((
            ToldBy::Format,
            look_of_value(text) == ValueLook::Placeholder,
        ));
    }
    if !is_secret_name(name) || is_about(name) || !can_be_secret(name, text) {
        return None;
    }
    let lower = name.to_lowercase();
    if is_uuid(text) && !(lower.contains("secret") || lower.contains("key")) {
        return None;
    }
    match look_of_value(text) {
        ValueLook::Reference => None,
        ValueLook::Placeholder => Some((ToldBy::Name, true)),
        ValueLook::Random => Some((ToldBy::Entropy, false)),
        // In a browser a password's name is bound to labels far more often than to passwords.
        ValueLook::Chosen if browser => None,
        ValueLook::Chosen => Some((ToldBy::Name, false)),
    }
}

/// Whether a name speaks of a secret without being one.
pub(in crate::languages::javascript) fn is_about(name: &str) -> bool {
    let words = words(name);
    // `API_KEY` ends in a word that `passwordKey` ends in too.
    let last = words.last().map(String::as_str);
    let known = [
        "api",
        "secret",
        "access",
        "private",
        "encryption",
        "signing",
        "auth",
    ];
    let key = last == Some("key")
        && words
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|word| known.contains(&word.as_str()));
    words
        .iter()
        .any(|word| word != "key" && ABOUT.contains(&word.as_str()))
        || last == Some("key") && !key
}

/// Whether a text can be a credential at all: not prose, a path, a name of a field or a type.
fn can_be_secret(name: &str, text: &str) -> bool {
    let words = words(name);
    let is_secret = words.last().is_some_and(|word| word == "secret");
    let spaced = text.contains(char::is_whitespace);
    if spaced && !(is_secret && text.len() <= 40) {
        return false;
    }
    if text.starts_with(['/', '.', '$', '{', '%', '#', '@', '&', '[', '^', ':', '*'])
        || text.ends_with(['!', ':', '?'])
        || text.contains(['|', '{', '<', '('])
    {
        return false;
    }
    // `PASSWORD_RESET: 'password-reset'`, `ACCESS_TOKEN = 'accessToken'`.
    let letters = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect()
    };
    let (plain_name, plain) = (letters(name), letters(text));
    if plain_name == plain || plain_name.contains(&plain) && plain.len() > 5 {
        return false;
    }
    let has_digit = text.chars().any(|c| c.is_ascii_digit());
    let names_itself = ["token", "password", "auth", "bearer", "credential", "login"]
        .iter()
        .any(|word| plain.contains(word));
    // A capitalised word is a label of a form or a translation.
    let label = text.starts_with(|c: char| c.is_uppercase())
        && text.chars().skip(1).all(|c| c.is_lowercase());
    let dotted = text.contains('.')
        && !has_digit
        && text
            .chars()
            .all(|c| c.is_ascii_alphabetic() || matches!(c, '.' | '_'));
    has_digit || !(names_itself || label || dotted || !text.is_ascii())
}

fn kind_of(name: &str, told_by: ToldBy) -> &'static str {
    match told_by {
        ToldBy::PrivateKey => return "private key",
        ToldBy::UrlPassword => return "password in a URL",
        _ => {}
    }
    let name = words(name).join(" ");
    [
        ("passphrase", "passphrase"),
        ("pass", "password"),
        ("pwd", "password"),
        ("api key", "API key"),
        ("apikey", "API key"),
        ("access key", "access key"),
        ("private key", "private key"),
        ("token", "token"),
        ("secret", "secret key"),
        ("key", "key"),
    ]
    .into_iter()
    .find(|(word, _)| name.contains(word))
    .map_or("credential", |(_, kind)| kind)
}

/// Texts that some branch compares with before it throws: values that the start refuses.
fn refused(seen: &Seen<'_>) -> BTreeSet<String> {
    let tree = seen.tree;
    let mut found = BTreeSet::new();
    for id in tree.ids() {
        let Kind::If { test, then, .. } = tree.kind(id) else {
            continue;
        };
        if !ends(tree, *then) {
            continue;
        }
        for part in tree.within(*test).take(60) {
            if let Kind::Binary {
                operator: Operator::Equal,
                left,
                right,
            } = tree.kind(part)
            {
                found.extend(
                    [*left, *right]
                        .iter()
                        .filter_map(|side| seen.text(*side).map(str::to_owned)),
                );
            }
        }
    }
    found
}
