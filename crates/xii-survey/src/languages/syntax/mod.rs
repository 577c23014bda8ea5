//! The small language-neutral tree that source code is lowered to, and the resolution of names in it.

mod node;
mod resolve;
mod tree;

pub(crate) use node::{Argument, Class, Function, Kind, NodeId, Operator, Pair, Parameter};
pub(crate) use tree::{Binding, Imported, Tree};
