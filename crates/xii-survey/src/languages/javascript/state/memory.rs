//! State of a module that requests change.

use std::collections::BTreeMap;

use xii_model::{Facts, MutableState};

use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Binding, Kind, NodeId};

/// Methods that change what they are called on.
const CHANGES: [&str; 14] = [
    "set", "add", "push", "unshift", "splice", "pop", "shift", "delete", "clear", "sort", "fill",
    "insert", "append", "enqueue",
];

/// A variable of the file that holds state.
struct Held {
    what: &'static str,
    /// Only methods of the class that answer requests count.
    field: bool,
}

/// Reads the state that requests change, once a variable, at the first change.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    if seen.around.browser() {
        return;
    }
    let held = held(seen);
    if held.is_empty() {
        return;
    }
    let tree = seen.tree;
    let mut changed: BTreeMap<&str, NodeId> = BTreeMap::new();
    for id in tree.ids() {
        let target = match tree.kind(id) {
            Kind::Call { callee, .. } => match tree.kind(*callee) {
                Kind::Member { object, property } if CHANGES.contains(&property.as_str()) => {
                    *object
                }
                _ => continue,
            },
            Kind::Assign { target, .. } => match tree.kind(*target) {
                Kind::Index { object, .. } | Kind::Member { object, .. } => *object,
                Kind::Name(_) => *target,
                _ => continue,
            },
            Kind::Update(target) | Kind::Delete(target) => match tree.kind(*target) {
                Kind::Index { object, .. } | Kind::Member { object, .. } => *object,
                _ => *target,
            },
            _ => continue,
        };
        let Kind::Name(name) = tree.kind(target) else {
            continue;
        };
        let Some((name, held)) = held.get_key_value(name.as_str()) else {
            continue;
        };
        // A name of the function's own is another one.
        if !held.field && bound_inside(seen, name, id) {
            continue;
        }
        if during_request(seen, id, held.field) {
            let first = changed.entry(name).or_insert(id);
            if tree.span(id).start < tree.span(*first).start {
                *first = id;
            }
        }
    }
    for (name, id) in changed {
        let Some(held) = held.get(name) else {
            continue;
        };
        let plain = name.rsplit('.').next().unwrap_or(name);
        let lower = plain.to_lowercase();
        let fact = MutableState {
            name: plain.to_owned(),
            what: held.what,
            changed_in: seen
                .fact(id, ())
                .scope
                .function
                .map(|name| name.to_string()),
            cache_like: ["cache", "memo", "lru", "pool"]
                .iter()
                .any(|word| lower.contains(word)),
        };
        facts.push(seen.fact(id, fact));
    }
}

fn held(seen: &Seen<'_>) -> BTreeMap<String, Held> {
    let tree = seen.tree;
    let mut held = BTreeMap::new();
    for (name, bindings) in tree.top_level() {
        let field = name.starts_with("this");
        let Some(what) = bindings.iter().find_map(|binding| match binding {
            Binding::Value(value) => kind_of(seen, *value),
            _ => None,
        }) else {
            continue;
        };
        if name.starts_with(['{', '~']) || name.starts_with("require:") {
            continue;
        }
        held.insert(name.to_owned(), Held { what, field });
    }
    held
}

/// What kind of state a value starts as.
fn kind_of(seen: &Seen<'_>, value: NodeId) -> Option<&'static str> {
    let tree = seen.tree;
    match tree.kind(value) {
        Kind::List(_) => Some("list"),
        // A table of constants has entries from the start; state starts empty.
        Kind::Map(pairs) if pairs.is_empty() => Some("object"),
        Kind::Number(_) => Some("counter"),
        Kind::Call {
            callee, new: true, ..
        } => match seen.path(*callee)?.as_str() {
            "Map" | "WeakMap" => Some("map"),
            "Set" => Some("map"),
            "Array" => Some("list"),
            _ => None,
        },
        Kind::Call { .. } if tree.called(value)? == "Object.create" => Some("object"),
        _ => None,
    }
}

/// Whether a function between the node and the file binds the name itself.
fn bound_inside(seen: &Seen<'_>, name: &str, id: NodeId) -> bool {
    let Some(root) = seen.tree.root else {
        return false;
    };
    let file = seen.tree.lookup(name, root);
    !std::ptr::eq(file, seen.tree.lookup(name, id))
}

/// Whether a node runs while a request is answered. The fields of a class count only where a
/// framework keeps one instance of it.
fn during_request(seen: &Seen<'_>, id: NodeId, field: bool) -> bool {
    let tree = seen.tree;
    let mut handler = false;
    let mut in_function = false;
    for outer in tree.ancestors(id) {
        match tree.kind(outer) {
            Kind::Function(function) => {
                in_function = true;
                handler |= seen.around.is_handler(outer);
                if function.name.as_deref() == Some("constructor") {
                    return false;
                }
            }
            Kind::Class(class) if field => {
                let kept = class.decorators.iter().any(|decorator| {
                    seen.path(*decorator).is_some_and(|path| {
                        ["Injectable", "Controller", "Resolver", "WebSocketGateway"]
                            .iter()
                            .any(|name| path.contains(name))
                    })
                });
                return kept && in_function;
            }
            _ => {}
        }
    }
    handler && !field
}
