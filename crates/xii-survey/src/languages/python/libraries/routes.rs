//! Routes, and the routers that they hang on.

use xii_model::Route;

use super::auth;
use super::contracts::{contract, errors};
use super::health;
use crate::languages::python::bounds::texts;
use crate::languages::python::reader::Reader;
use crate::languages::python::routing::{
    self, is_path, makes_router, place, plain, prefix_of, router_of,
};
use crate::languages::python::surroundings::last_name;
use crate::languages::routing::{Pending, Prefix, Router, What};
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

/// Adds the facts of routes, and what the file says of where they are served.
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
    let mut routing = std::mem::take(reader.routing);
    routing::read(reader, &mut routing);
    *reader.routing = routing;
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
                    certain: true,
                    through: framework.to_owned(),
                    protected,
                    middleware: middleware.clone(),
                },
                Some(id),
                (router_of(tree, *object), Prefix::none()),
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

/// Adds a route that hangs on a router. What its whole path says of health and metrics is told with it.
fn route(
    reader: &mut Reader<'_>,
    id: NodeId,
    route: Route,
    function: Option<NodeId>,
    (on, before): (Router, Prefix),
) {
    let says = health::says(reader, function);
    let what = What::Route(reader.fact(id, route), says);
    reader.routing.pending.push(Pending { what, on, before });
}

/// Routes that a call adds: Django's `path`, Starlette's `Route`, aiohttp's router, Flask's and
/// FastAPI's own functions.
fn called(reader: &mut Reader<'_>, id: NodeId, path: &str, framework: &'static str) {
    let tree = reader.tree;
    if is_path(path) {
        pattern(reader, id, path, framework);
        return;
    }
    let last = path.rsplit('.').next().unwrap_or_default();
    let first = tree.arg(id, 0);
    let Some(text) = first.and_then(|one| tree.as_text(tree.follow(one))) else {
        return;
    };
    let object = match tree.kind(id) {
        Kind::Call { callee, .. } => match tree.kind(*callee) {
            Kind::Member { object, .. } => Some(*object),
            _ => None,
        },
        _ => None,
    };
    let on_object = || {
        let router = object.map_or(Router::Unknown, |object| router_of(tree, object));
        (router, Prefix::none())
    };
    let second = tree.arg(id, 1);
    let method = METHODS.iter().find(|(name, _)| *name == last);
    let (method, path, view, place) = match path {
        "starlette.routing.Route" | "starlette.routing.WebSocketRoute" => {
            ("*", text.to_owned(), second, place(reader, id))
        }
        _ if path.strip_prefix("aiohttp.web.") == Some(last)
            && matches!(last, "get" | "post" | "put" | "delete" | "patch") =>
        {
            let method = method.map_or("*", |(_, method)| *method);
            (method, text.to_owned(), second, place(reader, id))
        }
        _ if path.ends_with(".router.add_get") => ("GET", text.to_owned(), second, on_object()),
        _ if path.ends_with(".router.add_post") => ("POST", text.to_owned(), second, on_object()),
        _ if matches!(last, "add_url_rule" | "add_api_route" | "add_route") => {
            let view = tree.keyword(id, "view_func").or(second);
            ("*", text.to_owned(), view, on_object())
        }
        _ if path.ends_with("DefaultRouter().register")
            || path.ends_with("SimpleRouter().register") =>
        {
            ("*", listed(tree, object, text), None, on_object())
        }
        _ => return,
    };
    // Whether a viewset lists anything at its own path stands in its class.
    let certain = last != "register";
    add(reader, id, (method, path, certain), framework, view, place);
}

/// The path at which a viewset lists what it has.
fn listed(tree: &Tree, object: Option<NodeId>, prefix: &str) -> String {
    let slash = object
        .and_then(|object| tree.keyword(tree.follow(object), "trailing_slash"))
        .is_none_or(|slash| !matches!(tree.kind(slash), Kind::Bool(false)));
    let end = if slash && !prefix.is_empty() { "/" } else { "" };
    format!("{prefix}{end}")
}

/// One of Django's patterns.
fn pattern(reader: &mut Reader<'_>, id: NodeId, path: &str, framework: &'static str) {
    let tree = reader.tree;
    let first = tree.arg(id, 0).or_else(|| tree.keyword(id, "route"));
    let view = tree.arg(id, 1).or_else(|| tree.keyword(id, "view"));
    let (router, around) = place(reader, id);
    let text = first.and_then(|first| tree.as_text(tree.follow(first)));
    let (own, before, certain) = match (text, first) {
        (Some(text), _) => {
            let (own, certain) = plain(path, text);
            (own.trim_start_matches('/').to_owned(), around, certain)
        }
        (None, Some(first)) => {
            let own = prefix_of(reader, Some(first));
            if own.parts.is_empty() {
                return;
            }
            (String::new(), around.then(own), true)
        }
        (None, None) => return,
    };
    health::included(reader, id, &own, view, (router.clone(), before.clone()));
    // What is included only hands on to other patterns.
    let handed_on = |view| {
        tree.called(view)
            .is_some_and(|path| path.ends_with("include"))
            || is_router(tree, view)
    };
    if view.is_some_and(handed_on) {
        return;
    }
    add(
        reader,
        id,
        ("*", own, certain),
        framework,
        view,
        (router, before),
    );
}

/// Whether a view is all that a router of the file holds: `api.urls`.
fn is_router(tree: &Tree, view: NodeId) -> bool {
    match tree.kind(view) {
        Kind::Member { object, property } if property == "urls" => {
            makes_router(tree, tree.follow(*object))
        }
        _ => false,
    }
}

/// Adds a route that a call adds.
fn add(
    reader: &mut Reader<'_>,
    id: NodeId,
    (method, path, certain): (&str, String, bool),
    framework: &str,
    view: Option<NodeId>,
    place: (Router, Prefix),
) {
    let tree = reader.tree;
    let guard = view.map(|view| view_guards(tree, view)).unwrap_or_default();
    let function = view.and_then(|view| declared(tree, view));
    let found = Route {
        method: method.to_owned(),
        path,
        certain,
        through: framework.to_owned(),
        protected: guard.iter().any(|name| auth::is_guard(name)),
        middleware: guard,
    };
    route(reader, id, found, function, place);
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
