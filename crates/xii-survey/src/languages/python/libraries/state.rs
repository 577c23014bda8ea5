//! State of a module that outlives a request, and caches of functions.

use std::collections::BTreeMap;

use xii_model::{CacheStore, MutableState, SessionPlace};

use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Binding, Kind, NodeId, Tree};

/// Methods that change a list, a dict or a set.
const CHANGES: &[&str] = &[
    "append",
    "add",
    "extend",
    "insert",
    "update",
    "setdefault",
    "pop",
    "popitem",
    "remove",
    "clear",
    "discard",
    "appendleft",
    "push",
];

/// Calls that make an empty or filled container.
#[rustfmt::skip]
const CONTAINERS: &[(&str, &str)] = &[
    ("dict", "map"), ("list", "list"), ("set", "list"), ("collections.defaultdict", "map"), ("collections.deque", "list"),
    ("collections.OrderedDict", "map"), ("collections.Counter", "counter"), ("cachetools.TTLCache", "cache"),
    ("cachetools.LRUCache", "cache"), ("itertools.count", "counter"), ("queue.Queue", "list"),
];

/// Caches in the memory of the process.
#[rustfmt::skip]
const CACHES: &[(&str, &str)] = &[
    ("cachetools.TTLCache", "cachetools"), ("cachetools.LRUCache", "cachetools"), ("aiocache.SimpleMemoryCache", "aiocache"),
    ("fastapi_cache.backends.inmemory.InMemoryBackend", "fastapi-cache"),
];

/// Adds a fact for each state of the module that a request changes.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    let mut changed: BTreeMap<String, NodeId> = BTreeMap::new();
    for id in tree.ids() {
        let Some((name, at)) = change(tree, id) else {
            continue;
        };
        if tree.function_around(id).is_none() {
            continue;
        }
        if changed.contains_key(name) || !is_module_state(tree, name, at) {
            continue;
        }
        // A function that is called while the module is loaded builds up a registry, so a request
        // must be seen to change it.
        if reader.scope(id).handler {
            changed.insert(name.to_owned(), id);
        }
    }
    for (name, id) in changed {
        let Some(what) = made_of(tree, &name) else {
            continue;
        };
        let lower = name.to_ascii_lowercase();
        let cache_like = what == "cache"
            || ["cache", "memo", "lru"]
                .iter()
                .any(|word| lower.contains(word));
        let scope = reader.scope(id);
        let fact = MutableState {
            name,
            what,
            changed_in: scope.function.as_deref().map(str::to_owned),
            cache_like,
        };
        reader.push(id, fact);
    }
    for (id, path) in reader.calls {
        if let Some((_, through)) = CACHES.iter().find(|(name, _)| name == path) {
            reader.push(
                *id,
                CacheStore {
                    store: SessionPlace::Memory,
                    through: (*through).to_owned(),
                },
            );
        }
    }
}

/// The name that a node changes, and the name's node: `x[k] = v`, `x.append(v)`, `x += 1`, `del x[k]`.
fn change(tree: &Tree, id: NodeId) -> Option<(&str, NodeId)> {
    let target = match tree.kind(id) {
        Kind::Assign {
            target, augmented, ..
        } => match tree.kind(*target) {
            Kind::Index { object, .. } | Kind::Member { object, .. } if is_item(tree, *target) => {
                *object
            }
            Kind::Name(_) if *augmented => *target,
            _ => return None,
        },
        Kind::Delete(inner) => match tree.kind(*inner) {
            Kind::Index { object, .. } | Kind::Member { object, .. } => *object,
            _ => return None,
        },
        Kind::Call { callee, .. } => match tree.kind(*callee) {
            Kind::Member { object, property } if CHANGES.contains(&property.as_str()) => *object,
            _ => return None,
        },
        _ => return None,
    };
    match tree.kind(target) {
        Kind::Name(name) => Some((name, target)),
        _ => None,
    }
}

/// Whether a target is an item and not an attribute: its text ends in a bracket.
fn is_item(tree: &Tree, target: NodeId) -> bool {
    match tree.kind(target) {
        Kind::Index { .. } => true,
        // `x["key"]` is longer than `x.key` by its brackets and quotes.
        Kind::Member { object, property } => {
            tree.span(target).len() > tree.span(*object).len() + property.len() + 2
        }
        _ => false,
    }
}

/// Whether a name at a node is the module's own, and made there once as a container or a number.
fn is_module_state(tree: &Tree, name: &str, at: NodeId) -> bool {
    if made_of(tree, name).is_none() {
        return false;
    }
    // A name bound in the function itself is another one.
    let here = tree.lookup(name, at);
    let module = module_bindings(tree, name);
    std::ptr::eq(here.as_ptr(), module.as_ptr())
}

fn module_bindings<'t>(tree: &'t Tree, name: &str) -> &'t [Binding] {
    tree.root.map_or(&[], |root| tree.lookup(name, root))
}

/// What a name of the module is made of.
fn made_of(tree: &Tree, name: &str) -> Option<&'static str> {
    let first = module_bindings(tree, name)
        .iter()
        .take(8)
        .find_map(|binding| match binding {
            Binding::Value(value) => Some(*value),
            _ => None,
        })?;
    match tree.kind(first) {
        Kind::Map(_) => Some("map"),
        Kind::List(_) => Some("list"),
        Kind::Number(_) => Some("counter"),
        Kind::Call { callee, .. } => {
            let path = tree.path(*callee)?;
            CONTAINERS
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, what)| *what)
        }
        _ => None,
    }
}
