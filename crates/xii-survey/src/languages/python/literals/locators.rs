//! Locators that are written down and bound to a name.

use std::collections::BTreeSet;

use xii_model::{Locator, LocatorLiteral, ResourceKind};

use super::bindings::Bound;
use crate::languages::bare_address::{bare, is_bucket};
use crate::languages::python::reader::Reader;
use crate::languages::syntax::NodeId;

/// Hosts of addresses that identify and are not called.
const NAMES_ONLY: &[&str] = &[
    "www.w3.org",
    "json-schema.org",
    "schema.org",
    "schemas.xmlsoap.org",
    "purl.org",
    "xmlns.com",
    "ogp.me",
    "www.sitemaps.org",
    "docs.djangoproject.com",
    "docs.python.org",
    "creativecommons.org",
    "opensource.org",
    "www.apache.org",
    "www.gnu.org",
    "datatracker.ietf.org",
    "tools.ietf.org",
    "github.com",
    "gitlab.com",
    "stackoverflow.com",
    "en.wikipedia.org",
];

/// Calls whose `host` is a field of a record, or the address that a server binds.
const OTHER_CALLS: &[&str] = &[
    "filter",
    "get",
    "exclude",
    "create",
    "get_or_create",
    "update_or_create",
    "update",
    "run",
    "run_app",
    "serve",
    "listen",
    "start_server",
    "create_server",
    "bind",
];

/// Words of names that hold an address which the program calls or gives out.
const ADDRESS: &[&str] = &[
    "url", "uri", "host", "hostname", "endpoint", "base", "server", "origin", "origins", "api",
    "broker", "backend", "webhook", "address", "addr", "domain", "dsn", "bucket", "queue",
    "issuer", "jwks", "proxy", "location",
];

/// Adds a fact for each locator.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>, bindings: &[Bound]) {
    let mut seen = BTreeSet::new();
    for bound in bindings {
        let Some(text) = reader.tree.as_text(bound.text) else {
            continue;
        };
        let Some(locator) = locator(bound, text) else {
            continue;
        };
        if seen.insert(bound.text) {
            let fact = LocatorLiteral {
                locator,
                name: Some(bound.name.clone()),
                overridden: bound.overridden,
                used_by: bound.used_by.clone(),
            };
            reader.push(bound.text, fact);
        }
    }
    handed_over(reader, &mut seen);
}

/// Locators handed to a call by position: `create_engine("sqlite:///app.db")`.
fn handed_over(reader: &mut Reader<'_>, seen: &mut BTreeSet<NodeId>) {
    let tree = reader.tree;
    for (id, path) in reader.calls {
        let Some(first) = tree.arg(*id, 0) else {
            continue;
        };
        let Some(locator) = tree
            .as_text(first)
            .and_then(Locator::parse)
            .filter(|locator| is_service(locator) && !is_reading_matter(locator))
        else {
            continue;
        };
        // A text's own methods, and reads whose default is told of elsewhere.
        let http = locator.kind() == Some(ResourceKind::Http);
        if http && !calls_out(path) || !seen.insert(first) {
            continue;
        }
        let fact = LocatorLiteral {
            locator,
            name: None,
            overridden: false,
            used_by: Some(path.clone()),
        };
        reader.push(first, fact);
    }
}

/// Whether a call sends a request.
fn calls_out(path: &str) -> bool {
    [
        "requests.",
        "httpx.",
        "aiohttp.",
        "urllib.request.",
        "urllib3.",
        "websockets.",
        "grpc.",
    ]
    .iter()
    .any(|start| path.starts_with(start))
}

fn locator(bound: &Bound, text: &str) -> Option<Locator> {
    if text.len() > 2_048
        || text.contains(char::is_whitespace)
        || text.contains(['{', '%', '<', '$'])
    {
        return None;
    }
    let lower = bound.name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(['_', '-', '.']).collect();
    let speaks_of = |word: &str| words.contains(&word);
    if let Some(locator) = Locator::parse(text) {
        if !is_service(&locator) || is_reading_matter(&locator) {
            return None;
        }
        let http = locator.kind() == Some(ResourceKind::Http);
        let named = ADDRESS.iter().any(|word| speaks_of(word));
        return (!http || named).then_some(locator);
    }
    let host = speaks_of("host")
        || speaks_of("hostname")
        || speaks_of("server") && speaks_of("smtp")
        || lower == "endpoint" && text.contains(['.', ':']);
    let asks_database = bound
        .used_by
        .as_deref()
        .and_then(|path| path.rsplit('.').next())
        .is_some_and(|method| OTHER_CALLS.contains(&method));
    let flag = speaks_of("use") || speaks_of("allowed") || speaks_of("check");
    let host = host && !flag && !asks_database && is_host(text);
    let bucket = speaks_of("bucket") && is_bucket(text);
    if !(host || bucket) {
        return None;
    }
    Some(bare(text, bucket))
}

/// Whether an address is of a page for people or of a file that a browser loads.
fn is_reading_matter(locator: &Locator) -> bool {
    let host = locator.host.as_str();
    let page = [
        ".html", ".htm", ".md", ".pdf", ".png", ".svg", ".jpg", ".css", ".js", ".xsd", ".dtd",
    ];
    NAMES_ONLY.contains(&host)
        || host.starts_with("docs.")
        || host.starts_with("help.")
        || page.iter().any(|end| locator.path.ends_with(end))
}

/// Whether a locator's scheme is one of a service that is reached over it.
fn is_service(locator: &Locator) -> bool {
    locator.scheme != "file" && locator.kind().is_some() && !locator.path.contains(['{', '<'])
}

/// Whether a text can be the name or address of a machine.
fn is_host(text: &str) -> bool {
    let name = text.rsplit_once(':').map_or(text, |(name, _)| name);
    !name.is_empty()
        && name.len() < 254
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        && name.chars().any(|c| c.is_ascii_alphabetic() || c == '.')
        && !matches!(
            name,
            "true" | "false" | "none" | "False" | "True" | "0.0.0.0"
        )
        && !name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}
