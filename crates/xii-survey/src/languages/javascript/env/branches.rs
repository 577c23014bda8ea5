//! Branches on the environment's name.

use xii_model::{Chooses, EnvironmentBranch, Facts};

use crate::languages::javascript::seen::Seen;
use crate::languages::javascript::surroundings::environment_name;
use crate::languages::syntax::{Kind, NodeId, Operator};
use crate::languages::values::Values;

/// Words of what a branch may choose without choosing config.
const BEHAVIOUR: [&str; 14] = [
    "level", "format", "stack", "debug", "log", "secure", "samesite", "mode", "pretty", "cache",
    "morgan", "trace", "minify", "devtool",
];

/// Every branch on the environment's name, with what it chooses.
pub(super) fn branches(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for id in tree.ids() {
        let (variable, names, chooses) = match tree.kind(id) {
            Kind::Binary {
                operator: Operator::Equal | Operator::NotEqual,
                left,
                right,
            } => {
                let (subject, name) = match (tree.as_text(*left), tree.as_text(*right)) {
                    (None, Some(name)) => (*left, name),
                    (Some(name), None) => (*right, name),
                    _ => continue,
                };
                let Some(variable) = environment_name(tree, subject) else {
                    continue;
                };
                (variable, vec![name.to_owned()], chosen(seen, id))
            }
            // `config[process.env.NODE_ENV]`
            Kind::Index { index, .. } => match environment_name(tree, *index) {
                Some(variable) => (variable, Vec::new(), Chooses::Config),
                None => continue,
            },
            // `.env.${process.env.NODE_ENV}`, './config/' + env
            Kind::Template(parts) => match file_by_name(seen, parts) {
                Some(variable) => (variable, Vec::new(), Chooses::Config),
                None => continue,
            },
            Kind::Binary {
                operator: Operator::Add,
                left,
                right,
            } => match file_by_name(seen, &[*left, *right]) {
                Some(variable) => (variable, Vec::new(), Chooses::Config),
                None => continue,
            },
            _ => continue,
        };
        let branch = EnvironmentBranch {
            variable,
            names,
            chooses,
        };
        facts.push(seen.fact(id, branch));
    }
}

/// The variable whose value picks a config file.
fn file_by_name(seen: &Seen<'_>, parts: &[NodeId]) -> Option<String> {
    let picks = parts.iter().any(|part| {
        seen.text(*part).is_some_and(|text| {
            text.contains(".env") || text.contains("config") || text.contains("environments/")
        })
    });
    picks.then(|| {
        parts
            .iter()
            .find_map(|part| environment_name(seen.tree, *part))
    })?
}

/// What hangs on a comparison.
fn chosen(seen: &Seen<'_>, comparison: NodeId) -> Chooses {
    let tree = seen.tree;
    let mut at = comparison;
    for outer in tree.ancestors(comparison).take(6) {
        match tree.kind(outer) {
            Kind::Not(_) | Kind::Binary { .. } => at = outer,
            Kind::Choice {
                test,
                then,
                otherwise,
            } if *test == at => return chosen_value(seen, outer, &[*then, *otherwise]),
            Kind::If {
                test,
                then,
                otherwise,
            } if *test == at => {
                let branches: Vec<NodeId> = std::iter::once(*then).chain(*otherwise).collect();
                return chosen_statements(seen, &branches);
            }
            // A flag such as `secure: NODE_ENV === 'production'`.
            Kind::Assign { .. } | Kind::Map(_) | Kind::Return(_) | Kind::Call { .. } => {
                return Chooses::Behaviour;
            }
            _ => return Chooses::Unknown,
        }
    }
    Chooses::Unknown
}

/// The name that a value is bound to.
fn bound_name(seen: &Seen<'_>, id: NodeId) -> Option<String> {
    let tree = seen.tree;
    match tree.kind(tree.parent(id)?) {
        Kind::Map(pairs) => pairs.iter().find(|pair| pair.value == id)?.key.clone(),
        Kind::Assign { target, .. } => match tree.kind(*target) {
            Kind::Name(name) => Some(name.rsplit('.').next().unwrap_or(name).to_owned()),
            Kind::Member { property, .. } => Some(property.clone()),
            _ => None,
        },
        Kind::Field { name, .. } => Some(name.clone()),
        _ => None,
    }
}

fn chosen_value(seen: &Seen<'_>, choice: NodeId, branches: &[NodeId]) -> Chooses {
    let tree = seen.tree;
    let name = bound_name(seen, choice).unwrap_or_default().to_lowercase();
    if BEHAVIOUR.iter().any(|word| name.contains(word)) {
        return Chooses::Behaviour;
    }
    let literal = |id: &NodeId| {
        matches!(
            tree.kind(tree.follow(*id)),
            Kind::Text(_) | Kind::Number(_) | Kind::Template(_) | Kind::Map(_) | Kind::List(_)
        ) || seen.environment.env_read(tree, *id).is_some()
    };
    let text = |id: &NodeId| {
        seen.text(*id)
            .is_some_and(|text| text.contains("://") || text.contains('.') || text.contains('/'))
            || matches!(tree.kind(tree.follow(*id)), Kind::Map(pairs) if !pairs.is_empty())
            || seen.environment.env_read(tree, *id).is_some()
    };
    let config_name = [
        "url", "uri", "host", "port", "database", "db", "endpoint", "bucket", "domain", "origin",
        "key", "secret", "config",
    ]
    .iter()
    .any(|word| name.contains(word));
    if branches.iter().all(literal) && (branches.iter().any(text) || config_name) {
        Chooses::Config
    } else if branches
        .iter()
        .all(|one| matches!(tree.kind(*one), Kind::Bool(_) | Kind::Null))
    {
        Chooses::Behaviour
    } else {
        Chooses::Unknown
    }
}

fn chosen_statements(seen: &Seen<'_>, branches: &[NodeId]) -> Chooses {
    let tree = seen.tree;
    let mut config = false;
    let mut other = false;
    for branch in branches {
        for id in tree.within(*branch).take(400) {
            match tree.kind(id) {
                Kind::Assign { target, value, .. } => {
                    let literal = matches!(
                        tree.kind(*value),
                        Kind::Text(_) | Kind::Number(_) | Kind::Template(_) | Kind::Map(_)
                    );
                    let name = match tree.kind(*target) {
                        Kind::Name(name) => name.to_lowercase(),
                        Kind::Member { property, .. } => property.to_lowercase(),
                        _ => String::new(),
                    };
                    let behaves = BEHAVIOUR.iter().any(|word| name.contains(word));
                    if literal && !behaves && !name.starts_with('{') {
                        config = true;
                    } else {
                        other = true;
                    }
                }
                Kind::Call { .. } => {
                    let called = tree.called(id).unwrap_or_default();
                    if called.starts_with("dotenv.") {
                        config = true;
                    } else {
                        other = true;
                    }
                }
                _ => {}
            }
        }
    }
    match (config, other) {
        (true, false) => Chooses::Config,
        (false, true) => Chooses::Behaviour,
        _ => Chooses::Unknown,
    }
}
