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
    /// The values that a name is given, by the function that binds it (or the file, `None`), in the
    /// order of the functions. Most names of a file are bound nowhere or once.
    bindings: HashMap<String, Vec<InFunction>>,
}

/// The bindings of a name in one function, or in the file itself (`None`).
type InFunction = (Option<NodeId>, Vec<Binding>);

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
        let nodes = &mut self.nodes;
        each_child(&kind, |child| {
            if let Some(node) = nodes.get_mut(child.0 as usize) {
                node.parent = Some(id);
            }
        });
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
        let mut children = Vec::new();
        each_child(self.kind(id), |child| children.push(child));
        children
    }

    /// The node and everything inside it, in order. Found as it is asked for, since many a question
    /// is answered by the first few.
    pub(crate) fn within(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut open = vec![id];
        std::iter::from_fn(move || {
            let next = open.pop()?;
            let known = open.len();
            each_child(self.kind(next), |child| open.push(child));
            if let Some(children) = open.get_mut(known..) {
                children.reverse();
            }
            Some(next)
        })
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
        let functions = match self.bindings.get_mut(name) {
            Some(functions) => functions,
            None => self.bindings.entry(name.to_owned()).or_default(),
        };
        match functions.binary_search_by_key(&function, |one| one.0) {
            Ok(at) => functions[at].1.push(binding),
            // Functions come nearly in their order, so that hardly anything is moved.
            Err(at) => functions.insert(at, (function, vec![binding])),
        }
    }

    /// What a name means at a node: the bindings of the innermost function that has any.
    pub(crate) fn lookup(&self, name: &str, at: NodeId) -> &[Binding] {
        let Some(functions) = self.bindings.get(name) else {
            return &[];
        };
        let mut around = match functions.as_slice() {
            [(None, bindings)] => return bindings,
            _ => self.function_around(at),
        };
        loop {
            if let Ok(at) = functions.binary_search_by_key(&around, |one| one.0) {
                return functions.get(at).map_or(&[], |one| &one.1);
            }
            match around {
                Some(function) => around = self.function_around(function),
                None => return &[],
            }
        }
    }

    /// The names bound in the file itself, outside every function, with their bindings, by name.
    pub(crate) fn top_level(&self) -> Vec<(&str, &[Binding])> {
        let mut names: Vec<_> = self
            .bindings
            .iter()
            .filter_map(|(name, functions)| match functions.first() {
                Some((None, bindings)) => Some((name.as_str(), bindings.as_slice())),
                _ => None,
            })
            .collect();
        names.sort_unstable_by_key(|(name, _)| *name);
        names
    }
}

/// Calls back with the children of a node, in order.
fn each_child(kind: &Kind, mut found: impl FnMut(NodeId)) {
    match kind {
        Kind::Block(items) | Kind::Template(items) | Kind::List(items) => {
            items.iter().copied().for_each(found);
        }
        Kind::Name(_) | Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Null => {}
        Kind::Member { object, .. } => found(*object),
        Kind::Index { object, index } => [*object, *index].into_iter().for_each(found),
        Kind::Call { callee, args, .. } => {
            found(*callee);
            args.iter().map(|arg| arg.value).for_each(found);
        }
        Kind::Map(pairs) => pairs.iter().map(|pair| pair.value).for_each(found),
        Kind::Binary { left, right, .. } => [*left, *right].into_iter().for_each(found),
        Kind::Not(one)
        | Kind::Await(one)
        | Kind::Spread(one)
        | Kind::Assert(one)
        | Kind::Delete(one)
        | Kind::Update(one) => found(*one),
        Kind::Choice {
            test,
            then,
            otherwise,
        } => [*test, *then, *otherwise].into_iter().for_each(found),
        Kind::Assign { target, value, .. } => [*target, *value].into_iter().for_each(found),
        Kind::If {
            test,
            then,
            otherwise,
        } => [*test, *then].into_iter().chain(*otherwise).for_each(found),
        Kind::Loop { head, body } => head.iter().copied().chain([*body]).for_each(found),
        Kind::Try {
            body,
            handlers,
            finally,
            ..
        } => std::iter::once(*body)
            .chain(handlers.iter().copied())
            .chain(*finally)
            .for_each(found),
        Kind::With { contexts, body } => contexts.iter().copied().chain([*body]).for_each(found),
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
                .for_each(found);
        }
        Kind::Class(class) => class
            .decorators
            .iter()
            .chain(&class.bases)
            .copied()
            .chain([class.body])
            .for_each(found),
        Kind::Return(value) | Kind::Throw(value) => value.iter().copied().for_each(found),
        Kind::Field {
            value, decorators, ..
        } => decorators.iter().copied().chain(*value).for_each(found),
    }
}
