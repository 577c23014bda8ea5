//! Looking into what a name stands for, within bounds: several names may stand for the same large
//! literal, so that looking through it for each would take the square of the file's size.

use crate::languages::syntax::{NodeId, Tree};

/// How many nodes are looked at.
const NODES: usize = 512;

/// The node that an expression stands for, and the first nodes inside it, in order.
pub(super) fn inside(tree: &Tree, id: NodeId) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut open = vec![tree.follow(id)];
    while let Some(next) = open.pop() {
        if found.len() >= NODES {
            break;
        }
        found.push(next);
        let room = NODES - found.len();
        let children = tree.children(next);
        open.extend(children.into_iter().take(room).rev());
    }
    found
}

/// The first texts inside what an expression stands for.
pub(super) fn texts(tree: &Tree, id: NodeId) -> impl Iterator<Item = (NodeId, &str)> {
    inside(tree, id)
        .into_iter()
        .filter_map(|id| Some((id, tree.as_text(id)?)))
}
