//! Locators that are written down and bound to a name, or handed to a client.

use std::collections::BTreeSet;

use xii_model::{Facts, Locator, LocatorLiteral, ResourceKind};

use super::bindings::Bound;
use crate::languages::bare_address::{bare, is_bucket};
use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId};

/// Hosts of addresses that identify and are not called.
const NAMES_ONLY: [&str; 18] = [
    "www.w3.org",
    "w3.org",
    "json-schema.org",
    "schema.org",
    "schemas.xmlsoap.org",
    "purl.org",
    "xmlns.com",
    "ogp.me",
    "www.sitemaps.org",
    "schemas.microsoft.com",
    "creativecommons.org",
    "opensource.org",
    "www.apache.org",
    "www.gnu.org",
    "tools.ietf.org",
    "github.com",
    "www.npmjs.com",
    "developer.mozilla.org",
];

/// Words of names that hold an address which the program calls or gives out.
const ADDRESS: [&str; 26] = [
    "url",
    "uri",
    "host",
    "hostname",
    "endpoint",
    "base",
    "server",
    "origin",
    "origins",
    "api",
    "broker",
    "brokers",
    "backend",
    "webhook",
    "address",
    "addr",
    "domain",
    "dsn",
    "bucket",
    "queue",
    "issuer",
    "jwks",
    "proxy",
    "connection",
    "database",
    "node",
];

/// Words of names whose address is shown to people and not called by the program.
const SHOWN: [&str; 12] = [
    "license",
    "docs",
    "documentation",
    "help",
    "homepage",
    "repository",
    "logo",
    "icon",
    "image",
    "avatar",
    "link",
    "contact",
];

/// Adds a fact for each locator.
pub(in crate::languages::javascript) fn read(
    seen: &Seen<'_>,
    bindings: &[Bound],
    facts: &mut Facts,
) {
    let tree = seen.tree;
    let mut done = BTreeSet::new();
    for bound in bindings {
        let Some(text) = tree.as_text(bound.text) else {
            continue;
        };
        if let Some(locator) = locator(&bound.name, text)
            && done.insert(bound.text)
        {
            let fact = LocatorLiteral {
                locator,
                name: Some(bound.name.clone()),
                overridden: bound.overridden,
                used_by: bound.used_by.clone(),
            };
            facts.push(seen.fact(bound.text, fact));
        }
    }
    for call in &seen.calls {
        let Some(first) = tree.arg(call.id, 0) else {
            continue;
        };
        let Some(locator) = first_text(seen, first)
            .and_then(Locator::parse)
            .filter(|locator| locator.kind().is_some() && !identifies(locator))
        else {
            continue;
        };
        let http = locator.kind() == Some(ResourceKind::Http);
        let calls_out = [
            "axios",
            "got",
            "fetch",
            "node-fetch",
            "undici",
            "superagent",
            "request",
            "needle",
            "http.",
            "https.",
            "ky",
            "ws",
            "socket.io-client",
        ]
        .iter()
        .any(|start| call.path.starts_with(start));
        if http && !calls_out || !done.insert(first) {
            continue;
        }
        let fact = LocatorLiteral {
            locator,
            name: None,
            overridden: false,
            used_by: Some(call.path.clone()),
        };
        facts.push(seen.fact(first, fact));
    }
}

/// The text of an argument, or the fixed start of a template that holds the whole host.
fn first_text<'a>(seen: &Seen<'a>, id: NodeId) -> Option<&'a str> {
    match seen.tree.kind(id) {
        Kind::Text(text) => Some(text),
        Kind::Template(parts) => {
            let text = seen.tree.as_text(*parts.first()?)?;
            let (_, rest) = text.split_once("://")?;
            rest.contains('/').then_some(text)
        }
        _ => None,
    }
}

fn identifies(locator: &Locator) -> bool {
    NAMES_ONLY.contains(&locator.host.as_str())
        || locator.scheme == "file"
        || locator.host.is_empty()
}

fn locator(name: &str, text: &str) -> Option<Locator> {
    if text.len() > 2_048
        || text.contains(char::is_whitespace)
        || text.contains(['{', '%', '<', '$', '*'])
    {
        return None;
    }
    let words = words(name);
    let speaks_of = |word: &str| words.iter().any(|one| one == word);
    if let Some(locator) = Locator::parse(text) {
        if locator.kind().is_none() || identifies(&locator) {
            return None;
        }
        let http = locator.kind() == Some(ResourceKind::Http);
        let named =
            ADDRESS.iter().any(|word| speaks_of(word)) && !SHOWN.iter().any(|word| speaks_of(word));
        return (!http || named).then_some(locator);
    }
    let host =
        (speaks_of("host") || speaks_of("hostname")) && !speaks_of("allowed") && is_host(text);
    let bucket = speaks_of("bucket") && is_bucket(text);
    if !(host || bucket) {
        return None;
    }
    Some(bare(text, bucket))
}

/// The words of a name in any case style.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for c in name.chars() {
        let breaks = !c.is_ascii_alphanumeric() || c.is_ascii_uppercase() && lower_before;
        if breaks {
            words.push(String::new());
        }
        lower_before = c.is_ascii_lowercase() || c.is_ascii_digit();
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a text can be the name or address of a machine.
fn is_host(text: &str) -> bool {
    let name = text.rsplit_once(':').map_or(text, |(name, _)| name);
    (name.contains('.')
        || name.contains(':')
        || matches!(
            name,
            "localhost" | "db" | "redis" | "postgres" | "mysql" | "mongo" | "rabbitmq"
        ))
        && name.len() < 254
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'))
        && name.chars().any(|c| c.is_ascii_alphanumeric())
}
