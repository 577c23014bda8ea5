//! Variables that are read, with their defaults.

use std::collections::HashSet;

use xii_model::{EnvRead, Facts, Origin};

use crate::languages::javascript::demands::ends;
use crate::languages::javascript::names::is_variable;
use crate::languages::javascript::schemas::is_library;
use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId, Operator};
use crate::languages::values::Values;

/// Reads by the environment itself, or through a library's or the file's own functions.
pub(super) fn reads(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    // A switch repeats its subject for each case.
    let mut places = HashSet::new();
    for id in tree.ids() {
        if !matches!(tree.kind(id), Kind::Member { .. } | Kind::Call { .. }) {
            continue;
        }
        let Some(parent) = tree.parent(id) else {
            continue;
        };
        // The outermost call of a chain is the read.
        if let (Kind::Call { .. }, Kind::Member { .. }) = (tree.kind(id), tree.kind(parent))
            && tree
                .parent(parent)
                .is_some_and(|outer| seen.environment.env_read(tree, outer).is_some())
        {
            continue;
        }
        let written = match tree.kind(parent) {
            Kind::Assign { target, .. } => *target == id,
            Kind::Delete(_) => true,
            _ => false,
        };
        if written {
            continue;
        }
        let Some(read) = seen.environment.env_read(tree, id) else {
            continue;
        };
        // `X ? X : default`: the second is the read.
        if let Kind::Choice { test, then, .. } = tree.kind(parent)
            && *test == id
            && tree.within(*then).take(8).any(|one| same(seen, one, id))
        {
            continue;
        }
        // A member of what a schema made: the schema's own entry is the read.
        if seen.environment.checker == Some(read.through)
            && matches!(tree.kind(id), Kind::Member { .. })
        {
            continue;
        }
        let own = read.default.is_some();
        let default = default_of(seen, id, read.default);
        let described = seen.environment.described.get(&read.name);
        let demanded = read.fails
            || described.is_some_and(|described| described.required)
            || seen.environment.demanded.contains(&read.name);
        let given = own || default != Origin::Absent;
        let into_call = matches!(tree.kind(parent), Kind::Call { args, .. } if args.iter().any(|arg| arg.value == id))
            && seen.environment.passed_through(tree, parent).is_none();
        let required = if demanded {
            Some(true)
        } else if given || !into_call {
            Some(false)
        } else {
            None
        };
        let checked = described.is_some()
            || read.through == "env-var" && seen.path(id).is_some_and(|path| path.contains(".as"));
        let fact = EnvRead {
            name: read.name,
            default,
            required,
            checked,
            through: read.through,
        };
        if places.insert(tree.span(id).start) {
            facts.push(seen.fact(id, fact));
        }
    }
}

/// The default that a read is given by itself or by the operators around it.
fn default_of(seen: &Seen<'_>, id: NodeId, own: Option<NodeId>) -> Origin {
    if let Some(own) = own {
        return masked(seen, id, seen.origin(own));
    }
    let tree = seen.tree;
    let mut at = id;
    for _ in 0..6 {
        let Some(parent) = tree.parent(at) else {
            break;
        };
        match tree.kind(parent) {
            Kind::Binary {
                operator: Operator::Or | Operator::Coalesce,
                left,
                right,
            } if *left == at && !ends(tree, *right) => {
                return masked(seen, id, seen.origin(*right));
            }
            Kind::Choice {
                test,
                then,
                otherwise,
            } if *then == at && tree.within(*test).take(8).any(|one| same(seen, one, id)) => {
                return masked(seen, id, seen.origin(*otherwise));
            }
            Kind::Call { .. } if seen.environment.passed_through(tree, parent) == Some(at) => {}
            // `x.split` of `process.env.X.split(',')`.
            Kind::Member { object, .. } if *object == at => {}
            _ => break,
        }
        at = parent;
    }
    Origin::Absent
}

fn same(seen: &Seen<'_>, one: NodeId, other: NodeId) -> bool {
    let path = seen.path(one);
    path.is_some() && path == seen.path(other)
}

/// A default of a secret variable is never shown.
fn masked(seen: &Seen<'_>, read: NodeId, origin: Origin) -> Origin {
    let name = seen
        .environment
        .env_read(seen.tree, read)
        .map(|read| read.name);
    match origin {
        Origin::Literal(text)
            if name.as_deref().is_some_and(xii_model::is_secret_name) && !text.is_empty() =>
        {
            Origin::Literal("***".to_owned())
        }
        other => other,
    }
}

/// Variables that a schema describes, at the schema's entry.
pub(super) fn described(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    let Some(through) = seen.environment.checker else {
        return;
    };
    let push = |id: NodeId, name: &str, facts: &mut Facts| {
        let Some(described) = seen.environment.described.get(name) else {
            return;
        };
        let default = match seen.origin_of(described.default) {
            Origin::Literal(text) if xii_model::is_secret_name(name) && !text.is_empty() => {
                Origin::Literal("***".to_owned())
            }
            other => other,
        };
        let fact = EnvRead {
            name: name.to_owned(),
            required: Some(described.required || seen.environment.demanded.contains(name)),
            default,
            checked: true,
            through,
        };
        facts.push(seen.fact(id, fact));
    };
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Map(pairs) => {
                for pair in pairs {
                    let described = pair.key.as_deref().filter(|key| is_variable(key));
                    // A JSON schema says of a property what it is in a map.
                    if let Some(name) = described
                        && through == "env-schema"
                        && tree.entry(pair.value, "type").is_some()
                    {
                        push(pair.value, name, facts);
                    } else if let Some(name) = described
                        && matches!(
                            tree.kind(pair.value),
                            Kind::Call { .. } | Kind::Member { .. } | Kind::Name(_)
                        )
                        && seen.environment.env_read(tree, pair.value).is_none()
                        && through != "convict"
                        && tree.path(pair.value).is_some_and(|path| is_library(&path))
                    {
                        push(pair.value, name, facts);
                    }
                }
                let variable = tree.entry(id, "env").and_then(|name| tree.as_text(name));
                if let (Some(name), "convict") = (variable, through) {
                    push(id, name, facts);
                }
            }
            Kind::Field { name, .. } if through == "class-validator" && is_variable(name) => {
                push(id, name, facts);
            }
            _ => {}
        }
    }
}
