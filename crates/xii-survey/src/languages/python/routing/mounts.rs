//! The routers of a file, what they are mounted under, and names that stand for them.

use super::names::{key, made, router_of, target_key};
use super::patterns::{is_path, own, place};
use super::prefixes::prefix_of;
use crate::languages::python::reader::Reader;
use crate::languages::python::values::returned;
use crate::languages::routing::{Mount, Prefix, Router, Routing, Standing, names_application};
use crate::languages::syntax::{Binding, Kind, NodeId, Operator, Tree};

/// No more routers, names or mounts than this are taken from one file.
const MOST: usize = 4_000;
/// How far out from a call a loop around it is looked for.
const LOOPS: usize = 12;
/// How many routers of a list that is looped over are taken.
const LISTED: usize = 64;

/// Adds what the file says of routers; its routes were added before.
pub(in crate::languages::python) fn read(reader: &Reader<'_>, routing: &mut Routing) {
    let tree = reader.tree;
    for id in tree.ids() {
        if let Kind::Assign { target, value, .. } = tree.kind(id)
            && routing.declared.len() < MOST
        {
            assigned(reader, routing, *target, *value);
        }
    }
    for (id, path) in reader.calls {
        if routing.mounts.len() < MOST {
            mounted(reader, routing, *id, path);
        }
    }
    // Lists of routes, told by what stands in them.
    let lists = routing.pending.iter().map(|one| &one.on);
    let lists = lists.chain(routing.mounts.iter().map(|one| &one.parent));
    let lists: Vec<String> = lists
        .filter_map(|router| match router {
            Router::Here(key) => Some(key.clone()),
            _ => None,
        })
        .collect();
    aliases(reader, routing);
    for key in lists {
        if !routing.aliases.contains_key(&key) {
            let standing = match key.rsplit_once('.') {
                None if key == "urlpatterns" => Standing::Patterns,
                Some((_, attribute)) if names_application(attribute) => Standing::Application,
                _ => Standing::Group,
            };
            let made = routing.declared.entry(key);
            made.or_insert_with(|| (standing, Prefix::none()));
        }
    }
    // `urlpatterns = [path(settings.PREFIX, include(urlpatterns))]`, where something says so.
    let wrapped = |mount: &Mount| mount.child == mount.parent;
    for mount in routing.mounts.iter().filter(|mount| wrapped(mount)) {
        if let Router::Here(key) = &mount.child
            && let Some((_, prefix)) = routing.declared.get_mut(key)
        {
            prefix.certain = false;
        }
    }
    routing.mounts.retain(|mount| !wrapped(mount));
}

/// `router = APIRouter(prefix="/items")`, `urlpatterns = router.urls`.
fn assigned(reader: &Reader<'_>, routing: &mut Routing, target: NodeId, value: NodeId) {
    let tree = reader.tree;
    let Some(key) = target_key(tree, target, value) else {
        return;
    };
    if key == "ROOT_URLCONF"
        && let Some(module) = tree.as_text(tree.follow(value))
    {
        routing.roots.push(module.to_owned());
    } else if let Some(standing) = made(tree, value) {
        let given = tree
            .keyword(value, "prefix")
            .or_else(|| tree.keyword(value, "url_prefix"));
        let prefix = match standing {
            Standing::Application => Prefix::none(),
            _ => prefix_of(reader, given),
        };
        routing.declared.insert(key, (standing, prefix));
    } else {
        // `self.app = app`
        if key.contains('.') {
            alias(routing, key.clone(), router_of(tree, value));
        }
        for child in taken_in(reader, value) {
            put(
                routing,
                router_of(tree, child),
                Router::Here(key.clone()),
                Prefix::none(),
                false,
            );
        }
    }
}

/// The lists and routers that a list is made of: `[…] + router.urls`, `[*api_urls, …]`.
fn taken_in(reader: &Reader<'_>, value: NodeId) -> Vec<NodeId> {
    let tree = reader.tree;
    let mut found = Vec::new();
    let mut open = vec![(value, 0)];
    while let Some((id, depth)) = open.pop() {
        match tree.kind(id) {
            Kind::Binary {
                operator: Operator::Add,
                left,
                right,
            } if depth < 16 => open.extend([(*left, depth + 1), (*right, depth + 1)]),
            Kind::List(items) if depth < 16 => {
                let spread = items.iter().filter_map(|item| match tree.kind(*item) {
                    Kind::Spread(inner) => Some((*inner, depth + 1)),
                    _ => None,
                });
                open.extend(spread);
            }
            Kind::Member { property, .. } if property == "urls" => found.push(id),
            Kind::Name(_) if depth > 0 => found.push(id),
            _ => {}
        }
    }
    found
}

fn put(routing: &mut Routing, child: Router, parent: Router, prefix: Prefix, replaces: bool) {
    let itself = child == parent && prefix == Prefix::none();
    if !matches!(child, Router::Unknown | Router::Application) && !itself {
        routing.mounts.push(Mount {
            child,
            parent,
            prefix,
            replaces,
        });
    }
}

/// Calls that mount something.
fn mounted(reader: &Reader<'_>, routing: &mut Routing, id: NodeId, path: &str) {
    let tree = reader.tree;
    let (first, second) = (tree.arg(id, 0), tree.arg(id, 1));
    if is_path(path) {
        if let Some(child) = second
            .or_else(|| tree.keyword(id, "view"))
            .and_then(|view| included(reader, view))
        {
            let (parent, around) = place(reader, id);
            let prefix = around.then(own(reader, path, first));
            put(routing, child, parent, prefix, false);
        }
        return;
    }
    let routes = tree
        .keyword(id, "routes")
        .or_else(|| tree.keyword(id, "app"))
        .filter(|one| !matches!(tree.kind(*one), Kind::List(_)));
    if path.ends_with("routing.Mount") {
        if let Some(child) = routes.or(second) {
            let (parent, around) = place(reader, id);
            let prefix = around.then(prefix_of(reader, first));
            put(routing, router_of(tree, child), parent, prefix, false);
        }
        return;
    }
    if let Some(routes) = routes
        && made(tree, id).is_some()
    {
        let (parent, around) = place(reader, id);
        put(routing, router_of(tree, routes), parent, around, false);
        return;
    }
    let Kind::Call { callee, .. } = tree.kind(id) else {
        return;
    };
    let Kind::Member { object, property } = tree.kind(*callee) else {
        return;
    };
    let keyword = |name: &str| tree.keyword(id, name);
    let (child, prefix, replaces) = match property.as_str() {
        "include_router" => (first.or(keyword("router")), keyword("prefix"), false),
        "register_blueprint" => (first.or(keyword("blueprint")), keyword("url_prefix"), true),
        "blueprint" => (first.or(keyword("blueprint")), keyword("url_prefix"), true),
        "mount" => (second.or(keyword("app")), first.or(keyword("path")), false),
        "add_router" => (
            second.or(keyword("router")),
            first.or(keyword("prefix")),
            false,
        ),
        "add_subapp" => (
            second.or(keyword("subapp")),
            first.or(keyword("prefix")),
            false,
        ),
        "add_routes" | "extend" => (first, None, false),
        _ => return,
    };
    let Some(child) = child else { return };
    let prefix = prefix_of(reader, prefix);
    let children = match tree.as_text(child) {
        // Ninja takes `"events.api.router"` too.
        Some(text) => text
            .rsplit_once('.')
            .map(|(module, member)| there(module, member))
            .into_iter()
            .collect(),
        None => routers_of(tree, child),
    };
    for child in children {
        let parent = router_of(tree, *object);
        put(routing, child, parent, prefix.clone(), replaces);
    }
}

/// The routers that an expression names: several for the name of a loop over a list of them.
fn routers_of(tree: &Tree, child: NodeId) -> Vec<Router> {
    let Kind::Name(name) = tree.kind(child) else {
        return vec![router_of(tree, child)];
    };
    let each = |outer: NodeId| match tree.kind(outer) {
        Kind::Loop { head, .. } => match head.as_slice() {
            [each, list] => match (tree.kind(*each), tree.kind(tree.follow(*list))) {
                (Kind::Name(each), Kind::List(items)) if each == name => Some(items),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    let items = tree.ancestors(child).take(LOOPS).find_map(each);
    items.map_or_else(
        || vec![router_of(tree, child)],
        |items| {
            let items = items.iter().take(LISTED);
            items.map(|item| router_of(tree, *item)).collect()
        },
    )
}

fn there(module: &str, member: &str) -> Router {
    Router::There {
        module: module.to_owned(),
        members: vec![member.to_owned()],
        name: member.to_owned(),
    }
}

/// What one of Django's patterns includes, when it is not written right there.
fn included(reader: &Reader<'_>, view: NodeId) -> Option<Router> {
    let tree = reader.tree;
    // Ninja: `path("api/", api.urls)`.
    if let Kind::Member { object, property } = tree.kind(view) {
        return (property == "urls").then(|| router_of(tree, *object));
    }
    if !tree.called(view)?.ends_with("include") {
        return None;
    }
    let mut what = tree.arg(view, 0)?;
    // With the name of the app: `include((patterns, "api"))`.
    if let Kind::List(items) = tree.kind(what) {
        what = *items.first()?;
    }
    match tree.kind(what) {
        Kind::Text(module) => Some(there(module, "urlpatterns")),
        Kind::Name(_) | Kind::Member { .. } => Some(router_of(tree, what)),
        _ => None,
    }
}

/// Names that stand for routers of other places.
fn aliases(reader: &Reader<'_>, routing: &mut Routing) {
    let tree = reader.tree;
    for (name, bindings) in tree.top_level().into_iter().take(MOST) {
        let [Binding::Value(value)] = bindings else {
            continue;
        };
        let stands = matches!(
            tree.kind(*value),
            Kind::Name(_) | Kind::Member { .. } | Kind::Call { .. } | Kind::Await(_)
        );
        if stands && made(tree, *value).is_none() {
            alias(routing, name.to_owned(), router_of(tree, *value));
        }
    }
    for id in tree.ids() {
        if let Some(function) = tree.as_function(id)
            && let Some(name) = &function.name
            && let Some(value) = returned(tree, function.body)
        {
            alias(routing, key(tree, name, id), router_of(tree, value));
        }
    }
    for import in tree.imports.iter().take(MOST) {
        match (&import.local, &import.member) {
            (Some(local), member) => alias(
                routing,
                local.clone(),
                Router::There {
                    module: import.module.clone(),
                    members: member.iter().cloned().collect(),
                    name: local.clone(),
                },
            ),
            (None, Some(member)) if member == "*" => {
                alias(
                    routing,
                    format!("*{}", import.module),
                    there(&import.module, "*"),
                );
            }
            _ => {}
        }
    }
}

fn alias(routing: &mut Routing, name: String, router: Router) {
    let itself = matches!(&router, Router::Here(key) if *key == name);
    if !itself && router != Router::Unknown && !routing.declared.contains_key(&name) {
        routing.aliases.entry(name).or_insert(router);
    }
}
