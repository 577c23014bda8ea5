//! What a name stands for: canonical paths through imports, assignments and members.

use super::node::{Kind, NodeId};
use super::tree::{Binding, Tree};

/// How many assignments are followed before giving up.
const STEPS: usize = 24;

impl Tree {
    /// The node that a name stands for, following assignments that are the only one of their name.
    pub(crate) fn follow(&self, id: NodeId) -> NodeId {
        let mut at = id;
        for _ in 0..STEPS {
            at = match self.kind(at) {
                Kind::Await(inner) => *inner,
                Kind::Name(name) => match self.lookup(name, at) {
                    [Binding::Value(value)] | [Binding::Declared(value)] => *value,
                    _ => return at,
                },
                _ => return at,
            };
        }
        at
    }

    /// The canonical path of an expression, through imports and assignments.
    ///
    /// `app.listen` with `const app = express()` and `import express from 'express'` is
    /// `express().listen`; `env.PORT` with `const { env } = process` is `process.env.PORT`;
    /// `e.get` with `from os import environ as e` is `os.environ.get`. A name of the file's own
    /// that leads nowhere (a parameter, a function declared here, a name assigned twice) starts
    /// with `~`, so that it is never taken for a global of the same name.
    pub(crate) fn path(&self, id: NodeId) -> Option<String> {
        let mut path = String::new();
        self.write_path(id, STEPS, &mut path).then_some(path)
    }

    /// Adds the canonical path of an expression to a text. What stands there stays when there is none.
    fn write_path(&self, id: NodeId, steps: usize, path: &mut String) -> bool {
        let Some(steps) = steps.checked_sub(1) else {
            return false;
        };
        match self.kind(id) {
            Kind::Name(name) => match self.lookup(name, id) {
                [] => path.push_str(name),
                [Binding::Import(number)] => {
                    let Some(import) = self.imports.get(*number) else {
                        return false;
                    };
                    path.push_str(&import.module);
                    if let Some(member) = &import.member {
                        path.push('.');
                        path.push_str(member);
                    }
                }
                [Binding::Value(value)]
                    if self.leads_somewhere(*value) && self.write_path(*value, steps, path) => {}
                _ => {
                    path.push('~');
                    path.push_str(name);
                }
            },
            Kind::Member { object, property } => {
                if !self.write_path(*object, steps, path) {
                    return false;
                }
                path.push('.');
                path.push_str(property);
            }
            Kind::Call { callee, .. } => {
                if !self.write_path(*callee, steps, path) {
                    return false;
                }
                path.push_str("()");
            }
            Kind::Await(inner) => return self.write_path(*inner, steps, path),
            _ => return false,
        }
        true
    }

    /// The canonical path of what a call calls.
    pub(crate) fn called(&self, call: NodeId) -> Option<String> {
        match self.kind(call) {
            Kind::Call { callee, .. } => self.path(*callee),
            _ => None,
        }
    }

    /// All calls, with the canonical path of what they call, in the order of the file.
    pub(crate) fn calls(&self) -> Vec<(NodeId, String)> {
        let mut calls: Vec<_> = self
            .ids()
            .filter_map(|id| Some((id, self.called(id)?)))
            .collect();
        calls.sort_by_key(|(id, _)| self.span(*id).start);
        calls
    }

    fn leads_somewhere(&self, value: NodeId) -> bool {
        matches!(
            self.kind(value),
            Kind::Name(_) | Kind::Member { .. } | Kind::Call { .. } | Kind::Await(_)
        )
    }
}

impl Tree {
    /// The imported module and the members below it that an expression names: `./config` and
    /// `["db", "url"]` for `config.db.url`. Calls in between are passed over, so that
    /// `get_settings().url` is `["get_settings", "url"]`.
    pub(crate) fn reference(&self, id: NodeId) -> Option<(String, Vec<String>)> {
        let mut members = Vec::new();
        let mut at = id;
        for _ in 0..STEPS {
            match self.kind(at) {
                Kind::Member { object, property } => {
                    members.push(property.clone());
                    at = *object;
                }
                Kind::Index { object, index } => {
                    members.push(self.as_text(self.follow(*index))?.to_owned());
                    at = *object;
                }
                Kind::Call { callee, .. } => at = *callee,
                Kind::Await(inner) => at = *inner,
                Kind::Name(name) => match self.lookup(name, at) {
                    [Binding::Import(number)] => {
                        let import = self.imports.get(*number)?;
                        members.extend(import.member.clone());
                        members.reverse();
                        return Some((import.module.clone(), members));
                    }
                    [Binding::Value(value)] if self.leads_somewhere(*value) => at = *value,
                    _ => return None,
                },
                _ => return None,
            }
        }
        None
    }
}
