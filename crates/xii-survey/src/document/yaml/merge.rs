use std::collections::HashSet;

use crate::document::{Entry, Node, Value};

/// Whether the value of a merge key can be merged: a map or a list of maps.
/// Anything else stays an ordinary entry, so that nothing is lost.
pub(super) fn can_merge(node: &Node) -> bool {
    match &node.value {
        Value::Map(_) => true,
        Value::List(items) => items.iter().all(|item| matches!(item.value, Value::Map(_))),
        _ => false,
    }
}

/// Adds the entries of `merged` whose key is not there yet. A map's own entries
/// win over merged ones, and earlier merged maps over later ones.
pub(super) fn merge(entries: &mut Vec<Entry>, merged: Vec<Node>) {
    let maps = merged.iter().flat_map(|node| match node.value {
        Value::Map(_) => std::slice::from_ref(node),
        _ => node.items(),
    });
    let mut added = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    if !merged.is_empty() {
        seen.extend(entries.iter().map(|entry| entry.key.as_str()));
    }
    for map in maps {
        for entry in map.entries() {
            // `insert` only after the map is done: a key repeated in one map is kept.
            if !seen.contains(entry.key.as_str()) {
                added.push(entry.clone());
            }
        }
        seen.extend(map.entries().iter().map(|entry| entry.key.as_str()));
    }
    entries.extend(added);
}
