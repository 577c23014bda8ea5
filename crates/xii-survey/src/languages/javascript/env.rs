//! Facts of config: variables read, checks at start, branches on the environment's name.

use std::collections::{BTreeSet, HashSet};

use xii_model::{Chooses, ConfigCheck, EnvRead, EnvReadAll, EnvironmentBranch, Facts, Origin};

use super::demands::{ends, texts};
use super::environment::is_env_path;
use super::names::is_variable;
use super::seen::Seen;
use super::surroundings::environment_name;
use crate::languages::syntax::{Kind, NodeId, Operator};
use crate::languages::values::Values;

/// Reads everything of the environment.
pub(super) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    if !["env", "Env", "ENV", "ConfigService"]
        .iter()
        .any(|word| seen.has(word))
    {
        return;
    }
    reads(seen, facts);
    described(seen, facts);
    whole(seen, facts);
    checks(seen, facts);
    branches(seen, facts);
}

fn reads(seen: &Seen<'_>, facts: &mut Facts) {
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
            && tree
                .within(*then)
                .into_iter()
                .take(8)
                .any(|one| same(seen, one, id))
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
            } if *then == at
                && tree
                    .within(*test)
                    .into_iter()
                    .take(8)
                    .any(|one| same(seen, one, id)) =>
            {
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
fn described(seen: &Seen<'_>, facts: &mut Facts) {
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
                    if let Some(name) = described
                        && matches!(
                            tree.kind(pair.value),
                            Kind::Call { .. } | Kind::Member { .. } | Kind::Name(_)
                        )
                        && seen.environment.env_read(tree, pair.value).is_none()
                        && through != "convict"
                        && tree
                            .path(pair.value)
                            .is_some_and(|path| super::schemas::is_library(&path))
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

/// The environment used as a whole.
fn whole(seen: &Seen<'_>, facts: &mut Facts) {
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

fn checks(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    let environment = &seen.environment;
    if let Some(through) = environment.checker {
        let names: BTreeSet<&String> = environment.described.keys().collect();
        let at = seen
            .calls
            .iter()
            .find(|call| {
                let takes = tree
                    .args(call.id)
                    .iter()
                    .any(|arg| is_env_path(tree, arg.value));
                takes && !call.path.starts_with("console") || call.path == "convict"
            })
            .map(|call| call.id)
            .or(tree.root);
        let stops = match through {
            "envalid" | "envsafe" | "t3-env" | "znv" | "class-validator" => true,
            _ => {
                !seen.has("safeParse") && through != "joi" && through != "yup"
                    || tree.ids().any(|id| matches!(tree.kind(id), Kind::Throw(_)))
                    || seen.has("process.exit")
                    || seen.has("validationSchema")
                    || seen.has("Joi.attempt")
                    || seen.has("allowUnknown")
            }
        };
        if let Some(at) = at {
            let check = ConfigCheck {
                through: through.to_owned(),
                names: names.into_iter().cloned().collect(),
                stops,
            };
            facts.push(seen.fact(at, check));
        }
    }
    if !environment.demanded.is_empty() {
        let demanded = tree.ids().find(|id| match tree.kind(*id) {
            Kind::If { test, then, .. } => {
                ends(tree, *then)
                    && tree.within(*test).into_iter().take(40).any(|one| {
                        environment.env_read(tree, tree.follow(one)).is_some()
                            || matches!(tree.kind(one), Kind::Index { object, .. } if is_env_path(tree, *object))
                            || matches!(tree.kind(one), Kind::Member { property, .. } if property == "length")
                    })
            }
            _ => false,
        });
        if let Some(at) = demanded.or(tree.root) {
            let names: BTreeSet<&String> = environment.demanded.iter().collect();
            let check = ConfigCheck {
                through: "an if that throws".to_owned(),
                names: names.into_iter().cloned().collect(),
                stops: true,
            };
            facts.push(seen.fact(at, check));
        }
    }
}

/// Words of what a branch may choose without choosing config.
const BEHAVIOUR: [&str; 14] = [
    "level", "format", "stack", "debug", "log", "secure", "samesite", "mode", "pretty", "cache",
    "morgan", "trace", "minify", "devtool",
];

fn branches(seen: &Seen<'_>, facts: &mut Facts) {
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
pub(super) fn bound_name(seen: &Seen<'_>, id: NodeId) -> Option<String> {
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
        for id in tree.within(*branch).into_iter().take(400) {
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
