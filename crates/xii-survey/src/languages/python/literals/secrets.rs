//! Credentials that are written down and bound to a name.

use std::collections::BTreeSet;

use xii_model::{Locator, SecretLiteral, ToldBy, is_secret_name, is_uuid, secret_spans};

use super::bindings::Bound;
use super::words::{ABOUT, PLACEHOLDERS, WORDS, is_weak};
use crate::languages::python::bounds::texts;
use crate::languages::python::config::checks::stops;
use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::{class_around, last_name};
use crate::languages::syntax::{Kind, NodeId, Operator};

/// Adds a fact for each credential, and keeps its text out of all evidence made from now on.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>, bindings: &[Bound]) {
    let refused = refused(reader);
    let mut seen = BTreeSet::new();
    let mut facts = Vec::new();
    for bound in bindings {
        let Some(text) = reader.tree.as_text(bound.text) else {
            continue;
        };
        if in_enumeration(reader, bound.text) {
            continue;
        }
        let Some((kind, told_by, placeholder)) = judge(&bound.name, text) else {
            continue;
        };
        let span = reader.tree.span(bound.text);
        if !seen.insert(span.start) {
            continue;
        }
        reader
            .file
            .source
            .mask(inner(reader.file.source.text, span));
        facts.push((
            bound.text,
            SecretLiteral {
                kind,
                name: Some(bound.name.clone()),
                told_by,
                overridden: bound.overridden,
                refused_in_production: refused.contains(text),
                placeholder,
            },
        ));
    }
    for (id, fact) in facts {
        reader.push(id, fact);
    }
}

/// Whether a text is a member of an enumeration: a name that the program gives something.
fn in_enumeration(reader: &Reader<'_>, id: NodeId) -> bool {
    let tree = reader.tree;
    class_around(tree, id)
        .and_then(|class| tree.as_class(class))
        .is_some_and(|class| {
            class
                .bases
                .iter()
                .filter_map(|base| last_name(tree, *base))
                .any(|base| base.ends_with("Enum") || base.ends_with("Choices"))
        })
}

/// The bytes of a literal without its quotes and prefix.
fn inner(text: &str, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let Some(literal) = text.get(span.clone()) else {
        return span;
    };
    let start = literal.find(['"', '\'']).map_or(0, |at| at + 1);
    let end = literal.rfind(['"', '\'']).unwrap_or(literal.len());
    if start < end {
        span.start + start..span.start + end
    } else {
        span
    }
}

/// What a text bound to a name is, if it is a credential.
fn judge(name: &str, text: &str) -> Option<(String, ToldBy, bool)> {
    if text.len() > 4_096 {
        return None;
    }
    if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") {
        return Some(("private key".to_owned(), ToldBy::PrivateKey, false));
    }
    if text.contains("://") {
        let password = url_password(text)?;
        let user = Locator::parse(text).and_then(|locator| locator.user);
        let placeholder =
            is_placeholder(password) || is_weak(password) || user.as_deref() == Some(password);
        return Some((
            "password in a URL".to_owned(),
            ToldBy::UrlPassword,
            placeholder,
        ));
    }
    if !secret_spans(text).is_empty() {
        return Some((kind_of(name), ToldBy::Format, is_placeholder(text)));
    }
    if !names_secret(name) || !is_value(name, text) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    if is_uuid(text) && !(lower.contains("secret") || lower.contains("key")) {
        return None;
    }
    let told_by = if looks_random(text) {
        ToldBy::Entropy
    } else if is_weak_name(name) || name == "secret" && is_word(text) {
        // `REDIS_KEY = "users"` names a key; `{"secret": "url"}` names a field.
        return None;
    } else {
        ToldBy::Name
    };
    let stand_in = split(name)
        .split('_')
        .any(|word| matches!(word, "dummy" | "example" | "fake" | "sample"));
    let placeholder = stand_in
        || is_placeholder(text)
        || is_weak(text) && !name.to_ascii_lowercase().contains("pass");
    Some((kind_of(name), told_by, placeholder))
}

/// Whether a name says that its value is a secret, and not only something about one.
pub(in crate::languages::python) fn names_secret(name: &str) -> bool {
    is_secret_name(name) && !is_about(name)
}

/// Whether a name only speaks of some key, which may be one to look things up with.
fn is_weak_name(name: &str) -> bool {
    let lower = split(name);
    let words: Vec<&str> = lower.split('_').collect();
    let strong = [
        "pass",
        "passwd",
        "password",
        "pwd",
        "secret",
        "token",
        "apikey",
        "passphrase",
        "credential",
        "credentials",
        "api",
        "access",
        "private",
        "encryption",
        "signing",
        "auth",
        "secretkey",
    ];
    !words
        .iter()
        .any(|word| strong.contains(word) || word.contains("pass"))
}

/// Whether a text is one plain word.
fn is_word(text: &str) -> bool {
    text.len() <= 12 && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// The password of a URL that has one written in it.
fn url_password(text: &str) -> Option<&str> {
    let span = secret_spans(text).into_iter().next()?;
    let password = text.get(span)?;
    let computed = password.contains(['{', '}', '$', '%', '<']);
    (!computed && !password.is_empty()).then_some(password)
}

/// Whether a name speaks of a secret without being one.
fn is_about(name: &str) -> bool {
    let lower = split(name);
    lower
        .rsplit('_')
        .next()
        .is_some_and(|last| ABOUT.contains(&last))
        || [
            "csrf", "grant", "verify", "check", "has", "is", "use", "forgot",
        ]
        .iter()
        .any(|word| lower.split('_').any(|one| one == *word))
}

/// A name in snake case.
fn split(name: &str) -> String {
    let mut out = String::new();
    let mut lower_before = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower_before {
            out.push('_');
        }
        lower_before = c.is_ascii_lowercase();
        out.push(if c == '-' || c == ' ' {
            '_'
        } else {
            c.to_ascii_lowercase()
        });
    }
    out
}

/// Whether a text can be a credential at all: not prose, not a path, not a reference.
fn is_value(name: &str, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if text.len() < 3
        || text.len() < 6 && text.chars().all(|c| c.is_ascii_digit())
        || text.chars().any(char::is_whitespace)
        || WORDS.contains(&lower.as_str())
    {
        return false;
    }
    if text.starts_with(['/', '.', '$', '{', '%', '#', '@', '&'])
        || text.contains("{{")
        || text.contains("${")
    {
        return false;
    }
    // A name of the same kind: `TOKEN = "token"`, `PASSWORD_KEY = "password_key"`.
    let same = |a: &str, b: &str| a.replace(['-', '_'], "") == b.replace(['-', '_'], "");
    let words = split(name);
    let repeats = lower
        .split(['-', '_', '.', ':'])
        .all(|word| words.split('_').any(|one| one == word));
    if same(&words, &lower) || repeats {
        return false;
    }
    // The name of a variable, or a dotted path to code.
    let constant = text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let dotted = text.contains('.')
        && text
            .chars()
            .all(|c| c.is_ascii_alphabetic() || c == '_' || c == '.');
    !(dotted || constant && text.contains('_') || text.ends_with(':'))
}

/// Whether a text stands where a real credential belongs.
fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let first = lower.chars().next();
    let repeated = lower.len() > 2 && lower.chars().all(|c| Some(c) == first);
    repeated || PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// Whether a text looks drawn at random: long, of several classes of characters, and hard to guess.
fn looks_random(text: &str) -> bool {
    if text.len() < 16 {
        return false;
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let symbols = text.len() - digits - letters;
    let separators = text.chars().filter(|c| matches!(c, '-' | '_')).count();
    let mixed = digits > 1 && letters > 1 || symbols > separators + 2;
    mixed && entropy(text) >= 3.2
}

/// Bits for each character, by how often each occurs.
fn entropy(text: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_insert(0_u32) += 1;
    }
    let all: f64 = counts.values().map(|count| f64::from(*count)).sum();
    counts
        .values()
        .map(|count| {
            let share = f64::from(*count) / all;
            -share * share.log2()
        })
        .sum()
}

fn kind_of(name: &str) -> String {
    let name = split(name);
    let kinds = [
        ("passphrase", "passphrase"),
        ("pass", "password"),
        ("pwd", "password"),
        ("api_key", "API key"),
        ("apikey", "API key"),
        ("access_key", "access key"),
        ("private_key", "private key"),
        ("token", "token"),
        ("secret", "secret key"),
        ("key", "key"),
    ];
    kinds
        .iter()
        .find(|(word, _)| name.contains(word))
        .map_or("credential", |(_, kind)| kind)
        .to_owned()
}

/// Texts that some branch compares with before it raises: values that the start refuses.
fn refused(reader: &Reader<'_>) -> BTreeSet<String> {
    let tree = reader.tree;
    let mut found = BTreeSet::new();
    for id in tree.ids() {
        let Kind::If { test, then, .. } = tree.kind(id) else {
            continue;
        };
        if !stops(tree, *then) {
            continue;
        }
        for part in tree.within(*test) {
            if let Kind::Binary {
                operator: Operator::Equal | Operator::In,
                left,
                right,
            } = tree.kind(part)
            {
                for side in [*left, *right] {
                    found.extend(texts(tree, side).map(|(_, text)| text.to_owned()));
                }
            }
        }
    }
    found
}
