//! Routes, and what their paths say of health and metrics.

use xii_model::{Health, HealthKind, Metrics, Route};

use super::auth;
use super::contracts::{contract, errors};
use crate::languages::python::bounds::texts;
use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::last_name;
use crate::languages::syntax::{Function, Kind, NodeId, Tree};

/// How many decorators of a function are looked at.
const DECORATORS: usize = 32;

/// Decorators, by their last name, that make a function a route, with the method.
#[rustfmt::skip]
const METHODS: &[(&str, &str)] = &[
    ("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE"), ("head", "HEAD"),
    ("options", "OPTIONS"), ("route", "*"), ("api_route", "*"), ("websocket", "GET"),
];

/// Frameworks, by the module that a file imports.
#[rustfmt::skip]
const FRAMEWORKS: &[(&str, &str)] = &[
    ("fastapi", "fastapi"), ("flask_restx", "flask-restx"), ("flask_restful", "flask-restful"), ("flask", "flask"),
    ("quart", "quart"), ("sanic", "sanic"), ("starlette", "starlette"), ("aiohttp", "aiohttp"), ("bottle", "bottle"),
    ("ninja", "django-ninja"), ("litestar", "litestar"), ("connexion", "connexion"), ("falcon", "falcon"),
    ("rest_framework", "django-rest-framework"), ("django", "django"), ("tornado", "tornado"),
];

/// Last parts of paths that answer whether the app is well.
const HEALTH: &[(&str, HealthKind)] = &[
    ("health", HealthKind::Both),
    ("healthz", HealthKind::Both),
    ("healthcheck", HealthKind::Both),
    ("health-check", HealthKind::Both),
    ("health_check", HealthKind::Both),
    ("_health", HealthKind::Both),
    ("heartbeat", HealthKind::Liveness),
    ("__heartbeat__", HealthKind::Readiness),
    ("__lbheartbeat__", HealthKind::Liveness),
    ("ht", HealthKind::Both),
    ("status", HealthKind::Both),
    ("ping", HealthKind::Liveness),
    ("live", HealthKind::Liveness),
    ("livez", HealthKind::Liveness),
    ("liveness", HealthKind::Liveness),
    ("alive", HealthKind::Liveness),
    ("up", HealthKind::Liveness),
    ("ready", HealthKind::Readiness),
    ("readyz", HealthKind::Readiness),
    ("readiness", HealthKind::Readiness),
];

/// Adds the facts of routes.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    let framework = framework(reader);
    for id in tree.ids() {
        if let Some(function) = tree.as_function(id) {
            decorated(reader, id, function, framework);
        }
    }
    for (id, path) in reader.calls {
        called(reader, *id, path, framework);
        contract(reader, *id, path);
    }
    errors(reader);
}

fn framework(reader: &Reader<'_>) -> &'static str {
    let imports = &reader.tree.imports;
    FRAMEWORKS
        .iter()
        .find(|(module, _)| {
            imports
                .iter()
                .any(|one| one.module.split('.').next() == Some(module))
        })
        .map_or("", |(_, name)| name)
}

/// A function that decorators make a route.
fn decorated(reader: &mut Reader<'_>, id: NodeId, function: &Function, framework: &'static str) {
    let tree = reader.tree;
    for decorator in function.decorators.iter().take(DECORATORS) {
        let Kind::Call { callee, .. } = tree.kind(*decorator) else {
            continue;
        };
        let Kind::Member { object, property } = tree.kind(*callee) else {
            continue;
        };
        let Some((_, method)) = METHODS.iter().find(|(name, _)| name == property) else {
            continue;
        };
        let given = tree
            .arg(*decorator, 0)
            .or_else(|| tree.keyword(*decorator, "path"))
            .or_else(|| tree.keyword(*decorator, "rule"));
        let Some(path) = given.and_then(|path| tree.as_text(tree.follow(path))) else {
            continue;
        };
        if !(path.starts_with('/') || path.is_empty()) || is_client(tree, *object) {
            continue;
        }
        let middleware = guards(tree, function, *decorator);
        let methods = methods(tree, *decorator, method, framework);
        let protected = middleware.iter().any(|name| auth::is_guard(name))
            || auth::router_guarded(tree, *object);
        for method in methods {
            route(
                reader,
                *decorator,
                Route {
                    method,
                    path: path.to_owned(),
                    through: framework.to_owned(),
                    protected,
                    middleware: middleware.clone(),
                },
                Some(id),
            );
        }
    }
}

/// Whether the object of a call is a client that sends requests: a test client's `get`.
fn is_client(tree: &Tree, object: NodeId) -> bool {
    let path = tree.path(object).unwrap_or_default().to_ascii_lowercase();
    [
        "requests",
        "httpx",
        "client",
        "session",
        "aiohttp.client",
        "responses",
        "respx",
    ]
    .iter()
    .any(|word| path.contains(word))
}

/// The methods of a route.
fn methods(tree: &Tree, decorator: NodeId, method: &str, framework: &str) -> Vec<String> {
    let listed = tree
        .keyword(decorator, "methods")
        .map(|list| {
            texts(tree, list)
                .map(|(_, text)| text.to_ascii_uppercase())
                .collect::<Vec<_>>()
        })
        .unwrap_or_default();
    if !listed.is_empty() {
        return listed;
    }
    // Flask answers GET when nothing is said.
    let silent = method == "*" && matches!(framework, "flask" | "quart");
    vec![if silent {
        "GET".to_owned()
    } else {
        method.to_owned()
    }]
}

/// The names of the other decorators and of the dependencies of a route's function.
fn guards(tree: &Tree, function: &Function, route: NodeId) -> Vec<String> {
    let mut names: Vec<String> = function
        .decorators
        .iter()
        .take(DECORATORS)
        .filter(|decorator| **decorator != route)
        .filter_map(|decorator| last_name(tree, *decorator).map(str::to_owned))
        .filter(|name| !METHODS.iter().any(|(method, _)| method == name))
        .collect();
    let defaults = function
        .parameters
        .iter()
        .flat_map(|one| one.default.iter().chain(&one.decorators).copied());
    let listed = tree.keyword(route, "dependencies").into_iter();
    for part in defaults.chain(listed) {
        names.extend(dependencies(tree, part));
    }
    // `user: CurrentUser`, an alias of `Annotated[User, Depends(…)]`.
    names.extend(
        function
            .parameters
            .iter()
            .filter_map(|one| one.annotation.as_deref())
            .filter(|annotation| {
                annotation.chars().all(|c| c.is_alphanumeric() || c == '_')
                    && annotation.ends_with("User")
                    && annotation.starts_with(['C', 'A', 'S'])
            })
            .map(str::to_owned),
    );
    names
}

/// The functions that `Depends(…)` and `Security(…)` name inside an expression.
pub(super) fn dependencies(tree: &Tree, id: NodeId) -> Vec<String> {
    tree.within(id)
        .filter(|id| {
            tree.called(*id)
                .is_some_and(|path| matches!(path.rsplit('.').next(), Some("Depends" | "Security")))
        })
        .filter_map(|call| last_name(tree, tree.arg(call, 0)?).map(str::to_owned))
        .collect()
}

/// Adds a route, and what its path says of health and metrics.
fn route(reader: &mut Reader<'_>, id: NodeId, route: Route, function: Option<NodeId>) {
    let tree = reader.tree;
    let through = route.through.clone();
    let last = route
        .path
        .trim_matches(['/', '$', '^', '?'])
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let known = HEALTH.iter().find(|(name, _)| match *name {
        "health-check" | "healthcheck" | "health_check" => last.starts_with(name),
        name => name == last,
    });
    // Other things have a status too: what a platform asks only answers.
    let doubtful =
        last == "status" && !function.is_some_and(|function| only_answers(tree, function));
    if let Some((_, kind)) = known
        && !doubtful
        && matches!(route.method.as_str(), "GET" | "*" | "HEAD")
        && (!matches!(
            last.as_str(),
            "status" | "up" | "ht" | "ping" | "live" | "alive" | "ready"
        ) || route.path.trim_matches('/').matches('/').count() <= 1)
        && !route.path.contains(['<', '{', '('])
        && !route.path.contains("ws/")
    {
        let checks = function.map(|function| asks_resources(tree, function));
        reader.push(
            id,
            Health {
                path: Some(route.path.clone()),
                kind: *kind,
                checks_resources: checks,
                through: through.clone(),
            },
        );
    }
    if last == "metrics"
        && !route.path.contains(['<', '{', '('])
        && reader
            .tree
            .imports
            .iter()
            .any(|one| one.module.starts_with("prometheus"))
    {
        reader.push(
            id,
            Metrics {
                through: "prometheus_client".to_owned(),
                path: Some(route.path.clone()),
                requests: None,
                standard: true,
            },
        );
    }
    reader.push(id, route);
}

/// Whether a function does nothing but answer: it waits for nothing, and calls nothing but what makes
/// an answer.
fn only_answers(tree: &Tree, function: NodeId) -> bool {
    let Some(body) = tree.as_function(function).map(|one| one.body) else {
        return false;
    };
    tree.within(body).all(|id| match tree.kind(id) {
        Kind::Await(_) => false,
        Kind::Call { callee, .. } => last_name(tree, *callee).is_some_and(|name| {
            name.ends_with("Response")
                || matches!(
                    name,
                    "jsonify" | "json" | "text" | "dict" | "utcnow" | "now" | "isoformat" | "time"
                )
        }),
        _ => true,
    })
}

/// Whether a health function asks the database or another resource.
fn asks_resources(tree: &Tree, function: NodeId) -> bool {
    tree.within(function).any(|id| {
        tree.called(id).is_some_and(|path| {
            let last = path.rsplit('.').next().unwrap_or_default();
            matches!(
                last,
                "execute"
                    | "ping"
                    | "exec"
                    | "fetchval"
                    | "fetch_one"
                    | "ensure_connection"
                    | "cursor"
                    | "scalar"
                    | "command"
                    | "check_database"
                    | "info"
            ) || last.contains("check_db")
                || last.contains("check_redis")
        })
    })
}

/// Routes that a call adds: Django's `path`, Starlette's `Route`, aiohttp's router, Flask's and
/// FastAPI's own functions.
fn called(reader: &mut Reader<'_>, id: NodeId, path: &str, framework: &'static str) {
    let tree = reader.tree;
    let text = |number: usize| {
        tree.arg(id, number)
            .and_then(|one| tree.as_text(tree.follow(one)))
            .map(str::to_owned)
    };
    let last = path.rsplit('.').next().unwrap_or_default();
    let (method, route_path, view) = match path {
        "django.urls.path" | "django.urls.re_path" | "django.conf.urls.url" => {
            let Some(found) = text(0) else { return };
            let view = tree.arg(id, 1);
            django_includes(reader, id, &found, view);
            // `include` only hands on to other patterns.
            if view.is_some_and(|view| {
                tree.called(view)
                    .is_some_and(|path| path.ends_with("include"))
            }) {
                return;
            }
            (
                "*",
                format!("/{}", found.trim_start_matches(['^', '/'])),
                view,
            )
        }
        "starlette.routing.Route" | "starlette.routing.WebSocketRoute" => match text(0) {
            Some(found) => ("*", found, tree.arg(id, 1)),
            None => return,
        },
        _ if path.starts_with("aiohttp.web.")
            && matches!(last, "get" | "post" | "put" | "delete" | "patch") =>
        {
            match text(0) {
                Some(found) => (
                    METHODS
                        .iter()
                        .find(|(name, _)| *name == last)
                        .map_or("*", |(_, method)| *method),
                    found,
                    tree.arg(id, 1),
                ),
                None => return,
            }
        }
        _ if path.ends_with(".router.add_get") || path.ends_with(".router.add_post") => {
            match text(0) {
                Some(found) => (
                    if last == "add_get" { "GET" } else { "POST" },
                    found,
                    tree.arg(id, 1),
                ),
                None => return,
            }
        }
        _ if matches!(last, "add_url_rule" | "add_api_route" | "add_route") => match text(0) {
            Some(found) => (
                "*",
                found,
                tree.keyword(id, "view_func").or_else(|| tree.arg(id, 1)),
            ),
            None => return,
        },
        _ => return,
    };
    let guard = view.map(|view| view_guards(tree, view)).unwrap_or_default();
    let function = view.and_then(|view| declared(tree, view));
    route(
        reader,
        id,
        Route {
            method: method.to_owned(),
            path: route_path,
            through: framework.to_owned(),
            protected: guard.iter().any(|name| auth::is_guard(name)),
            middleware: guard,
        },
        function,
    );
}

/// The function that a view names in this file.
fn declared(tree: &Tree, view: NodeId) -> Option<NodeId> {
    let Kind::Name(name) = tree.kind(view) else {
        return None;
    };
    tree.lookup(name, view)
        .iter()
        .find_map(|binding| match binding {
            crate::languages::syntax::Binding::Declared(id) => Some(*id),
            _ => None,
        })
}

/// The names of the functions that a view is wrapped in: `login_required(view)`.
fn view_guards(tree: &Tree, view: NodeId) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = view;
    for _ in 0..8 {
        let Kind::Call { callee, args, .. } = tree.kind(at) else {
            break;
        };
        if let Some(name) = last_name(tree, *callee)
            && name != "as_view"
        {
            names.push(name.to_owned());
        }
        match args.first() {
            Some(first) => at = first.value,
            None => break,
        }
    }
    names
}

/// Health and metrics libraries that Django's patterns include.
fn django_includes(reader: &mut Reader<'_>, id: NodeId, found: &str, view: Option<NodeId>) {
    let tree = reader.tree;
    let Some(view) = view else { return };
    let module = tree
        .arg(view, 0)
        .and_then(|module| tree.as_text(module))
        .map(str::to_owned)
        .or_else(|| tree.called(view))
        .or_else(|| tree.path(view))
        .unwrap_or_default();
    let at = format!("/{}", found.trim_start_matches(['^', '/']));
    if module.starts_with("health_check")
        || module.starts_with("watchman")
        || module.starts_with("healthy_django")
    {
        reader.push(
            id,
            Health {
                path: Some(at),
                kind: HealthKind::Both,
                checks_resources: Some(true),
                through: match module.split('.').next() {
                    Some("watchman") => "django-watchman".to_owned(),
                    _ => "django-health-check".to_owned(),
                },
            },
        );
    } else if module.starts_with("django_prometheus") {
        reader.push(
            id,
            Metrics {
                through: "django-prometheus".to_owned(),
                path: Some(format!("{at}metrics")),
                requests: Some(true),
                standard: true,
            },
        );
    }
}
