//! The settings that a file gives to its framework, and who reads each.

use std::collections::HashMap;

use xii_model::{EnvValue, Origin};

use super::{apps, databases, flags, resources, sessions};
use crate::languages::python::bounds::texts;
use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId, Tree};

/// How often one setting is looked at.
const TIMES: usize = 16;

/// A setting that a file gives to its framework.
pub(super) struct Entry {
    /// Its name: `SESSION_ENGINE`, `task_acks_late`.
    pub(super) name: String,
    pub(super) value: NodeId,
    /// Where it is given.
    pub(super) id: NodeId,
}

/// Reads the settings of a file.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    let mut entries = entries(reader);
    // A setting that is given more often than a person would is looked at so many times only.
    let mut seen: HashMap<String, usize> = HashMap::new();
    entries.retain(|entry| {
        let times = seen.entry(entry.name.clone()).or_default();
        *times += 1;
        *times <= TIMES
    });
    databases::read(reader, &entries);
    sessions::read(reader, &entries);
    apps::read(reader, &entries);
    flags::read(reader, &entries);
    resources::read(reader, &entries);
}

/// Every setting: a constant of a module or a class, an item of `app.config`, a keyword of
/// `app.config.update`, an attribute of a Celery app's `conf`.
fn entries(reader: &Reader<'_>) -> Vec<Entry> {
    let tree = reader.tree;
    let mut found = Vec::new();
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Assign {
                target,
                value,
                augmented: false,
            } => {
                let name = match tree.kind(*target) {
                    Kind::Name(name) if is_constant(name) && tree.function_around(id).is_none() => {
                        name
                    }
                    Kind::Member { object, property } if is_config(tree, *object) => property,
                    _ => continue,
                };
                found.push(Entry {
                    name: name.clone(),
                    value: *value,
                    id,
                });
            }
            Kind::Field {
                name,
                value: Some(value),
                ..
            } if is_constant(name) => found.push(Entry {
                name: name.clone(),
                value: *value,
                id,
            }),
            Kind::Call { callee, args, .. } => {
                let Kind::Member { object, property } = tree.kind(*callee) else {
                    continue;
                };
                if !matches!(property.as_str(), "update" | "from_mapping")
                    || !is_config(tree, *object)
                {
                    continue;
                }
                for arg in args {
                    if let Some(name) = &arg.name {
                        found.push(Entry {
                            name: name.clone(),
                            value: arg.value,
                            id: arg.value,
                        });
                    } else if let Kind::Map(pairs) = tree.kind(tree.follow(arg.value)) {
                        found.extend(pairs.iter().filter_map(|pair| {
                            Some(Entry {
                                name: pair.key.clone()?,
                                value: pair.value,
                                id: pair.value,
                            })
                        }));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn is_constant(name: &str) -> bool {
    name.len() > 2
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// `app.config`, `celery.conf`.
fn is_config(tree: &Tree, object: NodeId) -> bool {
    tree.path(object)
        .is_some_and(|path| path.ends_with(".config") || path.ends_with(".conf"))
}

impl Entry {
    /// The value as yes or no; a variable's default counts only when it says yes, because the
    /// environment can say otherwise.
    pub(super) fn yes(&self, reader: &Reader<'_>) -> Option<bool> {
        match reader.tree.kind(self.value) {
            Kind::Bool(value) => return Some(*value),
            // `not DEBUG`
            Kind::Not(_) => return Some(true),
            _ => {}
        }
        match reader.origin(self.value) {
            Origin::Literal(text) => Some(is_yes(&text)),
            Origin::Env(EnvValue {
                default: Some(default),
                ..
            }) => is_yes(&default).then_some(true),
            _ => None,
        }
    }

    /// The texts inside the value.
    pub(super) fn texts<'t>(&self, tree: &'t Tree) -> Vec<(NodeId, &'t str)> {
        texts(tree, self.value).collect()
    }
}

fn is_yes(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "1" | "yes" | "on"
    )
}
