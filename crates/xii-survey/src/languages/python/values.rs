//! Values: where they come from, and what Python does to them on the way.

use std::collections::HashMap;

use xii_model::{EnvValue, Locator, Origin, secret_spans};

use super::config::environment::{Seen, seen};
use super::config::wrappers::{Wrapper, wrappers};
use super::libraries::client_rows::is_known_library;
use super::literals::names_secret;
use super::stdlib::is_standard;
use super::surroundings::class_around;
use crate::languages::syntax::{Kind, NodeId, Operator, Tree};
use crate::languages::values::{self, EnvSeen, Values};

/// Functions whose result is their first argument in another form.
const CONVERSIONS: &[&str] = &[
    "int",
    "float",
    "str",
    "bool",
    "bytes",
    "list",
    "tuple",
    "set",
    "json.loads",
    "pathlib.Path",
    "dj_database_url.parse",
    "dj_email_url.parse",
    "django_cache_url.parse",
    "sqlalchemy.make_url",
    "sqlalchemy.engine.make_url",
    "sqlalchemy.engine.url.make_url",
    "distutils.util.strtobool",
    "ast.literal_eval",
    "os.path.expanduser",
    "os.path.abspath",
    "os.path.realpath",
    "pydantic.SecretStr",
    "pydantic.AnyUrl",
    "pydantic.PostgresDsn",
    "pydantic.RedisDsn",
    "pydantic.AnyHttpUrl",
    "pydantic.HttpUrl",
    "pydantic.EmailStr",
    "urllib.parse.urlparse",
    "urllib.parse.quote",
    "urllib.parse.quote_plus",
    "yarl.URL",
    "base64.b64decode",
    "starlette.datastructures.Secret",
    "starlette.datastructures.URL",
    "starlette.config.Secret",
    "environ.Path",
    "databases.DatabaseURL",
    "databases.core.DatabaseURL",
];

/// Methods whose result is their object in another form.
const METHODS: &[&str] = &[
    "strip",
    "rstrip",
    "lstrip",
    "lower",
    "upper",
    "split",
    "encode",
    "decode",
    "replace",
    "get_secret_value",
    "unicode_string",
    "removesuffix",
    "removeprefix",
    "title",
    "casefold",
    "splitlines",
    "render_as_string",
];

/// What is known of a file's values.
pub(super) struct Python {
    /// The file's own functions that read a variable named by a parameter.
    wrappers: HashMap<String, Wrapper>,
}

impl Python {
    pub(super) fn of(tree: &Tree) -> Self {
        Python {
            wrappers: wrappers(tree),
        }
    }

    /// The read of an environment variable that a node is.
    pub(super) fn seen(&self, tree: &Tree, id: NodeId) -> Option<Seen> {
        seen(tree, id, &self.wrappers)
    }

    /// Where a value comes from, its credentials left out.
    pub(super) fn origin(&self, tree: &Tree, id: NodeId) -> Origin {
        let mut at = id;
        for _ in 0..8 {
            let next = attribute(tree, tree.follow(at));
            match next {
                Some(next) if next != at => at = next,
                _ => break,
            }
        }
        let mut found = values::origin(tree, at, self);
        // An empty default makes way for what stands after `or`.
        if let Origin::Env(value) = &mut found
            && value.default.as_deref().is_none_or(str::is_empty)
            && let Kind::Binary {
                operator: Operator::Or,
                right,
                ..
            } = tree.kind(tree.follow(at))
        {
            value.default = match values::origin(tree, *right, self) {
                other @ (Origin::Literal(_) | Origin::Env(_)) => {
                    other.fallback().map(str::to_owned)
                }
                _ => file_database(tree, *right),
            };
        }
        match redacted(found) {
            // What the language's own modules give is not the app's config.
            Origin::Config(reference) if !is_computed(&reference) => Origin::Config(reference),
            Origin::Computed | Origin::Config(_) => {
                file_database(tree, at).map_or(Origin::Computed, Origin::Literal)
            }
            found => found,
        }
    }
}

/// Whether a reference leads into the language's own modules.
fn is_computed(reference: &str) -> bool {
    let module = reference.split(['#', '.']).next().unwrap_or_default();
    !module.is_empty() && (is_standard(module) || is_known_library(module))
}

/// The start of a locator of a file database whose path is computed: `"sqlite:///" + path`.
fn file_database(tree: &Tree, id: NodeId) -> Option<String> {
    let mut at = id;
    for _ in 0..16 {
        match tree.kind(at) {
            Kind::Binary { left, .. } => at = *left,
            Kind::Template(parts) => at = *parts.first()?,
            // `"sqlite:///{}".format(path)`
            Kind::Call { callee, .. } => match tree.kind(*callee) {
                Kind::Member { object, property } if property == "format" => at = *object,
                _ => return None,
            },
            Kind::Text(text) if text.starts_with("sqlite") && text.contains("://") => {
                let fixed = text.split(['{', '%']).next().unwrap_or(text);
                return Some(format!("{fixed}…"));
            }
            _ => return None,
        }
    }
    None
}

impl Values for Python {
    fn env_read(&self, tree: &Tree, id: NodeId) -> Option<EnvSeen> {
        self.seen(tree, id).map(|seen| EnvSeen {
            name: seen.name,
            default: seen.default,
            fails: seen.fails,
            through: seen.through,
        })
    }

    fn passed_through(&self, tree: &Tree, call: NodeId) -> Option<NodeId> {
        let Kind::Call { callee, args, .. } = tree.kind(call) else {
            return None;
        };
        let first = args.first().map(|arg| arg.value);
        if let Kind::Member { object, property } = tree.kind(*callee)
            && METHODS.contains(&property.as_str())
        {
            return Some(*object);
        }
        let path = tree.path(*callee)?;
        if CONVERSIONS.contains(&path.as_str()) {
            return first;
        }
        // `PostgresDsn.build(host=…)`, `URL.create(…, host=…)`
        if path.ends_with(".build") || path.ends_with("URL.create") {
            return tree
                .keyword(call, "host")
                .or_else(|| tree.keyword(call, "url"));
        }
        if path == "typing.cast" {
            return tree.arg(call, 1);
        }
        // A function that is handed a variable gives it back in the form that is wanted:
        // `get_list(os.environ.get("HOSTS"))`.
        let alone = args.len() == 1;
        first.filter(|first| {
            self.seen(tree, *first).is_some()
                || alone && self.seen(tree, tree.follow(*first)).is_some()
        })
    }
}

/// The value of an attribute that the file itself gives to a class or to `self`.
fn attribute(tree: &Tree, id: NodeId) -> Option<NodeId> {
    let Kind::Member { object, property } = tree.kind(id) else {
        return None;
    };
    let class = class_of(tree, *object)?;
    class_value(tree, class, property)
}

/// The class of the file that an expression is, or is an instance of.
pub(super) fn class_of(tree: &Tree, id: NodeId) -> Option<NodeId> {
    let mut at = tree.follow(id);
    for _ in 0..4 {
        match tree.kind(at) {
            Kind::Class(_) => return Some(at),
            Kind::Name(name) if matches!(name.as_str(), "self" | "cls") => {
                return class_around(tree, tree.function_around(at)?);
            }
            Kind::Call { callee, .. } => at = tree.follow(*callee),
            // `get_settings()`, a function that returns an instance.
            Kind::Function(function) => at = tree.follow(returned(tree, function.body)?),
            _ => return None,
        }
    }
    None
}

/// The value that a short function returns.
pub(super) fn returned(tree: &Tree, body: NodeId) -> Option<NodeId> {
    match tree.kind(body) {
        Kind::Block(items) => items.iter().rev().find_map(|item| match tree.kind(*item) {
            Kind::Return(value) => *value,
            _ => None,
        }),
        _ => None,
    }
}

/// The value of a class's attribute, from its body or from `__init__`.
pub(super) fn class_value(tree: &Tree, class: NodeId, name: &str) -> Option<NodeId> {
    let body = tree.as_class(class)?.body;
    let items = tree.children(body);
    let in_body = items.iter().find_map(|item| match tree.kind(*item) {
        Kind::Field {
            name: field, value, ..
        } if field == name => *value,
        Kind::Assign { target, value, .. } => match tree.kind(*target) {
            Kind::Name(target) if target == name => Some(*value),
            _ => None,
        },
        _ => None,
    });
    in_body.or_else(|| {
        let start = items.iter().find(|item| {
            tree.as_function(**item)
                .is_some_and(|function| function.name.as_deref() == Some("__init__"))
        })?;
        tree.children(tree.as_function(*start)?.body)
            .into_iter()
            .find_map(|item| match tree.kind(item) {
                Kind::Assign { target, value, .. } => match tree.kind(*target) {
                    Kind::Member { object, property } if property == name => {
                        match tree.kind(*object) {
                            Kind::Name(object) if object == "self" => Some(*value),
                            _ => None,
                        }
                    }
                    _ => None,
                },
                _ => None,
            })
    })
}

/// An origin without the credentials that its texts hold.
pub(super) fn redacted(origin: Origin) -> Origin {
    match origin {
        Origin::Literal(text) => Origin::Literal(plain(text)),
        Origin::Env(EnvValue { name, default }) => {
            let default = default.map(|text| bound(&name, text));
            Origin::Env(EnvValue { name, default })
        }
        other => other,
    }
}

/// An origin without credentials, the name that it is bound to considered.
pub(super) fn redacted_for(name: &str, origin: Origin) -> Origin {
    match redacted(origin) {
        Origin::Literal(text) => Origin::Literal(bound(name, text)),
        other => other,
    }
}

/// A text bound to a name, hidden when the name says that it is a secret.
fn bound(name: &str, text: String) -> String {
    let shown = text.is_empty()
        || matches!(text.as_str(), "true" | "false")
        || text.len() < 6 && text.chars().all(|c| c.is_ascii_digit());
    if names_secret(name) && !shown {
        "***".to_owned()
    } else {
        plain(text)
    }
}

/// A text without the credentials that its own form gives away.
fn plain(text: String) -> String {
    if secret_spans(&text).is_empty() {
        return text;
    }
    match Locator::parse(&text) {
        Some(locator) if secret_spans(&locator.to_string()).is_empty() || locator.has_password => {
            locator.to_string()
        }
        _ => "***".to_owned(),
    }
}
