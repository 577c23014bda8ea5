//! The environment used as a whole.

use xii_model::{EnvRead, EnvReadAll, Facts, Origin};

use crate::languages::javascript::demands::texts;
use crate::languages::javascript::environment::is_env_path;
use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId};

/// The environment used as a whole.
pub(super) fn whole(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for id in tree.ids() {
        if !is_env_path(tree, id) || matches!(tree.kind(id), Kind::Name(_)) {
            continue;
        }
        let Some(parent) = tree.parent(id) else {
            continue;
        };
        let how = match tree.kind(parent) {
            Kind::Spread(_) => "copied",
            Kind::Index { object, index } if *object == id => {
                if let Some(names) = loop_names(seen, parent, *index) {
                    let fact = |name: String| EnvRead {
                        required: Some(seen.environment.demanded.contains(&name)),
                        name,
                        default: Origin::Absent,
                        checked: false,
                        through: "process.env",
                    };
                    for name in names {
                        facts.push(seen.fact(parent, fact(name)));
                    }
                    continue;
                }
                if seen.environment.is_helper(tree, parent) {
                    continue;
                }
                "looked up by a computed name"
            }
            Kind::Call { args, .. } if args.iter().any(|arg| arg.value == id) => {
                let path = tree.called(parent).unwrap_or_default();
                let last = path.rsplit('.').next().unwrap_or(&path);
                if path.starts_with("console.")
                    || matches!(last, "info" | "debug" | "log" | "warn" | "error")
                {
                    "printed"
                } else if seen.environment.checker.is_some()
                    || matches!(
                        last,
                        "parse"
                            | "safeParse"
                            | "validate"
                            | "validateSync"
                            | "cleanEnv"
                            | "parseEnv"
                    )
                {
                    "validated"
                } else {
                    "copied"
                }
            }
            // `{ env: process.env }` hands it to a child.
            Kind::Map(_) => "copied",
            _ => continue,
        };
        facts.push(seen.fact(id, EnvReadAll { how }));
    }
}

/// The names that an index goes over, when a list literal gives them.
fn loop_names(seen: &Seen<'_>, lookup: NodeId, index: NodeId) -> Option<Vec<String>> {
    let tree = seen.tree;
    let Kind::Name(_) = tree.kind(index) else {
        return None;
    };
    let list = tree
        .ancestors(lookup)
        .take(12)
        .find_map(|outer| match tree.kind(outer) {
            Kind::Loop { head, .. } => head.first().copied(),
            Kind::Call { callee, .. } => match tree.kind(*callee) {
                Kind::Member { object, property }
                    if matches!(
                        property.as_str(),
                        "forEach" | "map" | "filter" | "every" | "some"
                    ) =>
                {
                    Some(*object)
                }
                _ => None,
            },
            _ => None,
        })?;
    let names = texts(tree, list);
    (!names.is_empty()).then_some(names)
}
