//! Settings classes whose fields are read from the environment: pydantic-settings.

use std::collections::HashSet;

use super::environment::{Seen, is_variable_name};
use crate::languages::python::values::{class_of, class_value};
use crate::languages::syntax::{Kind, NodeId, Tree};

/// A field of a settings class.
#[derive(Clone, Debug)]
pub(super) struct SettingField {
    /// The field itself.
    pub(super) id: NodeId,
    /// Its name in the code.
    pub(super) field: String,
    /// The variables that can give it, the first one first.
    pub(super) variables: Vec<String>,
    /// The default, when it is an expression.
    pub(super) default: Option<NodeId>,
    /// Whether it has none at all.
    pub(super) required: Option<bool>,
}

/// Whether a class takes its fields from the environment.
pub(super) fn is_settings(tree: &Tree, class: NodeId) -> bool {
    let mut open = vec![class];
    for _ in 0..16 {
        let Some(class) = open.pop().and_then(|class| tree.as_class(class)) else {
            return false;
        };
        for base in &class.bases {
            if tree
                .path(*base)
                .is_some_and(|path| path.ends_with("BaseSettings") && !path.starts_with('~'))
            {
                return true;
            }
            // A class of settings that another module of the app derives from pydantic's.
            let derived = tree
                .path(*base)
                .is_some_and(|path| path.ends_with("Settings") && !path.starts_with('~'));
            if derived && uses_pydantic(tree) {
                return true;
            }
            let followed = tree.follow(*base);
            if followed != *base {
                open.push(followed);
            }
        }
    }
    false
}

fn uses_pydantic(tree: &Tree) -> bool {
    tree.imports.iter().any(|import| {
        import
            .module
            .split('.')
            .next()
            .is_some_and(|top| top.starts_with("pydantic"))
    })
}

/// The classes of a file that take their fields from the environment.
pub(in crate::languages::python) fn classes(tree: &Tree) -> HashSet<NodeId> {
    tree.ids()
        .filter(|id| matches!(tree.kind(*id), Kind::Class(_)) && is_settings(tree, *id))
        .collect()
}

/// The fields of a settings class.
pub(super) fn fields(tree: &Tree, class: NodeId) -> Vec<SettingField> {
    let Some(seen) = tree.as_class(class) else {
        return Vec::new();
    };
    let options = Options::of(tree, seen.body);
    tree.children(seen.body)
        .into_iter()
        .filter_map(|item| field(tree, item, &options))
        .collect()
}

/// The read that a member of an instance of a settings class is.
pub(super) fn field_read(tree: &Tree, object: NodeId, property: &str) -> Option<Seen> {
    let class = class_of(tree, object)?;
    if !is_settings(tree, class) {
        return None;
    }
    let field = fields(tree, class)
        .into_iter()
        .find(|field| field.field == property)?;
    Some(Seen {
        name: field.variables.first()?.clone(),
        default: field.default,
        fails: field.required == Some(true),
        checked: true,
        through: "pydantic-settings",
    })
}

/// What a settings class says of all its fields.
struct Options {
    prefix: String,
    case_sensitive: bool,
}

impl Options {
    fn of(tree: &Tree, body: NodeId) -> Self {
        let text = |id: Option<NodeId>| id.and_then(|id| tree.as_text(id)).map(str::to_owned);
        let yes =
            |id: Option<NodeId>| id.is_some_and(|id| matches!(tree.kind(id), Kind::Bool(true)));
        let mut options = Options {
            prefix: String::new(),
            case_sensitive: false,
        };
        for item in tree.children(body) {
            let option = |key: &str| match tree.kind(item) {
                Kind::Assign { target, value, .. } => match tree.kind(*target) {
                    Kind::Name(name) if name == "model_config" => tree
                        .keyword(*value, key)
                        .or_else(|| tree.entry(*value, key)),
                    _ => None,
                },
                Kind::Class(inner) if inner.name.as_deref() == Some("Config") => {
                    class_value(tree, item, key)
                }
                _ => None,
            };
            if let Some(prefix) = text(option("env_prefix")) {
                options.prefix = prefix;
            }
            options.case_sensitive |= yes(option("case_sensitive"));
        }
        options
    }

    fn variable(&self, field: &str) -> String {
        let name = format!("{}{field}", self.prefix);
        if self.case_sensitive {
            name
        } else {
            name.to_ascii_uppercase()
        }
    }
}

fn field(tree: &Tree, item: NodeId, options: &Options) -> Option<SettingField> {
    let (name, annotation, value) = match tree.kind(item) {
        Kind::Field {
            name,
            annotation,
            value,
            ..
        } => (name.clone(), annotation.as_deref(), *value),
        // Earlier versions take the type from the default.
        Kind::Assign { target, value, .. } => match (tree.kind(*target), tree.kind(*value)) {
            (
                Kind::Name(name),
                Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Null | Kind::Template(_),
            ) => (name.clone(), None, Some(*value)),
            _ => return None,
        },
        _ => return None,
    };
    let annotation = annotation.unwrap_or_default();
    if name.starts_with('_') || name == "model_config" || annotation.contains("ClassVar") {
        return None;
    }
    if is_nested(tree, item, annotation) {
        return None;
    }
    let described = value.filter(|value| {
        tree.called(*value)
            .is_some_and(|path| path.rsplit('.').next() == Some("Field"))
    });
    let (default, required) = match described {
        Some(call) => described_default(tree, call),
        None => match value {
            Some(value) if is_ellipsis(tree, value) => (None, true),
            other => (other, other.is_none()),
        },
    };
    let optional = annotation.contains("Optional") || annotation.contains("None");
    let aliases = described
        .map(|call| aliases(tree, call))
        .unwrap_or_default();
    let variables = if aliases.is_empty() {
        vec![options.variable(&name)]
    } else {
        aliases
    };
    Some(SettingField {
        id: item,
        field: name,
        variables,
        default,
        required: if required && optional {
            None
        } else {
            Some(required)
        },
    })
}

/// The default that `Field(…)` gives, and whether it gives none.
fn described_default(tree: &Tree, call: NodeId) -> (Option<NodeId>, bool) {
    if tree.keyword(call, "default_factory").is_some() {
        return (None, false);
    }
    match tree.keyword(call, "default").or_else(|| tree.arg(call, 0)) {
        Some(value) if is_ellipsis(tree, value) => (None, true),
        Some(value) => (Some(value), false),
        None => (None, true),
    }
}

/// The variables that `Field(alias=…, validation_alias=…, env=…)` names.
fn aliases(tree: &Tree, call: NodeId) -> Vec<String> {
    let named = ["validation_alias", "alias", "env"]
        .iter()
        .find_map(|key| tree.keyword(call, key));
    let Some(named) = named else {
        return Vec::new();
    };
    tree.within(named)
        .filter_map(|id| tree.as_text(id))
        .filter(|text| is_variable_name(text))
        .map(str::to_owned)
        .collect()
}

/// `...` is lowered to an empty sequence.
fn is_ellipsis(tree: &Tree, id: NodeId) -> bool {
    matches!(tree.kind(id), Kind::Block(items) if items.is_empty())
}

/// Whether a field holds another settings class of the file, whose own fields count.
fn is_nested(tree: &Tree, item: NodeId, annotation: &str) -> bool {
    let name = annotation.split(['[', ' ', '|']).next().unwrap_or_default();
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return false;
    }
    tree.lookup(name, item).iter().any(|binding| match binding {
        crate::languages::syntax::Binding::Declared(id) => {
            tree.as_class(*id).is_some_and(|class| {
                class
                    .bases
                    .iter()
                    .filter_map(|base| tree.path(*base))
                    .any(|path| path.ends_with("BaseModel") || path.ends_with("Settings"))
            })
        }
        _ => false,
    })
}
