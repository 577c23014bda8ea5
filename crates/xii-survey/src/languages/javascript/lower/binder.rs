//! What names are bound to: declarations and assignments, put where they belong once the whole file
//! is lowered, because a nested function may assign a name that is declared after it.

use std::collections::{HashMap, HashSet};

use crate::languages::syntax::{Binding, Kind, NodeId, Tree};

/// A function, or the file, while its names are collected.
#[derive(Debug, Default)]
struct Frame {
    function: Option<NodeId>,
    parent: usize,
    declared: HashSet<String>,
}

/// A name that is declared or assigned.
#[derive(Debug)]
struct Seen {
    frame: usize,
    name: String,
    /// A declaration belongs to the function it stands in; an assignment to wherever the name is declared.
    declares: bool,
    binding: Option<Binding>,
}

/// Collects the names of a file.
#[derive(Debug)]
pub(super) struct Binder {
    frames: Vec<Frame>,
    current: usize,
    seen: Vec<Seen>,
}

impl Binder {
    pub(super) fn new() -> Self {
        Binder {
            frames: vec![Frame::default()],
            current: 0,
            seen: Vec::new(),
        }
    }

    /// Goes into a function.
    pub(super) fn enter(&mut self) {
        self.frames.push(Frame {
            parent: self.current,
            ..Frame::default()
        });
        self.current = self.frames.len() - 1;
    }

    /// Leaves a function, which is this node.
    pub(super) fn leave(&mut self, function: NodeId) {
        if let Some(frame) = self.frames.get_mut(self.current) {
            frame.function = Some(function);
            self.current = frame.parent;
        }
    }

    /// A name is declared here; `None` when it is given no value.
    pub(super) fn declare(&mut self, name: &str, binding: Option<Binding>) {
        if let Some(frame) = self.frames.get_mut(self.current) {
            frame.declared.insert(name.to_owned());
        }
        self.note(name, true, binding);
    }

    /// A name is declared for the whole file, wherever that is written.
    pub(super) fn declare_in_file(&mut self, name: &str, binding: Binding) {
        let current = std::mem::take(&mut self.current);
        self.declare(name, Some(binding));
        self.current = current;
    }

    /// A name is assigned here.
    pub(super) fn assign(&mut self, name: &str, binding: Binding) {
        self.note(name, false, Some(binding));
    }

    fn note(&mut self, name: &str, declares: bool, binding: Option<Binding>) {
        self.seen.push(Seen {
            frame: self.current,
            name: name.to_owned(),
            declares,
            binding,
        });
    }

    /// The frame that a name assigned in `frame` is declared in; the file when there is none.
    fn home(&self, frame: usize, name: &str) -> usize {
        let mut at = frame;
        while let Some(frame) = self.frames.get(at) {
            if at == 0 || frame.declared.contains(name) {
                return at;
            }
            at = frame.parent;
        }
        0
    }

    /// Binds everything in the tree.
    pub(super) fn finish(self, tree: &mut Tree) {
        let mut order = Vec::new();
        let mut names: HashMap<(usize, &str), Vec<Binding>> = HashMap::new();
        for seen in &self.seen {
            let frame = if seen.declares {
                seen.frame
            } else {
                self.home(seen.frame, &seen.name)
            };
            let key = (frame, seen.name.as_str());
            let bindings = names.entry(key).or_insert_with(|| {
                order.push(key);
                Vec::new()
            });
            bindings.extend(seen.binding);
        }
        for key in order {
            let Some(mut bindings) = names.remove(&key) else {
                continue;
            };
            // `let server = null` only announces the value that follows.
            let empty = |tree: &Tree, one: &Binding| matches!(one, Binding::Value(value) if matches!(tree.kind(*value), Kind::Null));
            if bindings.iter().any(|one| !empty(tree, one)) {
                bindings.retain(|one| !empty(tree, one));
            }
            if bindings.is_empty() {
                bindings.push(Binding::Unknown);
            }
            let function = self.frames.get(key.0).and_then(|frame| frame.function);
            for binding in bindings {
                tree.bind(function, key.1, binding);
            }
        }
    }
}
