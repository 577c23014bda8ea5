//! What log events give away.

use std::collections::BTreeSet;

use xii_model::{Leak, LoggedSecret, Origin, is_secret_name};

use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId, Operator, Tree};

/// Methods of a logger.
const METHODS: &[&str] = &[
    "debug",
    "info",
    "warning",
    "warn",
    "error",
    "exception",
    "critical",
    "fatal",
    "log",
];

/// What logs an event: a logger's method or a print.
fn logs(tree: &Tree, id: NodeId, path: &str) -> Option<String> {
    if path == "print" {
        return Some("print".to_owned());
    }
    let (object, method) = path.rsplit_once('.')?;
    if !METHODS.contains(&method) {
        return None;
    }
    let last = object
        .rsplit(['.', '~'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let logger = object == "logging"
        || object.starts_with("logging.getLogger")
        || object.starts_with("structlog.")
        || object.starts_with("loguru.")
        || matches!(
            last.as_str(),
            "logger" | "log" | "_logger" | "logging" | "_log" | "getlogger()" | "get_logger()"
        );
    let library = ["structlog", "loguru"]
        .into_iter()
        .find(|library| object.starts_with(library))
        .unwrap_or("logging");
    (logger && !tree.args(id).is_empty()).then(|| format!("{library} {method}"))
}

/// Adds a fact for each secret that an event may carry.
pub(super) fn leaks(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let Some(through) = logs(tree, id, path) else {
        return;
    };
    let mut found = BTreeSet::new();
    for arg in tree.args(id) {
        if matches!(
            arg.name.as_deref(),
            Some("exc_info" | "stack_info" | "stacklevel" | "file" | "end" | "sep" | "flush")
        ) {
            continue;
        }
        let mut left = 64;
        let mut open = vec![arg.value];
        while let Some(next) = open.pop() {
            left -= 1;
            if left == 0 {
                break;
            }
            match tree.kind(next) {
                // A call gives something else: `len(token)`, `mask(password)`.
                Kind::Call { callee, args, .. } => {
                    let whole = tree.called(next).is_some_and(|path| {
                        matches!(
                            path.as_str(),
                            "dict" | "str" | "repr" | "json.dumps" | "list" | "pprint.pformat"
                        )
                    });
                    if let Kind::Member { object, property } = tree.kind(*callee) {
                        if property == "format" {
                            open.extend(args.iter().map(|arg| arg.value));
                        } else if matches!(
                            property.as_str(),
                            "get_json" | "get_data" | "items" | "body" | "json"
                        ) {
                            open.push(*object);
                            if is_request(tree, *object) && property != "items" {
                                found.insert(("the request's body".to_owned(), true));
                            }
                        }
                    } else if whole {
                        open.extend(args.iter().map(|arg| arg.value));
                    }
                    if reader
                        .values
                        .seen(tree, next)
                        .is_some_and(|seen| is_secret_name(&seen.name))
                    {
                        found.insert((seen_name(reader, next), false));
                    }
                }
                Kind::Name(_) | Kind::Member { .. } => found.extend(what(reader, next)),
                // One variable, whose name is not known.
                Kind::Index { object, .. }
                    if tree.path(*object).as_deref() == Some("os.environ") => {}
                Kind::Function(_) | Kind::Not(_) => {}
                // A test tells whether, not what: `"TOKEN" in os.environ`, `given == token`.
                Kind::Binary {
                    operator: Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn,
                    ..
                } => {}
                Kind::Binary {
                    operator: Operator::And,
                    right,
                    ..
                } => open.push(*right),
                Kind::Choice {
                    then, otherwise, ..
                } => open.extend([*then, *otherwise]),
                _ => open.extend(tree.children(next)),
            }
        }
    }
    for (what, user) in found {
        let kind = if user { Leak::User } else { Leak::Config };
        reader.push(
            id,
            LoggedSecret {
                what,
                through: through.clone(),
                kind,
            },
        );
    }
}

fn seen_name(reader: &Reader<'_>, id: NodeId) -> String {
    reader
        .values
        .seen(reader.tree, id)
        .map_or_else(String::new, |seen| seen.name)
}

/// What a logged name gives away, and whether it is a user's.
fn what(reader: &Reader<'_>, id: NodeId) -> Option<(String, bool)> {
    let tree = reader.tree;
    if tree.path(id).as_deref() == Some("os.environ") {
        return Some(("the whole environment".to_owned(), false));
    }
    if let Kind::Member { object, property } = tree.kind(id)
        && is_request(tree, *object)
    {
        return match property.as_str() {
            "headers" | "META" => Some(("the request's headers".to_owned(), true)),
            "body" | "data" | "json" | "form" | "POST" | "values" => {
                Some(("the request's body".to_owned(), true))
            }
            "cookies" | "COOKIES" => Some(("the request's cookies".to_owned(), true)),
            _ => None,
        };
    }
    if let Some(seen) = reader.values.seen(tree, id)
        && is_secret_name(&seen.name)
    {
        return Some((seen.name, false));
    }
    let name = match tree.kind(id) {
        Kind::Name(name) => name,
        Kind::Member { property, .. } => property,
        _ => return None,
    };
    let lower = name.to_ascii_lowercase();
    let harmless = [
        "type", "id", "ids", "count", "name", "url", "expires", "exp", "len", "valid", "error",
        "field", "tokens", "usage", "limit", "max", "num", "total", "rate", "hash", "status",
    ];
    if !is_secret_name(name) || lower.split('_').any(|word| harmless.contains(&word)) {
        return None;
    }
    if lower == "token" && is_thing(tree, id) {
        return None;
    }
    match reader.origin(id) {
        Origin::Env(value) => Some((value.name, false)),
        _ if name.chars().any(|c| c.is_ascii_uppercase())
            && !name.chars().any(|c| c.is_ascii_lowercase()) =>
        {
            Some((name.clone(), false))
        }
        _ => Some((format!("`{name}`"), true)),
    }
}

/// Whether `token` names what a thing is known by and no credential: an attribute of something that is
/// neither config nor of a login (`checkout.token`), or what a loop goes over.
fn is_thing(tree: &Tree, id: NodeId) -> bool {
    match tree.kind(id) {
        Kind::Member { object, .. } => {
            let of = tree.path(*object).unwrap_or_default().to_ascii_lowercase();
            let last = of.rsplit(['.', '~']).next().unwrap_or_default();
            ![
                "auth", "config", "settings", "conf", "cred", "session", "login", "jwt", "user",
                "args", "self",
            ]
            .iter()
            .any(|word| last.contains(word))
        }
        Kind::Name(name) => tree.ancestors(id).any(|outer| match tree.kind(outer) {
            Kind::Loop { head, .. } => head.first().is_some_and(|first| {
                tree.within(*first)
                    .take(20)
                    .any(|one| matches!(tree.kind(one), Kind::Name(bound) if bound == name))
            }),
            _ => false,
        }),
        _ => false,
    }
}

fn is_request(tree: &Tree, id: NodeId) -> bool {
    match tree.kind(id) {
        Kind::Name(name) => name == "request" || name == "req",
        Kind::Member { property, .. } => property == "request",
        _ => false,
    }
}
