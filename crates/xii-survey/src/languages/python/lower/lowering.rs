//! The state of a lowering, and the one place where it descends.

use std::collections::HashSet;
use std::ops::Range;

use tree_sitter::Node;

use crate::languages::syntax::{Binding, Kind, NodeId, Tree};

/// How deep constructs may nest. What stands deeper is left out: no person wrote it, and descending
/// into it would exhaust the stack.
const DEPTH: usize = 200;

/// Lowers a parsed file.
pub(in crate::languages::python) fn lower(root: Node<'_>, text: &str) -> Tree {
    let mut lowering = Lowering {
        text,
        tree: Tree::default(),
        frames: vec![Frame::default()],
        depth: 0,
        optional: 0,
        type_only: 0,
    };
    let root = lowering.block(root);
    lowering.tree.root = Some(root);
    if let Some(frame) = lowering.frames.pop() {
        lowering.bind_all(None, frame);
    }
    lowering.tree
}

/// A lowering under way.
pub(super) struct Lowering<'t> {
    pub(super) text: &'t str,
    pub(super) tree: Tree,
    frames: Vec<Frame>,
    depth: usize,
    /// Above zero inside code whose failed imports are handled.
    pub(super) optional: usize,
    /// Above zero inside `if TYPE_CHECKING:`.
    pub(super) type_only: usize,
}

/// The names of a file, function or class while it is being lowered.
#[derive(Default)]
struct Frame {
    bindings: Vec<(String, Binding)>,
    globals: HashSet<String>,
    class: bool,
}

impl<'t> Lowering<'t> {
    /// Lowers one node.
    pub(super) fn node(&mut self, node: Node<'_>) -> NodeId {
        if self.depth >= DEPTH {
            return self.add(Kind::Block(Vec::new()), node);
        }
        self.depth += 1;
        let id = self.statement(node);
        self.depth -= 1;
        id
    }

    /// Lowers the field of a node, or nothing in its place.
    pub(super) fn field(&mut self, node: Node<'_>, name: &str) -> NodeId {
        match node.child_by_field_name(name) {
            Some(child) => self.node(child),
            None => self.add(Kind::Block(Vec::new()), node),
        }
    }

    /// Lowers the named children of a node, comments left out.
    pub(super) fn children(&mut self, node: Node<'_>) -> Vec<NodeId> {
        named(node)
            .into_iter()
            .map(|child| self.node(child))
            .collect()
    }

    /// Lowers a node to the sequence of its children.
    pub(super) fn block(&mut self, node: Node<'_>) -> NodeId {
        let items = self.children(node);
        self.add(Kind::Block(items), node)
    }

    pub(super) fn add(&mut self, kind: Kind, node: Node<'_>) -> NodeId {
        self.tree.add(kind, node.byte_range())
    }

    pub(super) fn add_at(&mut self, kind: Kind, span: Range<usize>) -> NodeId {
        self.tree.add(kind, span)
    }

    pub(super) fn text_of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// Binds a name where the lowering stands.
    pub(super) fn bind(&mut self, name: &str, binding: Binding) {
        let global = self
            .frames
            .last()
            .is_some_and(|frame| frame.globals.contains(name));
        let frame = if global {
            self.frames.first_mut()
        } else {
            self.frames.last_mut()
        };
        if let Some(frame) = frame {
            frame.bindings.push((name.to_owned(), binding));
        }
    }

    /// Binds a name of the function around this one, as `nonlocal` allows.
    pub(super) fn bind_outside(&mut self, name: &str) {
        let outer = self.frames.len().checked_sub(2);
        if let Some(frame) = outer.and_then(|outer| self.frames.get_mut(outer)) {
            frame.bindings.push((name.to_owned(), Binding::Unknown));
        }
    }

    /// Makes later bindings of a name here bindings of the file.
    pub(super) fn declare_global(&mut self, name: &str) {
        if let Some(frame) = self.frames.last_mut() {
            frame.globals.insert(name.to_owned());
        }
    }

    /// Enters a function or a class.
    pub(super) fn enter(&mut self, class: bool) {
        self.frames.push(Frame {
            class,
            ..Frame::default()
        });
    }

    /// Leaves a function or a class. The names of a class's body are seen by nothing inside its
    /// functions, so they are bound nowhere.
    pub(super) fn leave(&mut self, owner: NodeId) {
        if let Some(frame) = self.frames.pop()
            && !frame.class
        {
            self.bind_all(Some(owner), frame);
        }
    }

    /// Binds the names of a frame. `x = None` that only makes room for a later assignment says
    /// nothing of what the name stands for.
    fn bind_all(&mut self, owner: Option<NodeId>, frame: Frame) {
        let empty = |tree: &Tree, binding: &Binding| matches!(binding, Binding::Value(value) if matches!(tree.kind(*value), Kind::Null));
        let filled: HashSet<&str> = frame
            .bindings
            .iter()
            .filter(|(_, binding)| !empty(&self.tree, binding))
            .map(|(name, _)| name.as_str())
            .collect();
        let mut imported = HashSet::new();
        for (name, binding) in &frame.bindings {
            // `import os` and `import os.path` bind the same name to the same module.
            if let Binding::Import(number) = binding
                && let Some(import) = self.tree.imports.get(*number)
                && !imported.insert((name.as_str(), import.module.clone(), import.member.clone()))
            {
                continue;
            }
            if filled.contains(name.as_str()) && empty(&self.tree, binding) {
                continue;
            }
            self.tree.bind(owner, name, *binding);
        }
    }
}

/// The named children of a node, comments left out.
pub(super) fn named(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| !matches!(child.kind(), "comment" | "line_continuation"))
        .collect()
}
