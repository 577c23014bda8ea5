//! A file as the tables see it: its calls by canonical path, its values and surroundings.

use xii_model::{Fact, Origin};

use super::environment::{Environment, is_nest_config};
use super::names::canonical;
use super::surroundings::Around;
use crate::languages::language::File;
use crate::languages::scope::scope_of;
use crate::languages::syntax::{Kind, NodeId, Tree};
use crate::languages::values;

/// More calls than this in one file were not written by a person; the rest is left out, so that what
/// compares calls with each other stays within its time.
const MOST_CALLS: usize = 10_000;

/// A call, or `new`, with the canonical path of what it calls.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) id: NodeId,
    pub(super) path: String,
}

/// A file as the tables see it. Made once a file.
pub(super) struct Seen<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) tree: &'a Tree,
    /// All calls in the order of the file.
    pub(super) calls: Vec<Called>,
    pub(super) environment: Environment,
    pub(super) around: Around,
}

impl<'a> Seen<'a> {
    pub(super) fn of(file: &'a File<'a>) -> Self {
        let tree = file.tree;
        let calls: Vec<Called> = tree
            .calls()
            .into_iter()
            // What stands nowhere was made up to follow a parameter's type.
            .filter(|(id, _)| tree.parent(*id).is_some())
            .take(MOST_CALLS)
            .map(|(id, path)| Called {
                id,
                path: canonical(path),
            })
            .collect();
        let environment = Environment::of(file, &calls);
        let around = Around::of(file, &calls);
        Seen {
            file,
            tree,
            calls,
            environment,
            around,
        }
    }

    /// A fact at a node.
    pub(super) fn fact<T>(&self, id: NodeId, what: T) -> Fact<T> {
        let mut fact = self.file.source.fact(self.tree.span(id), what);
        fact.scope = scope_of(self.file, id, &self.around);
        fact
    }

    /// The canonical path of an expression.
    pub(super) fn path(&self, id: NodeId) -> Option<String> {
        self.tree.path(id).map(canonical)
    }

    /// Where a value comes from, redacted. Another package is no config of the app's.
    pub(super) fn origin(&self, id: NodeId) -> Origin {
        let found = values::origin(self.tree, id, &self.environment);
        if let Origin::Computed | Origin::Config(_) = found
            && let Some(name) = self.nest_config(id)
        {
            return Origin::Config(name);
        }
        let clean = |text: &str| self.file.source.redacted(text);
        match found {
            Origin::Literal(text) => Origin::Literal(clean(&text)),
            Origin::Env(mut value) => {
                value.default = value.default.as_deref().map(clean);
                if xii_model::is_secret_name(&value.name) {
                    value.default = value.default.map(|_| "***".to_owned());
                }
                Origin::Env(value)
            }
            Origin::Config(name) => {
                let module = name.split('#').next().unwrap_or_default();
                let lower = name.to_lowercase();
                let speaks_of_config = ["config", "env", "setting", "constant", "option"]
                    .iter()
                    .any(|word| lower.contains(word));
                // What a function of another module gives back is computed, unless it is config.
                let computed = !speaks_of_config
                    && self
                        .tree
                        .within(self.tree.follow(id))
                        .take(40)
                        .any(|one| matches!(self.tree.kind(one), Kind::Call { .. }));
                if super::modules::is_config(module) && !computed {
                    Origin::Config(name)
                } else {
                    Origin::Computed
                }
            }
            other => other,
        }
    }

    /// The key that Nest's `ConfigService` is asked for.
    fn nest_config(&self, id: NodeId) -> Option<String> {
        let call = self.tree.follow(id);
        let path = self.tree.called(call).map(canonical)?;
        if !is_nest_config(&path) {
            return None;
        }
        let key = self.text(self.tree.arg(call, 0)?)?;
        Some(format!("@nestjs/config#{key}"))
    }

    /// Where an optional value comes from.
    pub(super) fn origin_of(&self, id: Option<NodeId>) -> Origin {
        id.map_or(Origin::Absent, |id| self.origin(id))
    }

    /// The first of these entries that an object literal has.
    pub(super) fn entry(&self, map: NodeId, keys: &[&str]) -> Option<NodeId> {
        keys.iter().find_map(|key| self.tree.entry(map, key))
    }

    /// The call's argument that is an object literal, by itself or by name.
    pub(super) fn options(&self, call: NodeId) -> Option<NodeId> {
        self.tree
            .args(call)
            .iter()
            .map(|arg| arg.value)
            .find(|value| matches!(self.tree.kind(self.tree.follow(*value)), Kind::Map(_)))
    }

    /// The entry of the call's options.
    pub(super) fn option(&self, call: NodeId, keys: &[&str]) -> Option<NodeId> {
        self.tree
            .args(call)
            .iter()
            .find_map(|arg| self.entry(arg.value, keys))
    }

    /// The text of a literal, followed to where it was assigned.
    pub(super) fn text(&self, id: NodeId) -> Option<&'a str> {
        self.tree.as_text(self.tree.follow(id))
    }

    /// The value of a literal `true` or `false`.
    pub(super) fn flag(&self, id: NodeId) -> Option<bool> {
        match self.tree.kind(self.tree.follow(id)) {
            Kind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The function that an expression is: written there, or declared in this file under the name.
    pub(super) fn function(&self, id: NodeId) -> Option<NodeId> {
        let followed = self.tree.follow(id);
        match self.tree.kind(followed) {
            Kind::Function(_) => Some(followed),
            // `wrap(async (req, res) => …)`, `handler.bind(this)`.
            Kind::Call { callee, args, .. } => {
                let inner = args
                    .iter()
                    .map(|arg| arg.value)
                    .find(|arg| matches!(self.tree.kind(*arg), Kind::Function(_)));
                inner.or_else(|| match self.tree.kind(*callee) {
                    Kind::Member { object, property } if property == "bind" => self.method(*object),
                    _ => None,
                })
            }
            _ => self.method(id),
        }
    }

    /// `this.close` as the method of that name, when the file has one.
    fn method(&self, id: NodeId) -> Option<NodeId> {
        let followed = self.tree.follow(id);
        if matches!(self.tree.kind(followed), Kind::Function(_)) {
            return Some(followed);
        }
        let name = match self.tree.kind(id) {
            Kind::Name(name) if name.starts_with("this") => name.split_once('.')?.1,
            _ => return None,
        };
        self.tree.ids().find(|one| {
            self.tree
                .as_function(*one)
                .is_some_and(|function| function.name.as_deref() == Some(name))
        })
    }

    /// Whether the file's text holds this. Cheap enough to guard what is dear.
    pub(super) fn has(&self, text: &str) -> bool {
        memchr::memmem::find(self.file.source.text.as_bytes(), text.as_bytes()).is_some()
    }
}
