//! Lists of routes: Django's patterns, Starlette's and aiohttp's tables. What stands around a route in
//! its list, and which list that is.

use super::names::{key, router_of, target_key};
use super::prefixes::prefix_of;
use crate::languages::python::reader::Reader;
use crate::languages::routing::{Prefix, Router};
use crate::languages::syntax::{Kind, NodeId};

/// How far out from a route its list is looked for.
const AROUND: usize = 48;

/// Whether a call of this canonical path is one of Django's patterns.
pub(in crate::languages::python) fn is_path(path: &str) -> bool {
    matches!(
        path,
        "django.urls.path"
            | "django.urls.re_path"
            | "django.urls.conf.path"
            | "django.urls.conf.re_path"
            | "django.conf.urls.url"
    )
}

/// A pattern without what regular expressions have around it, and whether nothing else of one is left.
pub(in crate::languages::python) fn plain(path: &str, text: &str) -> (String, bool) {
    if path.ends_with(".path") {
        return (text.to_owned(), true);
    }
    let text = text.trim_start_matches('^');
    let text = text.strip_suffix('$').unwrap_or(text);
    (
        text.to_owned(),
        !text.contains(['\\', '(', '[', '?', '*', '+', '|']),
    )
}

/// The list that a route stands in, and the prefixes that stand around it there.
pub(in crate::languages::python) fn place(reader: &Reader<'_>, id: NodeId) -> (Router, Prefix) {
    let tree = reader.tree;
    let mut prefix = Prefix::none();
    for (outer, inner) in tree
        .ancestors(id)
        .zip(std::iter::once(id).chain(tree.ancestors(id)))
        .take(AROUND)
    {
        match tree.kind(outer) {
            Kind::Call { callee, .. } if *callee != inner => {
                let path = tree.path(*callee).unwrap_or_default();
                let first = tree.arg(outer, 0);
                if is_path(&path) {
                    prefix = own(reader, &path, first).then(prefix);
                } else if path.ends_with("routing.Mount") {
                    prefix = prefix_of(reader, first).then(prefix);
                } else if path.ends_with("i18n_patterns") {
                    prefix = Prefix::unknown().then(prefix);
                } else if let Kind::Member { object, property } = tree.kind(*callee)
                    && matches!(
                        property.as_str(),
                        "add_routes" | "append" | "extend" | "insert"
                    )
                {
                    return (router_of(tree, *object), prefix);
                }
            }
            Kind::Assign { target, .. } => {
                let router = target_key(tree, *target, outer).map_or(Router::Unknown, Router::Here);
                return (router, prefix);
            }
            Kind::Function(function) => {
                // What a function returns is named by the function.
                let router = function
                    .name
                    .as_deref()
                    .map_or(Router::Unknown, |name| Router::Here(key(tree, name, outer)));
                return (router, prefix);
            }
            _ => {}
        }
    }
    (Router::Unknown, prefix)
}

/// The path that one of Django's patterns adds.
pub(super) fn own(reader: &Reader<'_>, path: &str, first: Option<NodeId>) -> Prefix {
    let tree = reader.tree;
    match first.map(|first| (first, tree.as_text(tree.follow(first)))) {
        Some((_, Some(text))) => {
            let (text, certain) = plain(path, text);
            Prefix {
                certain,
                ..Prefix::text(text)
            }
        }
        Some((first, None)) => prefix_of(reader, Some(first)),
        None => Prefix::none(),
    }
}
