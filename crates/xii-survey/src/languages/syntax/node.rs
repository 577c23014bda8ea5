//! The small tree that every language is lowered to.
//!
//! It keeps what facts are read from: names, members, calls, literals, assignments, branches,
//! functions and classes. Everything else becomes a [`Kind::Block`] of its children, in order, so
//! nothing that stands inside it is lost.

use std::ops::Range;

/// A node's number in its [`Tree`](super::Tree).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(crate) u32);

/// A node: what it is, where it stands, and what it stands in.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) parent: Option<NodeId>,
    /// Bytes of the file.
    pub(crate) span: Range<usize>,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A sequence, and every construct without a meaning of its own here.
    Block(Vec<NodeId>),
    /// An identifier. `this` and `self` are names too.
    Name(String),
    /// `object.property`, `object?.property`, `object["property"]`.
    Member {
        object: NodeId,
        property: String,
    },
    /// `object[index]` with an index that is not a text.
    Index {
        object: NodeId,
        index: NodeId,
    },
    /// `callee(args)`, `new callee(args)`, a tagged template.
    Call {
        callee: NodeId,
        args: Vec<Argument>,
        new: bool,
    },
    /// A text without interpolation, unescaped.
    Text(String),
    /// A text with interpolation: its parts in order, the fixed ones as [`Kind::Text`].
    Template(Vec<NodeId>),
    Number(String),
    Bool(bool),
    /// `null`, `undefined`, `None`.
    Null,
    List(Vec<NodeId>),
    /// An object or dict literal.
    Map(Vec<Pair>),
    Binary {
        operator: Operator,
        left: NodeId,
        right: NodeId,
    },
    Not(NodeId),
    /// `test ? then : otherwise`, `then if test else otherwise`.
    Choice {
        test: NodeId,
        then: NodeId,
        otherwise: NodeId,
    },
    /// A declaration or assignment of one target. Destructuring is lowered to one assignment a name,
    /// whose value is a member of the whole. `augmented`: `+=` and the like.
    Assign {
        target: NodeId,
        value: NodeId,
        augmented: bool,
    },
    /// `delete x.y`, `del x[y]`.
    Delete(NodeId),
    /// `i++`.
    Update(NodeId),
    If {
        test: NodeId,
        then: NodeId,
        otherwise: Option<NodeId>,
    },
    /// `for`, `while`.
    Loop {
        head: Vec<NodeId>,
        body: NodeId,
    },
    /// `handles` are the names of the errors that are caught; empty catches all.
    Try {
        body: NodeId,
        handles: Vec<String>,
        handlers: Vec<NodeId>,
        finally: Option<NodeId>,
    },
    /// `with context as name:`.
    With {
        contexts: Vec<NodeId>,
        body: NodeId,
    },
    Function(Function),
    Class(Class),
    Return(Option<NodeId>),
    /// `throw`, `raise`.
    Throw(Option<NodeId>),
    /// `assert test`.
    Assert(NodeId),
    Await(NodeId),
    /// `...x`, `*x`, `**x`.
    Spread(NodeId),
    /// A type annotation of a class's field: `name: type = value`.
    Field {
        name: String,
        annotation: Option<String>,
        value: Option<NodeId>,
        decorators: Vec<NodeId>,
    },
}

/// An argument of a call.
#[derive(Debug)]
pub(crate) struct Argument {
    /// The keyword, in languages that have them.
    pub(crate) name: Option<String>,
    pub(crate) value: NodeId,
}

/// An entry of an object or dict literal. A spread has no key.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) key: Option<String>,
    pub(crate) value: NodeId,
}

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: Option<String>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: NodeId,
    pub(crate) decorators: Vec<NodeId>,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// The type as written.
    pub(crate) annotation: Option<String>,
    pub(crate) default: Option<NodeId>,
    pub(crate) decorators: Vec<NodeId>,
}

#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: Option<String>,
    pub(crate) bases: Vec<NodeId>,
    pub(crate) body: NodeId,
    pub(crate) decorators: Vec<NodeId>,
}

/// The operators that facts depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `||`, `or`.
    Or,
    /// `??`.
    Coalesce,
    /// `&&`, `and`.
    And,
    Equal,
    NotEqual,
    /// `in`.
    In,
    NotIn,
    Add,
    Other,
}
