//! Where a value comes from, followed through assignments, defaults and conversions.

use xii_model::{EnvValue, Origin};

use super::syntax::{Kind, NodeId, Operator, Tree};

/// How deep an expression is followed.
const STEPS: usize = 16;

/// What a language knows of values.
pub(crate) trait Values {
    /// The read of an environment variable that the node is, if it is one.
    fn env_read(&self, tree: &Tree, id: NodeId) -> Option<EnvSeen>;

    /// The argument that a call passes through unchanged but for its type: `parseInt(x)`, `int(x)`,
    /// `x.strip()`.
    fn passed_through(&self, tree: &Tree, call: NodeId) -> Option<NodeId>;
}

/// An environment variable that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnvSeen {
    /// Its name.
    pub(crate) name: String,
    /// The default that the read itself is given.
    pub(crate) default: Option<NodeId>,
    /// Whether the read itself fails when the variable is not set.
    pub(crate) fails: bool,
    /// What reads it.
    pub(crate) through: &'static str,
}

/// Where the value of an expression comes from.
pub(crate) fn origin(tree: &Tree, id: NodeId, values: &dyn Values) -> Origin {
    within(tree, id, values, STEPS)
}

fn within(tree: &Tree, id: NodeId, values: &dyn Values, steps: usize) -> Origin {
    let Some(steps) = steps.checked_sub(1) else {
        return Origin::Computed;
    };
    if let Some(seen) = values.env_read(tree, id) {
        let default = seen.default.and_then(|default| {
            within(tree, default, values, steps)
                .fallback()
                .map(str::to_owned)
        });
        return Origin::Env(EnvValue {
            name: seen.name,
            default,
        });
    }
    match tree.kind(id) {
        Kind::Text(text) | Kind::Number(text) => Origin::Literal(text.clone()),
        Kind::Bool(value) => Origin::Literal(value.to_string()),
        Kind::Null => Origin::Absent,
        Kind::Template(parts) => template(tree, parts, values, steps),
        Kind::Binary {
            operator: Operator::Or | Operator::Coalesce,
            left,
            right,
        } => with_default(
            within(tree, *left, values, steps),
            within(tree, *right, values, steps),
        ),
        Kind::Binary {
            operator: Operator::Add,
            left,
            right,
        } => template(tree, &[*left, *right], values, steps),
        Kind::Choice {
            then, otherwise, ..
        } => with_default(
            within(tree, *then, values, steps),
            within(tree, *otherwise, values, steps),
        ),
        Kind::Await(inner) => within(tree, *inner, values, steps),
        Kind::Call { .. } => match values.passed_through(tree, id) {
            Some(inner) => within(tree, inner, values, steps),
            None => reference(tree, id),
        },
        Kind::Name(_) => {
            let followed = tree.follow(id);
            if followed == id {
                reference(tree, id)
            } else {
                within(tree, followed, values, steps)
            }
        }
        Kind::Member { object, property } => match tree.entry(*object, property) {
            Some(value) => within(tree, value, values, steps),
            None => reference(tree, id),
        },
        _ => Origin::Computed,
    }
}

/// A value with what is used in its place. A variable anywhere makes it config.
fn with_default(value: Origin, default: Origin) -> Origin {
    match (value, default) {
        (Origin::Env(mut value), default) => {
            value.default = value
                .default
                .or_else(|| default.fallback().map(str::to_owned));
            Origin::Env(value)
        }
        (Origin::Config(_), default @ Origin::Env(_)) => default,
        (value @ Origin::Config(_), _) => value,
        (_, default @ (Origin::Env(_) | Origin::Config(_))) => default,
        (Origin::Absent, default) => default,
        (value, Origin::Absent) => value,
        _ => Origin::Computed,
    }
}

/// A text made of parts: config when a part is, a literal when all parts are.
fn template(tree: &Tree, parts: &[NodeId], values: &dyn Values, steps: usize) -> Origin {
    let origins: Vec<Origin> = parts
        .iter()
        .map(|part| within(tree, *part, values, steps))
        .collect();
    let taken = origins.iter().find(|one| matches!(one, Origin::Env(_)));
    let taken = taken.or_else(|| origins.iter().find(|one| matches!(one, Origin::Config(_))));
    if let Some(found) = taken {
        return found.clone();
    }
    let texts: Option<String> = origins.iter().map(|one| one.literal()).collect();
    texts.map_or(Origin::Computed, Origin::Literal)
}

/// A reference to another module of the app, as `module#member.member`, to be looked up when all
/// files are read.
fn reference(tree: &Tree, id: NodeId) -> Origin {
    match tree.reference(id) {
        Some((module, members)) => Origin::Config(format!("{module}#{}", members.join("."))),
        None => Origin::Computed,
    }
}
