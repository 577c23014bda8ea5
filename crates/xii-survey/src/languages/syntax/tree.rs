//! A lowered file: its tree, its imports and its names.

use std::collections::HashMap;
use std::ops::Range;

use super::node::{Argument, Class, Function, Kind, Node, NodeId};

/// A lowered file.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    pub(crate) root: Option<NodeId>,
    pub(crate) imports: Vec<Imported>,
    /// The values that a name is given in a function (or the file, `None`), in order.
    bindings: HashMap<(Option<NodeId>, String), Vec<Binding>>,
}

/// What a name is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    /// An assignment's value.
    Value(NodeId),
    /// An entry of `imports`.
    Import(usize),
    /// A function's or class's declaration.
    Declared(NodeId),
    /// A parameter of a function, or a name that a loop or handler binds.
    Unknown,
}

/// A name that an import binds, or a module imported for its effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Imported {
    /// The name in this file; `None` for an import for its effects.
    pub(crate) local: Option<String>,
    /// The module as written: `express`, `./config`, `node:fs`, `django.conf`, `.settings`.
    pub(crate) module: String,
    /// What is taken from it; `None` for the module itself or its default export.
    pub(crate) member: Option<String>,
    pub(crate) span: Range<usize>,
    /// Its absence is handled.
    pub(crate) optional: bool,
    /// Only types are imported.
    pub(crate) type_only: bool,
}

impl Tree {
    /// Adds a node. Its children were added before it and get it as their parent.
    pub(crate) fn add(&mut self, kind: Kind, span: Range<usize>) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        for child in children(&kind) {
            if let Some(node) = self.nodes.get_mut(child.0 as usize) {
                node.parent = Some(id);
            }
        }
        self.nodes.push(Node {
            kind,
            parent: None,
            span,
        });
        id
    }

    pub(crate) fn kind(&self, id: NodeId) -> &Kind {
        &self.nodes[id.0 as usize].kind
    }

    pub(crate) fn span(&self, id: NodeId) -> Range<usize> {
        self.nodes[id.0 as usize].span.clone()
    }

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.nodes[id.0 as usize].parent
    }

    /// All nodes, children before their parents.
    pub(crate) fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// The node and everything around it, from the inside out.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    /// The node's children, in order.
    pub(crate) fn children(&self, id: NodeId) -> Vec<NodeId> {
        children(self.kind(id))
    }

    /// The node and everything inside it.
    pub(crate) fn within(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(next) = open.pop() {
            found.push(next);
            open.extend(self.children(next).into_iter().rev());
        }
        found
    }

    /// The function around the node, if there is one.
    pub(crate) fn function_around(&self, id: NodeId) -> Option<NodeId> {
        self.ancestors(id)
            .find(|id| matches!(self.kind(*id), Kind::Function(_)))
    }

    pub(crate) fn as_function(&self, id: NodeId) -> Option<&Function> {
        match self.kind(id) {
            Kind::Function(function) => Some(function),
            _ => None,
        }
    }

    pub(crate) fn as_class(&self, id: NodeId) -> Option<&Class> {
        match self.kind(id) {
            Kind::Class(class) => Some(class),
            _ => None,
        }
    }

    /// The text of a literal without interpolation.
    pub(crate) fn as_text(&self, id: NodeId) -> Option<&str> {
        match self.kind(id) {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The arguments of a call.
    pub(crate) fn args(&self, id: NodeId) -> &[Argument] {
        match self.kind(id) {
            Kind::Call { args, .. } => args,
            _ => &[],
        }
    }

    /// The positional argument with this number, from 0.
    pub(crate) fn arg(&self, call: NodeId, number: usize) -> Option<NodeId> {
        self.args(call)
            .iter()
            .filter(|arg| arg.name.is_none())
            .nth(number)
            .map(|arg| arg.value)
    }

    /// The keyword argument with this name.
    pub(crate) fn keyword(&self, call: NodeId, name: &str) -> Option<NodeId> {
        self.args(call)
            .iter()
            .find(|arg| arg.name.as_deref() == Some(name))
            .map(|arg| arg.value)
    }

    /// The value of an entry of an object literal; a name is followed to the literal it stands for.
    pub(crate) fn entry(&self, map: NodeId, key: &str) -> Option<NodeId> {
        match self.kind(self.follow(map)) {
            Kind::Map(pairs) => pairs
                .iter()
                .rev()
                .find(|pair| pair.key.as_deref() == Some(key))
                .map(|pair| pair.value),
            _ => None,
        }
    }

    /// Binds a name in a function, or in the file.
    pub(crate) fn bind(&mut self, function: Option<NodeId>, name: &str, binding: Binding) {
        self.bindings
            .entry((function, name.to_owned()))
            .or_default()
            .push(binding);
    }

    /// What a name means at a node: the bindings of the innermost function that has any.
    pub(crate) fn lookup(&self, name: &str, at: NodeId) -> &[Binding] {
        // One allocation a look-up, not one a level.
        let mut key = (self.function_around(at), name.to_owned());
        loop {
            if let Some(found) = self.bindings.get(&key) {
                return found;
            }
            match key.0 {
                Some(function) => key.0 = self.function_around(function),
                None => return &[],
            }
        }
    }

    /// The names bound in the file itself, outside every function, with their bindings.
    pub(crate) fn top_level(&self) -> impl Iterator<Item = (&str, &[Binding])> {
        self.bindings
            .iter()
            .filter(|((function, _), _)| function.is_none())
            .map(|((_, name), bindings)| (name.as_str(), bindings.as_slice()))
    }
}

/// The children of a node, in order.
fn children(kind: &Kind) -> Vec<NodeId> {
    match kind {
        Kind::Block(items) | Kind::Template(items) | Kind::List(items) => items.clone(),
        Kind::Name(_) | Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Null => Vec::new(),
        Kind::Member { object, .. } => vec![*object],
        Kind::Index { object, index } => vec![*object, *index],
        Kind::Call { callee, args, .. } => std::iter::once(*callee)
            .chain(args.iter().map(|arg| arg.value))
            .collect(),
        Kind::Map(pairs) => pairs.iter().map(|pair| pair.value).collect(),
        Kind::Binary { left, right, .. } => vec![*left, *right],
        Kind::Not(one)
        | Kind::Await(one)
        | Kind::Spread(one)
        | Kind::Assert(one)
        | Kind::Delete(one)
        | Kind::Update(one) => vec![*one],
        Kind::Choice {
            test,
            then,
            otherwise,
        } => vec![*test, *then, *otherwise],
        Kind::Assign { target, value, .. } => vec![*target, *value],
        Kind::If {
            test,
            then,
            otherwise,
        } => [*test, *then].into_iter().chain(*otherwise).collect(),
        Kind::Loop { head, body } => head.iter().copied().chain([*body]).collect(),
        Kind::Try {
            body,
            handlers,
            finally,
            ..
        } => std::iter::once(*body)
            .chain(handlers.iter().copied())
            .chain(*finally)
            .collect(),
        Kind::With { contexts, body } => contexts.iter().copied().chain([*body]).collect(),
        Kind::Function(function) => {
            let parameters = function
                .parameters
                .iter()
                .flat_map(|one| one.decorators.iter().copied().chain(one.default));
            function
                .decorators
                .iter()
                .copied()
                .chain(parameters)
                .chain([function.body])
                .collect()
        }
        Kind::Class(class) => class
            .decorators
            .iter()
            .chain(&class.bases)
            .copied()
            .chain([class.body])
            .collect(),
        Kind::Return(value) | Kind::Throw(value) => value.iter().copied().collect(),
        Kind::Field {
            value, decorators, ..
        } => decorators.iter().copied().chain(*value).collect(),
    }
}
