//! Facts of environment reads.

use std::collections::BTreeSet;

use xii_model::{EnvRead, EnvReadAll, Origin};

use super::checks::Checked;
use super::environment::Seen;
use super::settings;
use super::wrappers::computed_reads;
use crate::languages::python::reader::Reader;
use crate::languages::python::values::redacted_for;
use crate::languages::syntax::{Kind, NodeId, Operator, Tree};

/// Functions that take the environment as a whole.
const WHOLE: &[(&str, &str)] = &[
    ("os.environ.copy", "copied"),
    ("os.environ.items", "copied"),
    ("os.environ.keys", "copied"),
    ("os.environ.values", "copied"),
    ("dynaconf.Dynaconf", "looked up by a computed name"),
    ("dynaconf.LazySettings", "looked up by a computed name"),
    ("dynaconf.FlaskDynaconf", "looked up by a computed name"),
    ("dynaconf.DjangoDynaconf", "looked up by a computed name"),
];

/// Adds a fact for each read of the environment.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>, checked: &Checked) {
    let tree = reader.tree;
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Member { object, .. } => {
                // A settings class tells of its fields itself.
                if tree
                    .path(*object)
                    .is_some_and(|path| path.ends_with("environ"))
                    && let Some(seen) = reader.values.seen(tree, id)
                {
                    one(reader, id, seen, checked);
                }
            }
            Kind::Call { .. } => {
                if let Some(seen) = reader.values.seen(tree, id) {
                    one(reader, id, seen, checked);
                }
                named_by_option(reader, id);
            }
            Kind::Binary {
                operator: Operator::In | Operator::NotIn,
                left,
                right,
            } => asked_for(reader, id, *left, *right, checked),
            Kind::Class(_) if settings::is_settings(tree, id) => class(reader, id),
            _ => {}
        }
    }
    whole(reader);
}

fn one(reader: &mut Reader<'_>, id: NodeId, seen: Seen, checked: &Checked) {
    let tree = reader.tree;
    let mut default = reader.origin_of(seen.default);
    if matches!(default.literal(), None | Some(""))
        && matches!(default, Origin::Absent | Origin::Literal(_))
        && let Some(after) = alternative(tree, id)
    {
        default = reader.origin(after);
    }
    let default = redacted_for(&seen.name, default);
    let scope = reader.scope(id);
    let required = if seen.fails {
        match forgiven(tree, id) {
            true => Some(false),
            // A view that fails does not stop the start.
            false if scope.handler => None,
            false => Some(true),
        }
    } else {
        Some(default == Origin::Absent && checked.names.contains(&seen.name))
    };
    let fact = EnvRead {
        checked: seen.checked || converted(tree, id) || checked.names.contains(&seen.name),
        name: seen.name,
        default,
        required,
        through: seen.through,
    };
    reader.push(id, fact);
}

/// The value after `or` that takes the place of a read without a value.
fn alternative(tree: &Tree, id: NodeId) -> Option<NodeId> {
    let mut inner = id;
    for outer in tree.ancestors(id).take(6) {
        match tree.kind(outer) {
            Kind::Binary {
                operator: Operator::Or,
                left,
                right,
            } if *left == inner => return Some(*right),
            Kind::Binary {
                operator: Operator::Or,
                ..
            }
            | Kind::Call { .. }
            | Kind::Member { .. } => inner = outer,
            _ => return None,
        }
    }
    None
}

/// Whether the read's failure is caught and the program goes on.
pub(super) fn forgiven(tree: &Tree, id: NodeId) -> bool {
    let mut inner = id;
    for outer in tree.ancestors(id) {
        match tree.kind(outer) {
            Kind::Function(_) => return false,
            Kind::Try {
                body,
                handles,
                handlers,
                ..
            } if *body == inner => {
                let catches = handles.is_empty()
                    || handles.iter().any(|name| {
                        matches!(name.as_str(), "KeyError" | "Exception" | "LookupError")
                    });
                return catches
                    && !handlers
                        .iter()
                        .any(|handler| super::checks::stops(tree, *handler));
            }
            _ => {}
        }
        inner = outer;
    }
    false
}

/// Whether the value is turned into another type at once, which fails when it has another form.
fn converted(tree: &Tree, id: NodeId) -> bool {
    tree.ancestors(id).take(3).any(|outer| {
        tree.called(outer).is_some_and(|path| {
            matches!(
                path.as_str(),
                "int"
                    | "float"
                    | "json.loads"
                    | "decimal.Decimal"
                    | "distutils.util.strtobool"
                    | "uuid.UUID"
            )
        })
    })
}

/// `"X" in os.environ`.
fn asked_for(reader: &mut Reader<'_>, id: NodeId, left: NodeId, right: NodeId, checked: &Checked) {
    let tree = reader.tree;
    if tree.path(right).as_deref() != Some("os.environ") {
        return;
    }
    let Some(name) = tree.as_text(tree.follow(left)) else {
        return;
    };
    let fact = EnvRead {
        name: name.to_owned(),
        default: Origin::Absent,
        required: Some(checked.names.contains(name)),
        checked: false,
        through: "os.environ",
    };
    reader.push(id, fact);
}

/// `click.option(…, envvar="X")`, `typer.Option(…, envvar="X")`.
fn named_by_option(reader: &mut Reader<'_>, id: NodeId) {
    let tree = reader.tree;
    let Some(named) = tree.keyword(id, "envvar") else {
        return;
    };
    let through = match tree.called(id).as_deref() {
        Some("click.option" | "click.argument" | "click.Option") => "click",
        Some("typer.Option" | "typer.Argument") => "typer",
        _ => return,
    };
    let names: Vec<String> = tree
        .within(named)
        .filter_map(|text| tree.as_text(text).map(str::to_owned))
        .collect();
    for name in names {
        let default = redacted_for(&name, reader.origin_of(tree.keyword(id, "default")));
        reader.push(
            id,
            EnvRead {
                name,
                default,
                required: None,
                checked: tree.keyword(id, "type").is_some(),
                through,
            },
        );
    }
}

/// A settings class: each field is a read.
fn class(reader: &mut Reader<'_>, id: NodeId) {
    let tree = reader.tree;
    for field in settings::fields(tree, id) {
        for name in &field.variables {
            let default = match field.required {
                Some(false) if field.default.is_none() => Origin::Computed,
                _ => reader.origin_of(field.default),
            };
            let fact = EnvRead {
                name: name.clone(),
                default: redacted_for(name, default),
                required: field.required,
                checked: true,
                through: "pydantic-settings",
            };
            reader.push(field.id, fact);
        }
    }
}

fn whole(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    let mut seen = BTreeSet::new();
    for (id, path) in reader.calls {
        if let Some((_, how)) = WHOLE.iter().find(|(name, _)| name == path) {
            seen.insert((*id, *how));
        } else if path == "print" || path == "pprint.pprint" || path.starts_with("logging.") {
            if handed_on(tree, *id) {
                seen.insert((*id, "printed"));
            }
        } else if matches!(path.as_str(), "dict" | "list" | "sorted") && handed_on(tree, *id) {
            seen.insert((*id, "copied"));
        } else if path.ends_with(".config.from_prefixed_env") {
            seen.insert((*id, "looked up by a computed name"));
        }
    }
    for id in tree.ids() {
        if let Kind::Spread(inner) = tree.kind(id)
            && tree.path(*inner).as_deref() == Some("os.environ")
        {
            seen.insert((id, "copied"));
        }
    }
    for (id, _) in computed_reads(tree) {
        seen.insert((id, "looked up by a computed name"));
    }
    for (id, how) in seen {
        reader.push(id, EnvReadAll { how });
    }
}

/// Whether the environment itself is an argument of the call.
fn handed_on(tree: &Tree, id: NodeId) -> bool {
    tree.args(id).iter().any(|arg| {
        matches!(tree.kind(arg.value), Kind::Name(_) | Kind::Member { .. })
            && tree.path(arg.value).as_deref() == Some("os.environ")
    })
}
