//! The usual ways to read an environment variable.

use std::collections::HashMap;

use super::settings;
use super::wrappers::Wrapper;
use crate::languages::syntax::{Kind, NodeId, Tree};

/// The read of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::languages::python) struct Seen {
    pub(in crate::languages::python) name: String,
    pub(in crate::languages::python) default: Option<NodeId>,
    /// Whether the read itself fails when the variable is not set.
    pub(in crate::languages::python) fails: bool,
    /// Whether the read itself fails when the value has another form.
    pub(in crate::languages::python) checked: bool,
    pub(in crate::languages::python) through: &'static str,
}

/// A function that reads a variable.
struct Way {
    /// The canonical path of the function, or of the object whose method it is.
    path: &'static str,
    /// Which positional argument is the default, if one is.
    default: Option<usize>,
    /// Whether it fails when there is no default.
    fails: bool,
    through: &'static str,
}

const fn way(
    path: &'static str,
    default: Option<usize>,
    fails: bool,
    through: &'static str,
) -> Way {
    Way {
        path,
        default,
        fails,
        through,
    }
}

/// Functions that take the variable's name first.
const FUNCTIONS: &[Way] = &[
    way("os.environ.get", Some(1), false, "os.environ"),
    way("os.getenv", Some(1), false, "os.environ"),
    way("os.environ.setdefault", Some(1), false, "os.environ"),
    way("os.environ.pop", Some(1), true, "os.environ"),
    way("os.environb.get", Some(1), false, "os.environ"),
    way("os.getenvb", Some(1), false, "os.environ"),
    way("os.environ.__getitem__", None, true, "os.environ"),
    way("decouple.config", Some(1), true, "python-decouple"),
    way("decouple.AutoConfig()", Some(1), true, "python-decouple"),
    way("decouple.Config()", Some(1), true, "python-decouple"),
    way("decouple.Config().get", Some(1), true, "python-decouple"),
    way("starlette.config.Config()", Some(2), true, "starlette"),
    way("starlette.config.Config().get", Some(2), true, "starlette"),
    way("starlette.config.environ.get", Some(1), false, "starlette"),
    way("environ.Env()", Some(2), true, "django-environ"),
    way("environ.FileAwareEnv()", Some(2), true, "django-environ"),
    way("environs.Env()", Some(1), true, "environs"),
    way("environs.FileAwareEnv()", Some(1), true, "environs"),
    way("environs.env", Some(1), true, "environs"),
    way(
        "fastapi_utils.api_settings.os.getenv",
        Some(1),
        false,
        "os.environ",
    ),
];

/// Objects whose methods read a variable as a type: `env.bool("DEBUG", False)`.
const OBJECTS: &[Way] = &[
    way("environ.Env()", Some(1), true, "django-environ"),
    way("environ.FileAwareEnv()", Some(1), true, "django-environ"),
    way("environs.Env()", Some(1), true, "environs"),
    way("environs.FileAwareEnv()", Some(1), true, "environs"),
    way("environs.env", Some(1), true, "environs"),
];

/// Methods of such objects, with the variable that they read when they are given none, and whether
/// they check the value's form.
const METHODS: &[(&str, Option<&str>, bool)] = &[
    ("str", None, false),
    ("unicode", None, false),
    ("bytes", None, false),
    ("bool", None, true),
    ("int", None, true),
    ("float", None, true),
    ("decimal", None, true),
    ("json", None, true),
    ("list", None, false),
    ("tuple", None, false),
    ("dict", None, false),
    ("url", None, true),
    ("path", None, false),
    ("datetime", None, true),
    ("date", None, true),
    ("time", None, true),
    ("timedelta", None, true),
    ("uuid", None, true),
    ("log_level", None, true),
    ("enum", None, true),
    ("get_value", None, false),
    ("db", Some("DATABASE_URL"), true),
    ("db_url", Some("DATABASE_URL"), true),
    ("dj_db_url", Some("DATABASE_URL"), true),
    ("cache", Some("CACHE_URL"), true),
    ("cache_url", Some("CACHE_URL"), true),
    ("dj_cache_url", Some("CACHE_URL"), true),
    ("email", Some("EMAIL_URL"), true),
    ("email_url", Some("EMAIL_URL"), true),
    ("dj_email_url", Some("EMAIL_URL"), true),
    ("search_url", Some("SEARCH_URL"), true),
    ("channels", Some("CHANNELS_URL"), true),
    ("channels_url", Some("CHANNELS_URL"), true),
];

/// Functions that read a variable of a fixed name unless they are given another.
const URL_CONFIGS: &[(&str, &str, &str)] = &[
    ("dj_database_url.config", "DATABASE_URL", "dj-database-url"),
    ("django_cache_url.config", "CACHE_URL", "django-cache-url"),
    ("dj_email_url.config", "EMAIL_URL", "dj-email-url"),
    ("dj_search_url.config", "SEARCH_URL", "dj-search-url"),
];

/// The read of a variable that a node is.
pub(super) fn seen_plain(tree: &Tree, id: NodeId) -> Option<Seen> {
    match tree.kind(id) {
        Kind::Member { object, property } => item(tree, id, *object, property),
        Kind::Call { callee, .. } => called(tree, id, *callee),
        _ => None,
    }
}

/// The read of a variable that a node is, the file's own ways considered.
pub(in crate::languages::python) fn seen(
    tree: &Tree,
    id: NodeId,
    wrappers: &HashMap<String, Wrapper>,
) -> Option<Seen> {
    if !may_read(tree, id) {
        return None;
    }
    seen_plain(tree, id).or_else(|| match tree.kind(id) {
        Kind::Call { callee, .. } => {
            let path = tree.path(*callee)?;
            let name = path.rsplit(['.', '~']).next()?;
            let own = path.starts_with('~');
            match wrappers.get(name) {
                Some(wrapper) if own => wrapper.seen(tree, id),
                _ => from_elsewhere(tree, id, name),
            }
        }
        Kind::Member { object, property } => settings::field_read(tree, *object, property),
        _ => None,
    })
}

/// Whether a node can be a read at all: told before any path is put together, because every call of
/// every file is asked.
fn may_read(tree: &Tree, id: NodeId) -> bool {
    let Kind::Call { callee, args, .. } = tree.kind(id) else {
        return true;
    };
    if let Some(first) = tree.arg(id, 0) {
        return tree
            .as_text(tree.follow(first))
            .is_some_and(is_variable_name);
    }
    // `env.db()`, `env(var="X")`
    let (Kind::Name(name) | Kind::Member { property: name, .. }) = tree.kind(*callee) else {
        return false;
    };
    !args.is_empty() || METHODS.iter().any(|(method, ..)| method == name) || name == "config"
}

/// `os.environ["X"]`, as long as nothing is assigned to it.
fn item(tree: &Tree, id: NodeId, object: NodeId, property: &str) -> Option<Seen> {
    let through = match tree.path(object)?.as_str() {
        "os.environ" | "os.environb" => "os.environ",
        "starlette.config.environ" => "starlette",
        _ => return None,
    };
    if !is_variable_name(property) {
        return None;
    }
    let written = match tree.parent(id).map(|parent| tree.kind(parent)) {
        Some(Kind::Assign {
            target, augmented, ..
        }) => *target == id && !augmented,
        Some(Kind::Delete(_)) => true,
        Some(Kind::Call { callee, .. }) => *callee == id,
        _ => false,
    };
    (!written).then(|| Seen {
        name: property.to_owned(),
        default: None,
        fails: true,
        checked: false,
        through,
    })
}

fn called(tree: &Tree, id: NodeId, callee: NodeId) -> Option<Seen> {
    let path = tree.path(callee)?;
    if let Some((_, variable, through)) = URL_CONFIGS.iter().find(|(name, ..)| *name == path) {
        let name = tree
            .keyword(id, "env")
            .or_else(|| tree.arg(id, 0))
            .and_then(|name| tree.as_text(tree.follow(name)))
            .unwrap_or(variable);
        return Some(Seen {
            name: name.to_owned(),
            default: tree.keyword(id, "default").or_else(|| tree.arg(id, 1)),
            fails: false,
            checked: true,
            through,
        });
    }
    if let Some(way) = FUNCTIONS.iter().find(|way| way.path == path) {
        return read_by(tree, id, callee, way, None, false);
    }
    if let Some((object, method)) = path.rsplit_once('.')
        && let Some((_, variable, checked)) = METHODS.iter().find(|(name, ..)| *name == method)
    {
        if let Some(way) = OBJECTS.iter().find(|way| way.path == object) {
            return read_by(tree, id, callee, way, *variable, *checked);
        }
        // An object that another module of the app made: `from .environment import env`.
        if object.rsplit('.').next() == Some("env") && imported(tree, callee) {
            let way = way("", Some(1), true, "environ");
            return read_by(tree, id, callee, &way, *variable, *checked)
                .filter(|seen| is_constant_name(&seen.name));
        }
    }
    if path.rsplit('.').next() == Some("env") && path.contains('.') && imported(tree, callee) {
        let way = way("", None, true, "environ");
        return read_by(tree, id, callee, &way, None, false)
            .filter(|seen| is_constant_name(&seen.name));
    }
    None
}

fn read_by(
    tree: &Tree,
    id: NodeId,
    callee: NodeId,
    way: &Way,
    variable: Option<&str>,
    checked: bool,
) -> Option<Seen> {
    let given = tree
        .arg(id, 0)
        .or_else(|| tree.keyword(id, "var"))
        .or_else(|| tree.keyword(id, "key"))
        .or_else(|| tree.keyword(id, "name"))
        .or_else(|| tree.keyword(id, "var_name"))
        .map(|name| tree.follow(name));
    let name = match given {
        Some(given) => tree.as_text(given)?,
        None => variable?,
    };
    if !is_variable_name(name) {
        return None;
    }
    let cast = tree
        .keyword(id, "cast")
        .or_else(|| (way.default == Some(2)).then(|| tree.arg(id, 1)).flatten());
    let default = tree
        .keyword(id, "default")
        .or_else(|| way.default.and_then(|number| tree.arg(id, number)));
    let scheme = scheme(tree, callee, name);
    let fixed = default.or(scheme.and_then(|(_, default)| default));
    let converts = cast.is_some_and(|cast| tree.path(cast).as_deref() != Some("str"));
    let prefix = match way.through {
        "environs" => prefix(tree, id),
        _ => String::new(),
    };
    Some(Seen {
        name: format!("{prefix}{name}"),
        default: fixed,
        fails: way.fails && fixed.is_none(),
        checked: checked || converts || scheme.is_some_and(|(checked, _)| checked),
        through: way.through,
    })
}

/// The prefix that `with env.prefixed("APP_"):` puts before the names inside it.
fn prefix(tree: &Tree, id: NodeId) -> String {
    let mut prefix = String::new();
    for outer in tree.ancestors(id) {
        let Kind::With { contexts, .. } = tree.kind(outer) else {
            continue;
        };
        for context in contexts {
            let prefixed = tree
                .called(*context)
                .is_some_and(|path| path.ends_with(".prefixed"));
            if prefixed && let Some(text) = tree.arg(*context, 0).and_then(|one| tree.as_text(one))
            {
                prefix.insert_str(0, text);
            }
        }
    }
    prefix
}

/// What `environ.Env(DEBUG=(bool, False))` says of a variable: whether its form is checked, and its
/// default.
fn scheme(tree: &Tree, callee: NodeId, name: &str) -> Option<(bool, Option<NodeId>)> {
    let object = match tree.kind(callee) {
        Kind::Member { object, .. } => *object,
        _ => callee,
    };
    let made = tree.follow(object);
    let entry = tree.keyword(made, name)?;
    match tree.kind(entry) {
        Kind::List(items) => {
            let checked = items
                .first()
                .and_then(|kind| tree.path(*kind))
                .is_some_and(|kind| kind != "str");
            Some((checked, items.get(1).copied()))
        }
        _ => Some((tree.path(entry).as_deref() != Some("str"), None)),
    }
}

/// Whether a callee is a name imported from elsewhere.
fn imported(tree: &Tree, callee: NodeId) -> bool {
    tree.reference(callee).is_some()
}

/// A function of another module of the app whose name says that it reads the environment:
/// `get_bool_from_env("DEBUG", False)`.
fn from_elsewhere(tree: &Tree, id: NodeId, function: &str) -> Option<Seen> {
    let lower = function.to_ascii_lowercase();
    let says = lower
        .split('_')
        .any(|word| matches!(word, "env" | "getenv" | "environ" | "environment"));
    let name = tree.as_text(tree.arg(id, 0)?)?;
    if !says || !is_constant_name(name) || lower.starts_with("set") || lower.starts_with("is_") {
        return None;
    }
    let default = tree.keyword(id, "default").or_else(|| tree.arg(id, 1));
    Some(Seen {
        name: name.to_owned(),
        default,
        fails: false,
        checked: ["bool", "int", "float", "url", "json"]
            .iter()
            .any(|kind| lower.split('_').any(|word| word == *kind)),
        through: "os.environ",
    })
}

/// Whether a text can be the name of a variable.
pub(super) fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a text is written as a variable's name usually is.
pub(super) fn is_constant_name(text: &str) -> bool {
    is_variable_name(text)
        && text.len() > 1
        && text.chars().any(|c| c.is_ascii_uppercase())
        && !text.chars().any(|c| c.is_ascii_lowercase())
}
