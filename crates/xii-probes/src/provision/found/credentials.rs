//! Who connects to a private server, to which database, and in which words a switch is said.

use xii_model::ResourceKind;

use super::kinds::Kinds;
use crate::provision::words::Words;

/// A name that a server can be told to have: what the example says if that is a plain one.
pub(super) fn user(kind: &ResourceKind, seen: Option<&str>) -> String {
    // Both servers keep these for themselves.
    let kept = |name: &str| match kind {
        ResourceKind::MySql => matches!(name, "root" | "mysql" | "mariadb.sys"),
        _ => name.starts_with("pg_") || matches!(name, "public" | "none" | "xii_owner"),
    };
    seen.filter(|name| is_plain(name) && !kept(name))
        .unwrap_or("app")
        .to_owned()
}

pub(super) fn database(seen: Option<&str>) -> String {
    const KEPT: [&str; 7] = [
        "template0",
        "template1",
        "mysql",
        "sys",
        "information_schema",
        "performance_schema",
        "admin",
    ];
    seen.filter(|name| is_plain(name) && !KEPT.contains(name))
        .unwrap_or("app")
        .to_owned()
}

pub(super) fn is_plain(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

pub(super) fn has_password(kind: &ResourceKind) -> bool {
    !matches!(
        kind,
        ResourceKind::Mongo | ResourceKind::Memcached | ResourceKind::Nats
    )
}

pub(super) fn has_database(kind: &ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Postgres | ResourceKind::MySql | ResourceKind::Mongo
    )
}

pub(super) fn is_numbered(kind: &ResourceKind) -> bool {
    *kind == ResourceKind::Redis
}

/// No, in the words of the example.
pub(super) fn no(seen: Option<&str>) -> String {
    match seen {
        Some("True" | "False") => "False",
        Some("1" | "0") => "0",
        _ => "false",
    }
    .to_owned()
}

/// Whether a URL of this name is somebody else's: the app itself, its pages and what a browser is sent to
/// have others.
pub(super) fn is_of_others(words: &Words) -> bool {
    !words.has_any(&[
        "frontend",
        "client",
        "site",
        "public",
        "app",
        "base",
        "callback",
        "redirect",
        "return",
        "success",
        "cancel",
        "cors",
        "web",
        "host",
        "server",
        "logout",
        "login",
        "static",
        "media",
        "asset",
        "assets",
        "cdn",
        "image",
        "images",
        "avatar",
        "docs",
        "homepage",
        "home",
        "admin",
        "own",
        "external",
        "root",
        "origin",
        "subscription",
        "logo",
        "openapi",
        "redoc",
    ])
}

/// The dialect for a kind, when what is said of it is not that already.
pub(super) fn engine_for(kind: &ResourceKind, seen: &str, kinds: &Kinds) -> Option<String> {
    let (word, django) = match kind {
        ResourceKind::Postgres => ("postgres", "postgresql"),
        ResourceKind::MySql => ("mysql", "mysql"),
        _ => return None,
    };
    if !seen.is_empty() && !seen.contains("sqlite") {
        return None;
    }
    Some(if seen.starts_with("django.db.backends") {
        format!("django.db.backends.{django}")
    } else {
        kinds.engine(kind).unwrap_or(word).to_owned()
    })
}
