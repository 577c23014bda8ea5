//! The part of the program that code stands in, as Python says it.

use xii_model::Scope;

use crate::languages::language::File;
use crate::languages::scope::{Surroundings, scope_of};
use crate::languages::syntax::{Function, Kind, NodeId, Operator, Tree};

/// Environment names that mean a developer's machine or a test run.
const DEVELOPMENT: &[&str] = &[
    "dev",
    "devel",
    "develop",
    "development",
    "local",
    "localhost",
    "test",
    "tests",
    "testing",
    "debug",
    "ci",
];

/// Environment names that mean a deploy that users see.
const PRODUCTION: &[&str] = &["prod", "production", "live"];

/// Decorators, by their last name, that make a function run once a request or once a job.
const HANDLER_DECORATORS: &[&str] = &[
    "route",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "api_route",
    "websocket",
    "websocket_route",
    "api_view",
    "before_request",
    "after_request",
    "teardown_request",
    "errorhandler",
    "exception_handler",
    "middleware",
    "task",
    "shared_task",
    "periodic_task",
    "actor",
    "job",
    "require_http_methods",
    "require_GET",
    "require_POST",
    "login_required",
    "csrf_exempt",
    "action",
    "context_processor",
    "app_errorhandler",
    "before_app_request",
];

/// Methods of view classes that run once a request.
const VIEW_METHODS: &[&str] = &[
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "dispatch",
    "list",
    "create",
    "retrieve",
    "update",
    "partial_update",
    "destroy",
    "form_valid",
    "form_invalid",
    "get_queryset",
    "get_context_data",
    "process_request",
    "process_response",
    "__call__",
    "perform_create",
    "perform_update",
    "mutate",
    "resolve",
];

/// The part of the program that a node stands in.
pub(super) fn scope(file: &File<'_>, id: NodeId) -> Scope {
    let mut scope = scope_of(file, id, &Around);
    if !scope.development {
        scope.development =
            is_development_file(file.source.path) || in_development_class(file.tree, id);
    }
    scope
}

struct Around;

impl Surroundings for Around {
    fn development(&self, tree: &Tree, test: NodeId) -> Option<bool> {
        match tree.kind(test) {
            Kind::Name(_) | Kind::Member { .. } | Kind::Call { .. } => development_flag(tree, test),
            Kind::Binary {
                operator,
                left,
                right,
            } => comparison(tree, *operator, *left, *right),
            _ => None,
        }
    }

    fn is_handler(&self, tree: &Tree, function: NodeId) -> bool {
        let Some(seen) = tree.as_function(function) else {
            return false;
        };
        let decorated = seen
            .decorators
            .iter()
            .filter_map(|one| last_name(tree, *one))
            .any(|name| HANDLER_DECORATORS.contains(&name));
        decorated
            || seen
                .parameters
                .first()
                .is_some_and(|one| one.name == "request")
            || is_view_method(tree, function, seen)
    }

    fn is_browser(&self, _: &File<'_>) -> bool {
        false
    }
}

/// Whether a function is a method of a view, which the framework calls for each request.
fn is_view_method(tree: &Tree, id: NodeId, function: &Function) -> bool {
    let name = function.name.as_deref().unwrap_or_default();
    let takes_request = function
        .parameters
        .iter()
        .any(|one| matches!(one.name.as_str(), "request" | "info"));
    if !VIEW_METHODS.contains(&name) && !takes_request {
        return false;
    }
    let Some(class) = class_around(tree, id).and_then(|class| tree.as_class(class)) else {
        return false;
    };
    if takes_request {
        return true;
    }
    class
        .bases
        .iter()
        .filter_map(|base| last_name(tree, *base))
        .any(|base| {
            [
                "View",
                "ViewSet",
                "Resource",
                "Handler",
                "Endpoint",
                "Mutation",
                "APIView",
                "HTTPEndpoint",
            ]
            .iter()
            .any(|end| base.ends_with(end))
        })
}

/// The class whose method a function is.
pub(super) fn class_around(tree: &Tree, id: NodeId) -> Option<NodeId> {
    for outer in tree.ancestors(id) {
        match tree.kind(outer) {
            Kind::Class(_) => return Some(outer),
            Kind::Function(_) => return None,
            _ => {}
        }
    }
    None
}

/// The last name of a dotted expression, calls passed over: `get` of `router.get("/x")`.
pub(super) fn last_name(tree: &Tree, id: NodeId) -> Option<&str> {
    match tree.kind(id) {
        Kind::Name(name) => Some(name),
        Kind::Member { property, .. } => Some(property),
        Kind::Call { callee, .. } => match tree.kind(*callee) {
            Kind::Name(name) => Some(name),
            Kind::Member { property, .. } => Some(property),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a name of an environment means development, production, or neither.
pub(super) fn environment_name(text: &str) -> Option<bool> {
    let lower = text.to_ascii_lowercase();
    if DEVELOPMENT.contains(&lower.as_str()) {
        Some(true)
    } else if PRODUCTION.contains(&lower.as_str()) {
        Some(false)
    } else {
        None
    }
}

/// `DEBUG`, `settings.DEBUG`, `app.debug`, `is_production()`.
fn development_flag(tree: &Tree, test: NodeId) -> Option<bool> {
    let name = match tree.kind(test) {
        Kind::Call { args, .. } => match args.first().map(|arg| tree.as_text(arg.value)) {
            Some(Some(name)) => name,
            Some(None) => return None,
            None => last_name(tree, test)?,
        },
        _ => last_name(tree, test)?,
    };
    let lower = name.to_ascii_lowercase();
    match lower
        .trim_start_matches("is_")
        .trim_start_matches("flask_")
        .trim_start_matches("django_")
    {
        "debug" | "testing" | "dev" | "development" | "local" | "dev_mode" | "debug_mode"
        | "local_dev" | "running_tests" | "test" => Some(true),
        "prod" | "production" => Some(false),
        _ => None,
    }
}

/// `ENV == "development"`, `ENV in ("dev", "test")`, `"test" in sys.argv`.
fn comparison(tree: &Tree, operator: Operator, left: NodeId, right: NodeId) -> Option<bool> {
    match operator {
        Operator::Equal | Operator::NotEqual => {
            let (text, other) = match (tree.as_text(left), tree.as_text(right)) {
                (Some(text), _) => (text, right),
                (_, Some(text)) => (text, left),
                _ => return flag_comparison(tree, operator, left, right),
            };
            if !names_environment(tree, other) {
                return None;
            }
            let development = environment_name(text)?;
            Some(development == (operator == Operator::Equal))
        }
        Operator::In | Operator::NotIn => {
            if let Some(text) = tree.as_text(left) {
                let argv = tree.path(right)? == "sys.argv";
                let command = matches!(text, "test" | "runserver" | "pytest" | "shell");
                return (argv && command).then_some(operator == Operator::In);
            }
            let Kind::List(items) = tree.kind(tree.follow(right)) else {
                return None;
            };
            if !names_environment(tree, left) || items.is_empty() {
                return None;
            }
            let says: Option<Vec<bool>> = items
                .iter()
                .map(|item| environment_name(tree.as_text(*item)?))
                .collect();
            let says = says?;
            let first = *says.first()?;
            says.iter()
                .all(|one| *one == first)
                .then_some(first == (operator == Operator::In))
        }
        _ => None,
    }
}

/// `DEBUG == True`, `DEBUG is False`.
fn flag_comparison(tree: &Tree, operator: Operator, left: NodeId, right: NodeId) -> Option<bool> {
    let Kind::Bool(value) = tree.kind(right) else {
        return None;
    };
    let flag = development_flag(tree, left)?;
    Some(flag == (*value == (operator == Operator::Equal)))
}

/// Whether an expression is a variable that holds the environment's name, by what it is called.
pub(super) fn names_environment(tree: &Tree, id: NodeId) -> bool {
    let mut at = id;
    for _ in 0..8 {
        match tree.kind(at) {
            // A conversion of the name: `env.lower()`.
            Kind::Call { callee, args, .. } => {
                if let Some(text) = args.first().and_then(|arg| tree.as_text(arg.value)) {
                    return is_environment_variable(text);
                }
                let Kind::Member { object, .. } = tree.kind(*callee) else {
                    return false;
                };
                at = *object;
            }
            Kind::Binary {
                operator: Operator::Or,
                left,
                ..
            } => at = *left,
            Kind::Name(name) => {
                if is_environment_variable(name) {
                    return true;
                }
                let followed = tree.follow(at);
                if followed == at {
                    return false;
                }
                at = followed;
            }
            Kind::Member { property, .. } => return is_environment_variable(property),
            _ => return false,
        }
    }
    false
}

/// Whether a variable's name says that it holds the environment's name.
pub(super) fn is_environment_variable(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split('_').filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [] => false,
        ["stage" | "environment" | "env"] => true,
        [.., "env" | "environment" | "stage"] => true,
        [
            ..,
            "env" | "environment" | "deploy" | "deployment",
            "name" | "type" | "mode",
        ] => true,
        ["config", "name"]
        | ["config", "mode"]
        | ["config", "type"]
        | ["flask", "config"]
        | ["app", "mode"]
        | ["run", "mode"] => true,
        _ => false,
    }
}

/// Whether a file's name says that it holds the settings of a developer's machine or of tests.
pub(super) fn is_development_file(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    let in_settings = folder.rsplit('/').next().is_some_and(|folder| {
        matches!(
            folder,
            "settings" | "config" | "configs" | "conf" | "environments"
        )
    });
    let word = |word: &str| DEVELOPMENT.contains(&word);
    if in_settings {
        return word(stem) || stem.split('_').any(word);
    }
    stem.strip_prefix("settings_")
        .or(stem.strip_suffix("_settings"))
        .or(stem.strip_prefix("config_"))
        .or(stem.strip_suffix("_config"))
        .is_some_and(word)
}

/// Whether a node stands in a class such as `DevelopmentConfig`.
fn in_development_class(tree: &Tree, id: NodeId) -> bool {
    tree.ancestors(id)
        .filter_map(|outer| tree.as_class(outer)?.name.as_deref())
        .any(is_development_class)
}

/// Whether a class's name says that it holds the settings of development or tests.
pub(super) fn is_development_class(name: &str) -> bool {
    let plain = name
        .strip_suffix("Config")
        .or(name.strip_suffix("Settings"))
        .or(name.strip_suffix("Configuration"))
        .or(name.strip_prefix("Config"));
    plain.is_some_and(|plain| {
        let lower = plain.to_ascii_lowercase();
        DEVELOPMENT.contains(&lower.as_str()) || lower == "unittest"
    }) || matches!(name, "Development" | "Local" | "Testing" | "Dev")
}
