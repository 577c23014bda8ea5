//! Branches on the name of the environment.

use xii_model::{Chooses, EnvironmentBranch, Origin};

use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::{
    environment_name, is_environment_variable, last_name, names_environment,
};
use crate::languages::syntax::{Kind, NodeId, Operator, Tree};

/// Names of environments that are neither development nor production.
const OTHERS: &[&str] = &[
    "staging",
    "stage",
    "qa",
    "uat",
    "sandbox",
    "preview",
    "preprod",
    "pre-production",
    "integration",
    "demo",
    "default",
    "docker",
    "heroku",
    "base",
];

/// Settings that say how the program behaves rather than where its resources are.
const BEHAVIOUR: &[&str] = &[
    "DEBUG",
    "TESTING",
    "LOG",
    "LOGGING",
    "MIDDLEWARE",
    "INSTALLED_APPS",
    "TEMPLATES",
    "RELOAD",
    "ECHO",
    "PROPAGATE",
    "DOCS_URL",
    "REDOC_URL",
    "OPENAPI_URL",
];

/// Adds a fact for each branch on the environment's name.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Binary {
                operator: Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn,
                left,
                right,
            } => compared(reader, id, *left, *right),
            Kind::Index { object, index } => chosen(reader, id, *object, *index),
            Kind::Call { callee, .. } => fetched(reader, id, *callee),
            Kind::Choice {
                test,
                then,
                otherwise,
            } => flagged(reader, id, *test, [*then, *otherwise]),
            _ => {}
        }
    }
}

/// `ENV == "production"`, `ENV in ("dev", "test")`.
fn compared(reader: &mut Reader<'_>, id: NodeId, left: NodeId, right: NodeId) {
    let tree = reader.tree;
    let (tested, names) = match (texts(tree, left), texts(tree, right)) {
        (_, names) if !names.is_empty() => (left, names),
        (names, _) if !names.is_empty() => (right, names),
        _ => return,
    };
    if !names.iter().all(|name| is_name(name)) || !names_environment(tree, tested) {
        return;
    }
    let Some(variable) = variable(reader, tested) else {
        return;
    };
    let chooses = hangs_on(tree, id);
    reader.push(
        id,
        EnvironmentBranch {
            variable,
            names,
            chooses,
        },
    );
}

/// `configs[os.environ["FLASK_ENV"]]`.
fn chosen(reader: &mut Reader<'_>, id: NodeId, object: NodeId, index: NodeId) {
    if !names_environment(reader.tree, index) {
        return;
    }
    let keys = keys(reader.tree, object);
    let Some(variable) = variable(reader, index) else {
        return;
    };
    let by_name = last_name(reader.tree, object).is_some_and(|name| {
        let lower = name.to_ascii_lowercase();
        lower.contains("config") || lower.contains("setting")
    });
    if keys.iter().any(|key| is_name(key)) || by_name {
        reader.push(
            id,
            EnvironmentBranch {
                variable,
                names: keys,
                chooses: Chooses::Config,
            },
        );
    }
}

/// `configs.get(os.environ["FLASK_ENV"], DefaultConfig)`.
fn fetched(reader: &mut Reader<'_>, id: NodeId, callee: NodeId) {
    let tree = reader.tree;
    let Kind::Member { object, property } = tree.kind(callee) else {
        return;
    };
    let Some(first) = tree.arg(id, 0) else {
        return;
    };
    if property == "get" && !keys(tree, *object).is_empty() {
        chosen(reader, id, *object, first);
    }
}

/// `DevConfig if get_debug_flag() else ProdConfig`: the debug flag stands for the environment's name.
fn flagged(reader: &mut Reader<'_>, id: NodeId, test: NodeId, arms: [NodeId; 2]) {
    let tree = reader.tree;
    if last_name(tree, test) != Some("get_debug_flag") {
        return;
    }
    let names: Vec<String> = arms
        .iter()
        .filter_map(|arm| last_name(tree, *arm))
        .filter(|name| name.to_ascii_lowercase().contains("config"))
        .map(str::to_owned)
        .collect();
    if names.len() == arms.len() {
        reader.push(
            id,
            EnvironmentBranch {
                variable: "FLASK_DEBUG".to_owned(),
                names,
                chooses: Chooses::Config,
            },
        );
    }
}

/// The keys of a dict literal.
fn keys(tree: &Tree, id: NodeId) -> Vec<String> {
    match tree.kind(tree.follow(id)) {
        Kind::Map(pairs) => pairs.iter().filter_map(|pair| pair.key.clone()).collect(),
        _ => Vec::new(),
    }
}

/// The texts that a value is compared with.
fn texts(tree: &Tree, id: NodeId) -> Vec<String> {
    match tree.kind(id) {
        Kind::Text(text) => vec![text.clone()],
        Kind::List(items) => {
            let all: Option<Vec<String>> = items
                .iter()
                .map(|item| tree.as_text(*item).map(str::to_owned))
                .collect();
            all.unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn is_name(text: &str) -> bool {
    environment_name(text).is_some() || OTHERS.contains(&text.to_ascii_lowercase().as_str())
}

/// The variable that holds the environment's name: the one that is read, or the one it is called.
fn variable(reader: &Reader<'_>, id: NodeId) -> Option<String> {
    match reader.origin(id) {
        Origin::Env(value) => Some(value.name),
        _ => last_name(reader.tree, id)
            .filter(|name| is_environment_variable(name))
            .map(str::to_owned),
    }
}

/// What hangs on a comparison.
fn hangs_on(tree: &Tree, id: NodeId) -> Chooses {
    let mut inner = id;
    for outer in tree.ancestors(id) {
        match tree.kind(outer) {
            Kind::If {
                test,
                then,
                otherwise,
            } if *test == inner => {
                let blocks = std::iter::once(*then).chain(*otherwise);
                return blocks.map(|block| block_chooses(tree, block)).fold(
                    Chooses::Unknown,
                    |all, one| match (all, one) {
                        (Chooses::Config, _) | (_, Chooses::Config) => Chooses::Config,
                        (Chooses::Behaviour, _) | (_, Chooses::Behaviour) => Chooses::Behaviour,
                        _ => Chooses::Unknown,
                    },
                );
            }
            Kind::Choice {
                test,
                then,
                otherwise,
            } if *test == inner => {
                let value =
                    |id: NodeId| matches!(tree.kind(id), Kind::Text(text) if text.len() > 3);
                return if bound_name(tree, outer).is_some_and(is_behaviour) {
                    Chooses::Behaviour
                } else if value(*then) || value(*otherwise) {
                    Chooses::Config
                } else {
                    Chooses::Unknown
                };
            }
            Kind::Not(_) | Kind::Binary { .. } => inner = outer,
            // `DEBUG = ENV == "development"`, `run(reload=ENV == "development")`.
            Kind::Assign { .. } | Kind::Call { .. } | Kind::Return(_) => return Chooses::Behaviour,
            _ => return Chooses::Unknown,
        }
    }
    Chooses::Unknown
}

/// What the statements of a branch choose.
fn block_chooses(tree: &Tree, block: NodeId) -> Chooses {
    let mut found = Chooses::Unknown;
    let items = match tree.kind(block) {
        Kind::Block(items) => items.clone(),
        _ => vec![block],
    };
    for item in items {
        match tree.kind(item) {
            Kind::Assign { target, value, .. } => {
                let name = last_name(tree, *target).unwrap_or_default();
                let constant = matches!(
                    tree.kind(*value),
                    Kind::Text(_) | Kind::Number(_) | Kind::Map(_) | Kind::Template(_)
                ) || last_name(tree, *value)
                    .is_some_and(|name| name.ends_with("Config"));
                if constant && !is_behaviour(name) {
                    return Chooses::Config;
                }
                found = Chooses::Behaviour;
            }
            Kind::Call { callee, .. } => {
                if last_name(tree, *callee).is_some_and(|name| name == "from_object") {
                    return Chooses::Config;
                }
                found = Chooses::Behaviour;
            }
            Kind::Return(Some(value)) => {
                if last_name(tree, *value)
                    .is_some_and(|name| name.ends_with("Config") || name.ends_with("Settings"))
                {
                    return Chooses::Config;
                }
                // An address is a value of the deploy.
                if is_address(tree, *value) {
                    return Chooses::Config;
                }
                found = Chooses::Behaviour;
            }
            Kind::Block(inner) if inner.is_empty() => {}
            _ => found = Chooses::Behaviour,
        }
    }
    found
}

/// Whether a text begins as a URL does.
fn is_address(tree: &Tree, value: NodeId) -> bool {
    let first = match tree.kind(value) {
        Kind::Template(parts) => parts.first().copied(),
        _ => Some(value),
    };
    first
        .and_then(|first| tree.as_text(first))
        .is_some_and(|text| text.contains("://"))
}

/// The name that an expression's value is given.
fn bound_name(tree: &Tree, id: NodeId) -> Option<&str> {
    match tree.kind(tree.parent(id)?) {
        Kind::Assign { target, .. } => last_name(tree, *target),
        Kind::Field { name, .. } => Some(name),
        _ => None,
    }
}

fn is_behaviour(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    BEHAVIOUR.iter().any(|word| {
        upper == *word
            || upper.starts_with(&format!("{word}_"))
            || upper.ends_with(&format!("_{word}"))
    }) || upper.contains("LOG")
        || upper.contains("DEBUG")
}
