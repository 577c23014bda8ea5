//! Texts that are bound to a name.

use xii_model::Origin;

use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId, Operator};
use crate::languages::values::Values;

/// A text that is bound to a name.
#[derive(Debug)]
pub(in crate::languages::javascript) struct Bound {
    pub(super) name: String,
    pub(super) text: NodeId,
    /// The environment can give another value: the text is a default.
    pub(super) overridden: bool,
    /// The canonical path of the call whose argument it is part of.
    pub(super) used_by: Option<String>,
}

/// Every text that is bound to a name: by an assignment, a key, a parameter's default, or as the
/// default of a variable.
pub(in crate::languages::javascript) fn bindings(seen: &Seen<'_>) -> Vec<Bound> {
    let tree = seen.tree;
    let mut found = Vec::new();
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Assign { target, value, .. } => {
                let name = match tree.kind(*target) {
                    Kind::Name(name) => name.rsplit('.').next().unwrap_or(name),
                    Kind::Member { property, .. } => property,
                    _ => continue,
                };
                texts(seen, name, *value, &mut found);
            }
            Kind::Field {
                name,
                value: Some(value),
                ..
            } => texts(seen, name, *value, &mut found),
            Kind::Map(pairs) => {
                for pair in pairs {
                    if let Some(key) = &pair.key {
                        texts(seen, key, pair.value, &mut found);
                    }
                }
            }
            // A default wherever it is used: `sign(payload, process.env.JWT_SECRET || 'x')`.
            Kind::Binary {
                operator: Operator::Or | Operator::Coalesce,
                left,
                right,
            } => {
                let read = seen.environment.env_read(tree, tree.follow(*left));
                if let (Some(read), Kind::Text(_)) = (read, tree.kind(*right)) {
                    found.push(Bound {
                        name: read.name,
                        text: *right,
                        overridden: true,
                        used_by: used_by(seen, id),
                    });
                }
            }
            Kind::Function(function) => {
                for one in &function.parameters {
                    if let Some(default) = one.default
                        && !one.name.is_empty()
                    {
                        texts(seen, &one.name, default, &mut found);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The texts that a bound expression may come out as.
fn texts(seen: &Seen<'_>, name: &str, value: NodeId, found: &mut Vec<Bound>) {
    let tree = seen.tree;
    let mut open = vec![(name.to_owned(), value, false)];
    for _ in 0..12 {
        let Some((name, id, overridden)) = open.pop() else {
            return;
        };
        if let Some(read) = seen.environment.env_read(tree, id) {
            if let Some(default) = read.default {
                open.push((read.name, default, true));
            }
            continue;
        }
        match tree.kind(id) {
            Kind::Text(_) => found.push(Bound {
                name,
                text: id,
                overridden,
                used_by: used_by(seen, id),
            }),
            Kind::Binary {
                operator: Operator::Or | Operator::Coalesce,
                left,
                right,
            } => {
                let origin = seen.origin(*left);
                let given = overridden || origin.env().is_some() || is_config(seen, *left, &origin);
                // The variable's own name says more of a default than what it is assigned to.
                let own = origin.env().map_or(name.clone(), str::to_owned);
                open.push((name, *left, overridden));
                open.push((own, *right, given));
            }
            Kind::Choice {
                then, otherwise, ..
            } => {
                let given = overridden
                    || [*then, *otherwise]
                        .iter()
                        .any(|branch| seen.origin(*branch).env().is_some());
                open.push((name.clone(), *then, given));
                open.push((name, *otherwise, given));
            }
            Kind::Call { .. } => {
                // `port({ default: 'x' })`, `z.string().default('x')` of a schema over the environment.
                if let Some(described) = seen.environment.described.get(&name)
                    && let Some(default) = described.default
                {
                    open.push((name, default, true));
                } else if let Some(inner) = seen.environment.passed_through(tree, id) {
                    open.push((name, inner, overridden));
                }
            }
            Kind::Map(_) => {
                // `jwt_secret: { env: 'JWT_SECRET', default: 'x' }` of convict.
                if let (Some(_), Some(default)) = (tree.entry(id, "env"), tree.entry(id, "default"))
                {
                    open.push((name, default, true));
                }
            }
            _ => {}
        }
    }
}

/// Whether a value is taken from the app's config: `config.url`, `config.get('url')`.
fn is_config(seen: &Seen<'_>, id: NodeId, origin: &Origin) -> bool {
    match origin {
        Origin::Config(_) => true,
        Origin::Computed => seen.path(id).is_some_and(|path| {
            let plain = path.trim_end_matches("()");
            let object = plain.rsplit_once('.').map_or("", |(object, _)| object);
            object.split(['.', '~', '/']).any(|part| {
                matches!(
                    part.trim_end_matches("()").to_lowercase().as_str(),
                    "config" | "configservice" | "settings" | "conf" | "cfg" | "nconf" | "convict"
                )
            })
        }),
        _ => false,
    }
}

/// The call that a text is handed to, as an argument or as an entry of one.
fn used_by(seen: &Seen<'_>, id: NodeId) -> Option<String> {
    let tree = seen.tree;
    for outer in tree.ancestors(id).take(6) {
        match tree.kind(outer) {
            Kind::Call { .. } => return tree.called(outer).filter(|path| !path.starts_with('~')),
            Kind::Map(_) | Kind::List(_) | Kind::Binary { .. } | Kind::Choice { .. } => {}
            _ => return None,
        }
    }
    None
}
