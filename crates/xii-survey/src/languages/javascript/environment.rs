//! Reads of the environment, and the values that are followed through them.

use std::collections::{HashMap, HashSet};

use super::names::{canonical, is_variable};
use super::seen::Called;
use crate::languages::language::File;
use crate::languages::syntax::{Kind, NodeId, Operator, Tree};
use crate::languages::values::{EnvSeen, Values};

/// How far an expression is followed to see that it is the environment.
const STEPS: usize = 12;

/// Functions that give back their argument as another type or in another form.
const CONVERSIONS: [&str; 16] = [
    "parseInt",
    "parseFloat",
    "Number",
    "Number.parseInt",
    "Number.parseFloat",
    "String",
    "Boolean",
    "BigInt",
    "JSON.parse",
    "JSON.stringify",
    "Object.freeze",
    "decodeURIComponent",
    "Buffer.from",
    "URL",
    "url.URL",
    "ms",
];

/// Methods that give back the text or number they are called on in another form.
const METHODS: [&str; 13] = [
    "find",
    "trim",
    "toString",
    "toLowerCase",
    "toUpperCase",
    "split",
    "replace",
    "replaceAll",
    "trimEnd",
    "href",
    "map",
    "filter",
    "slice",
];

/// A function of the file that looks a variable up: `const env = (name) => process.env[name]`.
#[derive(Clone, Copy, Debug)]
struct Helper {
    /// The parameter that is the name, and the one that is the default.
    name: usize,
    default: Option<usize>,
    /// What else the function looks up when the variable is not set, such as a file that another
    /// variable names.
    alternative: Option<NodeId>,
    throws: bool,
}

/// A variable that a schema describes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Described {
    pub(super) default: Option<NodeId>,
    pub(super) required: bool,
}

/// What the file knows of the environment.
#[derive(Debug, Default)]
pub(super) struct Environment {
    helpers: HashMap<String, Helper>,
    /// Variables that a schema of this file describes.
    pub(super) described: HashMap<String, Described>,
    /// Variables whose absence this file answers with a throw or an exit.
    pub(super) demanded: HashSet<String>,
    /// The library whose schema the environment is checked with.
    pub(super) checker: Option<&'static str>,
}

impl Environment {
    pub(super) fn of(file: &File<'_>, calls: &[Called]) -> Self {
        let mut environment = Environment::default();
        let text = file.source.text.as_bytes();
        if memchr::memmem::find(text, b"env").is_none() {
            return environment;
        }
        environment.helpers = helpers(file.tree);
        super::schemas::describe(file.tree, calls, &mut environment);
        super::demands::collect(file.tree, &mut environment);
        environment
    }

    /// Whether an expression is the environment itself, or what a schema made of it.
    pub(super) fn is_environment(&self, tree: &Tree, id: NodeId) -> bool {
        let mut at = id;
        for _ in 0..STEPS {
            if is_env_path(tree, at) {
                return true;
            }
            at = match tree.kind(at) {
                Kind::Member { object, property }
                    if matches!(property.as_str(), "value" | "data" | "env" | "parsed") =>
                {
                    *object
                }
                Kind::Await(inner) => *inner,
                Kind::Call { callee, args, .. } => {
                    return self.checker.is_some()
                        && !matches!(tree.kind(*callee), Kind::Name(name) if name == "console")
                        && args.iter().any(|arg| is_env_path(tree, arg.value));
                }
                Kind::Name(_) => {
                    let followed = tree.follow(at);
                    if followed == at {
                        return false;
                    }
                    followed
                }
                _ => return false,
            };
        }
        false
    }

    /// Whether a look-up by name is that of a helper, whose calls are the reads.
    pub(super) fn is_helper(&self, tree: &Tree, lookup: NodeId) -> bool {
        tree.function_around(lookup)
            .and_then(|around| tree.as_function(around)?.name.as_deref())
            .is_some_and(|name| self.helpers.contains_key(name))
    }

    /// The read through a helper of the file's own.
    fn helped(&self, tree: &Tree, call: NodeId) -> Option<EnvSeen> {
        let Kind::Call { callee, .. } = tree.kind(call) else {
            return None;
        };
        let name = match tree.kind(*callee) {
            Kind::Name(name) => name.rsplit('.').next()?,
            Kind::Member { property, .. } => property,
            _ => return None,
        };
        let helper = self.helpers.get(name)?;
        let variable = tree.as_text(tree.arg(call, helper.name)?)?;
        is_variable(variable).then(|| EnvSeen {
            name: variable.to_owned(),
            default: helper
                .default
                .and_then(|number| tree.arg(call, number))
                .or(helper.alternative),
            fails: helper.throws,
            through: "process.env",
        })
    }
}

/// Whether an expression is written as the environment: `process.env` under any name.
pub(super) fn is_env_path(tree: &Tree, id: NodeId) -> bool {
    matches!(tree.kind(id), Kind::Member { .. } | Kind::Name(_))
        && tree.path(id).map(canonical).is_some_and(|path| {
            matches!(path.as_str(), "process.env" | "Bun.env" | "import.meta.env")
        })
}

impl Values for Environment {
    fn env_read(&self, tree: &Tree, id: NodeId) -> Option<EnvSeen> {
        match tree.kind(id) {
            Kind::Member { object, property } => {
                let path = tree.path(*object).map(canonical)?;
                let through = match path.as_str() {
                    "process.env" => "process.env",
                    "Bun.env" => "Bun.env",
                    "import.meta.env" => {
                        if matches!(
                            property.as_str(),
                            "MODE" | "DEV" | "PROD" | "SSR" | "BASE_URL"
                        ) {
                            return None;
                        }
                        "import.meta.env"
                    }
                    _ => {
                        // What a schema made of the environment has its variables as members.
                        let described = self.described.get(property)?;
                        return self.is_environment(tree, *object).then(|| EnvSeen {
                            name: property.clone(),
                            default: described.default,
                            fails: described.required,
                            through: self.checker.unwrap_or("process.env"),
                        });
                    }
                };
                let is_method = matches!(property.as_str(), "hasOwnProperty" | "toString");
                (!is_method).then(|| EnvSeen {
                    name: property.clone(),
                    default: self
                        .described
                        .get(property)
                        .and_then(|described| described.default),
                    fails: false,
                    through,
                })
            }
            Kind::Call { .. } => self.called(tree, id).or_else(|| self.helped(tree, id)),
            _ => None,
        }
    }

    fn passed_through(&self, tree: &Tree, call: NodeId) -> Option<NodeId> {
        let Kind::Call { callee, args, .. } = tree.kind(call) else {
            return None;
        };
        if let Kind::Member { object, property } = tree.kind(*callee) {
            // `[args.port, process.env.PORT, 3000].find((port) => port)`.
            if let Kind::List(items) = tree.kind(tree.follow(*object)) {
                let variable = items
                    .iter()
                    .find(|item| self.env_read(tree, **item).is_some());
                return variable.copied();
            }
            if METHODS.contains(&property.as_str()) {
                return Some(*object);
            }
        }
        let path = canonical(tree.path(*callee)?);
        let first = args.first()?.value;
        if CONVERSIONS.contains(&path.as_str()) {
            return Some(first);
        }
        let name = path
            .rsplit(['.', '~'])
            .next()
            .unwrap_or(&path)
            .to_lowercase();
        let converts = [
            "normalize",
            "parse",
            "toint",
            "tonum",
            "tobool",
            "int",
            "num",
            "bool",
            "str",
            "require",
            "ensure",
            "assert",
            "must",
        ]
        .iter()
        .any(|start| name.starts_with(start));
        let own = path.starts_with(['~', '.', '@']) || !path.contains(['.', '(']);
        (own && converts).then_some(first)
    }
}

impl Environment {
    /// Reads by a call: `env-var`, `ConfigService`, Deno.
    fn called(&self, tree: &Tree, id: NodeId) -> Option<EnvSeen> {
        let path = canonical(tree.called(id)?);
        if path.starts_with("env-var.") {
            return env_var(tree, id);
        }
        let (through, fails) = match path.as_str() {
            "Deno.env.get" => ("Deno.env", false),
            path if is_nest_config(path) => ("@nestjs/config", path.ends_with("OrThrow")),
            _ => return None,
        };
        let name = tree.as_text(tree.follow(tree.arg(id, 0)?))?;
        let default = tree
            .arg(id, 1)
            .filter(|default| !matches!(tree.kind(*default), Kind::Map(_)));
        is_variable(name).then(|| EnvSeen {
            name: name.to_owned(),
            default,
            fails,
            through,
        })
    }
}

/// Whether a call asks Nest's `ConfigService`, injected or taken from the application.
pub(super) fn is_nest_config(path: &str) -> bool {
    matches!(
        path,
        "@nestjs/config.ConfigService().get"
            | "@nestjs/config.ConfigService().getOrThrow"
            | "@nestjs/core.NestFactory.create().get().get"
            | "@nestjs/core.NestFactory.create().get().getOrThrow"
    )
}

/// `env.get('X').required().default('y').asString()`: the outermost call of the chain.
fn env_var(tree: &Tree, id: NodeId) -> Option<EnvSeen> {
    let mut at = id;
    let mut default = None;
    let mut fails = false;
    for _ in 0..STEPS {
        let Kind::Call { callee, .. } = tree.kind(at) else {
            return None;
        };
        let Kind::Member { object, property } = tree.kind(*callee) else {
            // `import { get } from 'env-var'`.
            return named(tree, at, default, fails);
        };
        match property.as_str() {
            "required" => fails = true,
            "default" => default = tree.arg(at, 0),
            "get" => return named(tree, at, default, fails),
            _ => {}
        }
        at = *object;
    }
    None
}

fn named(tree: &Tree, call: NodeId, default: Option<NodeId>, fails: bool) -> Option<EnvSeen> {
    Some(EnvSeen {
        name: tree.as_text(tree.arg(call, 0)?)?.to_owned(),
        default,
        fails: fails && default.is_none(),
        through: "env-var",
    })
}

/// The functions of the file that look up the variable that a parameter names.
fn helpers(tree: &Tree) -> HashMap<String, Helper> {
    let mut found = HashMap::new();
    for id in tree.ids() {
        let Kind::Index { object, index } = tree.kind(id) else {
            continue;
        };
        let Kind::Name(index) = tree.kind(*index) else {
            continue;
        };
        if !is_env_path(tree, *object) {
            continue;
        }
        let Some(around) = tree.function_around(id) else {
            continue;
        };
        let Some(function) = tree.as_function(around) else {
            continue;
        };
        let parameters = &function.parameters;
        let position = parameters.iter().position(|one| one.name == *index);
        let (Some(name), Some(position)) = (&function.name, position) else {
            continue;
        };
        if found.contains_key(name) {
            continue;
        }
        let default = parameters
            .iter()
            .position(|one| one.name.to_lowercase().contains("default") || one.name == "fallback")
            .or_else(|| falls_back(tree, id, parameters.iter().map(|one| one.name.as_str())));
        let throws = tree
            .within(function.body)
            .any(|one| matches!(tree.kind(one), Kind::Throw(_)) && is_for_absence(tree, one))
            && default.is_none();
        found.insert(
            name.clone(),
            Helper {
                name: position,
                default,
                alternative: tree.within(function.body).find(|one| {
                    matches!(tree.kind(*one), Kind::Index { object, index }
                        if is_env_path(tree, *object)
                            && !matches!(tree.kind(*index), Kind::Name(_)))
                }),
                throws,
            },
        );
    }
    found
}

/// Whether a throw of a helper answers a missing value: it stands under no condition, or under one
/// that finds something absent.
fn is_for_absence(tree: &Tree, throw: NodeId) -> bool {
    let condition = tree
        .ancestors(throw)
        .take_while(|outer| !matches!(tree.kind(*outer), Kind::Function(_)))
        .find_map(|outer| match tree.kind(outer) {
            Kind::If { test, .. } => Some(*test),
            _ => None,
        });
    condition.is_none_or(|test| {
        tree.within(test).take(50).any(|one| {
            matches!(
                tree.kind(one),
                Kind::Not(_)
                    | Kind::Binary {
                        operator: Operator::Equal,
                        ..
                    }
            )
        })
    })
}

/// The parameter that is used when the variable is not set.
fn falls_back<'n>(
    tree: &Tree,
    read: NodeId,
    mut parameters: impl Iterator<Item = &'n str>,
) -> Option<usize> {
    let Kind::Binary {
        operator: Operator::Or | Operator::Coalesce,
        left,
        right,
    } = tree.kind(tree.parent(read)?)
    else {
        return None;
    };
    match tree.kind(*right) {
        Kind::Name(name) if *left == read => parameters.position(|one| one == name),
        _ => None,
    }
}
