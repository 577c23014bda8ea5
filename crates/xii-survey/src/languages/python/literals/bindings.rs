//! Texts that are bound to a name.

use xii_model::Origin;

use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::last_name;
use crate::languages::syntax::{Kind, NodeId, Operator, Tree};

/// A text that is bound to a name.
pub(in crate::languages::python) struct Bound {
    pub(super) name: String,
    pub(super) text: NodeId,
    /// The environment can give another value: the text is a default.
    pub(super) overridden: bool,
    /// The canonical path of the call whose argument it is.
    pub(super) used_by: Option<String>,
}

/// Every text that is bound to a name: by an assignment, a keyword, a key, a parameter's default, or
/// as the default of a variable.
pub(in crate::languages::python) fn bindings(reader: &Reader<'_>) -> Vec<Bound> {
    let tree = reader.tree;
    let mut found = Vec::new();
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Assign { target, value, .. } => {
                if let Some(name) = target_name(tree, *target) {
                    value_of(reader, name, *value, None, &mut found);
                }
            }
            Kind::Field {
                name,
                value: Some(value),
                ..
            } => {
                let overridden = in_settings(reader, id);
                value_with(reader, name, *value, overridden, None, &mut found);
            }
            Kind::Map(pairs) => {
                for pair in pairs {
                    if let Some(key) = &pair.key {
                        value_of(reader, key, pair.value, None, &mut found);
                    }
                }
            }
            Kind::Function(function) => {
                for one in &function.parameters {
                    if let Some(default) = one.default {
                        value_of(reader, &one.name, default, None, &mut found);
                    }
                }
            }
            Kind::Call { args, .. } => {
                if let Some(seen) = reader.values.seen(tree, id) {
                    // A settings default is seen at its field.
                    if let Some(default) = seen.default
                        && let Kind::Text(_) = tree.kind(tree.follow(default))
                    {
                        found.push(Bound {
                            name: seen.name,
                            text: tree.follow(default),
                            overridden: true,
                            used_by: None,
                        });
                    }
                    continue;
                }
                let path = tree.called(id);
                // `@click.option("--url", envvar="API_URL", default="http://…")`
                let variable = tree
                    .keyword(id, "envvar")
                    .and_then(|name| tree.as_text(tree.follow(name)));
                for arg in args {
                    if let Some(name) = &arg.name {
                        if let Some(variable) = variable.filter(|_| name == "default") {
                            value_with(reader, variable, arg.value, true, None, &mut found);
                            continue;
                        }
                        value_of(reader, name, arg.value, path.as_deref(), &mut found);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a value is taken from the app's config: `settings.url`, `config.get("url")`.
fn is_config(reader: &Reader<'_>, id: NodeId) -> bool {
    let tree = reader.tree;
    match reader.origin(id) {
        Origin::Config(_) => true,
        Origin::Computed => tree.path(id).is_some_and(|path| {
            let mut parts = path.rsplit(['.', '~', '/']);
            let _last = parts.next();
            parts.any(|part| {
                matches!(
                    part.trim_end_matches("()").to_ascii_lowercase().as_str(),
                    "settings" | "config" | "conf" | "cfg" | "get_settings" | "get_config"
                )
            })
        }),
        _ => false,
    }
}

/// The name that an assignment gives a value to: a name, an attribute, or a key.
fn target_name(tree: &Tree, target: NodeId) -> Option<&str> {
    match tree.kind(target) {
        Kind::Name(_) | Kind::Member { .. } => last_name(tree, target),
        _ => None,
    }
}

/// Whether a field belongs to a class that takes its fields from the environment.
fn in_settings(reader: &Reader<'_>, field: NodeId) -> bool {
    reader
        .tree
        .ancestors(field)
        .find(|outer| matches!(reader.tree.kind(*outer), Kind::Class(_)))
        .is_some_and(|class| reader.settings.contains(&class))
}

fn value_of(
    reader: &Reader<'_>,
    name: &str,
    value: NodeId,
    used_by: Option<&str>,
    found: &mut Vec<Bound>,
) {
    value_with(reader, name, value, false, used_by, found);
}

/// The texts that a bound expression may come out as.
fn value_with(
    reader: &Reader<'_>,
    name: &str,
    value: NodeId,
    overridden: bool,
    used_by: Option<&str>,
    found: &mut Vec<Bound>,
) {
    let tree = reader.tree;
    let mut open = vec![(value, overridden)];
    let mut left = 12;
    while let Some((id, overridden)) = open.pop() {
        if left == 0 {
            return;
        }
        left -= 1;
        match tree.kind(id) {
            Kind::Text(_) => found.push(Bound {
                name: name.to_owned(),
                text: id,
                overridden,
                used_by: used_by.map(str::to_owned),
            }),
            Kind::Binary {
                operator: Operator::Or,
                left,
                right,
            } => {
                let from_env = reader.origin(*left).env().is_some() || is_config(reader, *left);
                open.push((*left, overridden));
                open.push((*right, overridden || from_env));
            }
            Kind::Choice {
                then, otherwise, ..
            } => {
                let from_env = [*then, *otherwise]
                    .into_iter()
                    .any(|branch| reader.origin(branch).env().is_some());
                open.push((*then, overridden || from_env));
                open.push((*otherwise, overridden || from_env));
            }
            Kind::Call { .. } => {
                let path = tree.called(id);
                let described = path
                    .as_deref()
                    .and_then(|path| path.rsplit('.').next())
                    .is_some_and(|name| matches!(name, "Field" | "SecretStr" | "field"));
                if described
                    && let Some(inner) = tree.keyword(id, "default").or_else(|| tree.arg(id, 0))
                {
                    open.push((inner, overridden));
                }
            }
            _ => {}
        }
    }
}
