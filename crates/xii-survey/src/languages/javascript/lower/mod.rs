//! Lowering: from the syntax trees of JavaScript and TypeScript to the small tree.

mod binder;
mod classes;
mod expressions;
mod functions;
mod modules;
mod objects;
mod patterns;
mod statements;
mod text;
mod walk;

pub(super) use walk::lower;
