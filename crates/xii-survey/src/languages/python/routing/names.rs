//! Which router an expression names.

use crate::languages::python::surroundings::class_around;
use crate::languages::routing::{Router, Standing, names_application};
use crate::languages::syntax::{Binding, Kind, NodeId, Tree};

/// How many names are followed in the file itself.
const STEPS: usize = 8;

/// Types of applications.
const APPLICATIONS: &[&str] = &[
    "Flask",
    "APIFlask",
    "Quart",
    "FastAPI",
    "Starlette",
    "Sanic",
    "Litestar",
    "Bottle",
    "aiohttp.web.Application",
];

/// The standing of the router that a call makes, if it makes one.
pub(super) fn made(tree: &Tree, id: NodeId) -> Option<Standing> {
    let path = tree.called(id)?;
    let last = path.rsplit('.').next().unwrap_or_default();
    if path.ends_with("()") {
        return None;
    }
    if APPLICATIONS.contains(&last) || APPLICATIONS.contains(&path.as_str()) {
        return Some(Standing::Application);
    }
    // An own class that builds on one is named like it.
    let group = last.ends_with("Router")
        || last.ends_with("Blueprint")
        || matches!(last, "NinjaAPI" | "NinjaExtraAPI" | "RouteTableDef");
    group.then_some(Standing::Group)
}

/// Whether a call makes a router.
pub(in crate::languages::python) fn makes_router(tree: &Tree, id: NodeId) -> bool {
    made(tree, id).is_some()
}

/// The key of a router that is bound to a name: that of the file itself is the name, and what a
/// function holds has the function's number with it.
pub(super) fn key(tree: &Tree, name: &str, bound_at: NodeId) -> String {
    match tree.function_around(bound_at) {
        None => name.to_owned(),
        Some(function) => format!("{name}@{}", function.0),
    }
}

/// The key of what is assigned to a target: a name or an attribute of `self`.
pub(super) fn target_key(tree: &Tree, target: NodeId, bound_at: NodeId) -> Option<String> {
    match tree.kind(target) {
        Kind::Name(name) => Some(key(tree, name, bound_at)),
        Kind::Member { object, property } => match tree.kind(*object) {
            Kind::Name(object) if matches!(object.as_str(), "self" | "cls") => {
                let class = class_around(tree, tree.function_around(target)?)?;
                let name = tree.as_class(class)?.name.as_deref()?;
                Some(format!("{name}.{property}"))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The router that an expression names.
pub(in crate::languages::python) fn router_of(tree: &Tree, id: NodeId) -> Router {
    within(tree, id, STEPS)
}

fn within(tree: &Tree, id: NodeId, steps: usize) -> Router {
    let Some(steps) = steps.checked_sub(1) else {
        return Router::Unknown;
    };
    match tree.kind(id) {
        Kind::Await(inner) => within(tree, *inner, steps),
        Kind::Name(name) => named(tree, name, id, steps),
        Kind::Member { object, property } => {
            if let Some(key) = target_key(tree, id, id) {
                return Router::Here(key);
            }
            match within(tree, *object, steps) {
                Router::There {
                    module,
                    mut members,
                    ..
                } => {
                    members.push(property.clone());
                    Router::There {
                        module,
                        members,
                        name: property.clone(),
                    }
                }
                // `router.urls`, `app.router`: the router itself in another form.
                found if matches!(property.as_str(), "urls" | "router" | "routes") => found,
                _ => by_name(property),
            }
        }
        Kind::Call { callee, .. } => within(tree, *callee, steps),
        _ => Router::Unknown,
    }
}

fn named(tree: &Tree, name: &str, id: NodeId, steps: usize) -> Router {
    let bindings = tree.lookup(name, id);
    if let [Binding::Import(number)] = bindings {
        return imported(tree, *number, name);
    }
    let values = bindings.iter().filter_map(|binding| match binding {
        Binding::Value(value) => Some(*value),
        _ => None,
    });
    let mut holders = values.clone().filter(|value| {
        matches!(tree.kind(*value), Kind::List(_) | Kind::Binary { .. })
            || made(tree, *value).is_some()
    });
    if let Some(value) = holders.next() {
        return Router::Here(key(tree, name, value));
    }
    match bindings {
        [Binding::Value(value)] => match within(tree, *value, steps) {
            Router::Unknown => by_name(name),
            Router::There {
                module, members, ..
            } => Router::There {
                module,
                members,
                name: name.to_owned(),
            },
            found => found,
        },
        [Binding::Declared(function)] => Router::Here(key(tree, name, *function)),
        [Binding::Unknown] if is_application(tree, name, id) => Router::Application,
        _ => match bindings.iter().find_map(|binding| match binding {
            Binding::Import(number) => Some(*number),
            _ => None,
        }) {
            Some(number) => imported(tree, number, name),
            None if name == "urlpatterns" => Router::Here(name.to_owned()),
            None => by_name(name),
        },
    }
}

fn by_name(name: &str) -> Router {
    match names_application(name) {
        true => Router::Application,
        false => Router::Unknown,
    }
}

/// Whether a parameter is annotated as an application.
fn is_application(tree: &Tree, name: &str, id: NodeId) -> bool {
    let annotation =
        std::iter::successors(tree.function_around(id), |id| tree.function_around(*id))
            .filter_map(|function| tree.as_function(function))
            .find_map(|function| function.parameters.iter().find(|one| one.name == name))
            .and_then(|parameter| parameter.annotation.as_deref());
    annotation.map_or_else(
        || names_application(name),
        |annotation| {
            let last = annotation.trim_matches(['"', '\'']).rsplit('.').next();
            last.is_some_and(|last| APPLICATIONS.contains(&last) || last == "Application")
        },
    )
}

fn imported(tree: &Tree, number: usize, name: &str) -> Router {
    match tree.imports.get(number) {
        Some(import) => Router::There {
            module: import.module.clone(),
            members: import.member.iter().cloned().collect(),
            name: name.to_owned(),
        },
        None => Router::Unknown,
    }
}
