//! Prefixes as texts: values of other modules looked up, and texts put together.

use std::collections::HashMap;

use xii_model::Origin;

use super::kinds::{Part, Prefix};
use crate::languages::Exports;
use crate::references::look_up;

/// The longest path that is put together, in bytes.
const LONGEST: usize = 1_024;

/// A path or the start of one, and whether it is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) text: String,
    pub(super) certain: bool,
}

impl Path {
    /// This path with another below it; `None` when that is too long to be one.
    pub(super) fn join(&self, below: &Path) -> Option<Path> {
        let rest = match self.text.ends_with('/') {
            true => below.text.strip_prefix('/').unwrap_or(&below.text),
            false => &below.text,
        };
        (self.text.len() + rest.len() <= LONGEST).then(|| Path {
            text: format!("{}{rest}", self.text),
            certain: self.certain && below.certain,
        })
    }
}

/// What all modules export, for the parts of prefixes that are values.
pub(super) struct Values<'a> {
    modules: HashMap<&'a str, &'a Exports>,
    /// The texts that members of this name have, where all have the same.
    by_member: HashMap<&'a str, Option<&'a str>>,
}

impl<'a> Values<'a> {
    pub(super) fn of(modules: HashMap<&'a str, &'a Exports>) -> Self {
        let mut by_member: HashMap<&str, Option<&str>> = HashMap::new();
        for (path, origin) in modules.values().flat_map(|exports| exports.iter()) {
            let text = match origin {
                Origin::Literal(text) => Some(text.as_str()),
                Origin::Env(value) => value.default.as_deref(),
                _ => None,
            };
            let Some(text) = text else { continue };
            let member = path.rsplit('.').next().unwrap_or(path);
            by_member
                .entry(member)
                .and_modify(|known| *known = known.filter(|known| *known == text))
                .or_insert(Some(text));
        }
        Values { modules, by_member }
    }

    /// The text of a prefix. What the environment may change, or what is not found, is not certain.
    pub(super) fn text(&self, from: &str, prefix: &Prefix) -> Path {
        let mut path = Path {
            text: String::new(),
            certain: prefix.certain,
        };
        for part in &prefix.parts {
            let (text, certain) = match part {
                Part::Text(text) => (Some(text.clone()), true),
                Part::Value(origin) => self.value(from, origin),
            };
            path.certain &= certain;
            match text {
                Some(text) if path.text.len() + text.len() <= LONGEST => path.text.push_str(&text),
                _ => path.certain = false,
            }
        }
        path
    }

    fn value(&self, from: &str, origin: &Origin) -> (Option<String>, bool) {
        match look_up(&self.modules, from, origin) {
            Some(Origin::Literal(text)) => (Some(text), true),
            Some(Origin::Env(value)) => (value.default, false),
            Some(Origin::Absent) => (None, true),
            _ => {
                // `get_settings().prefix` of a class that shows nowhere: the only `prefix` there is.
                let Origin::Config(reference) = origin else {
                    return (None, false);
                };
                let member = reference.rsplit(['#', '.']).next().unwrap_or_default();
                let only = self.by_member.get(member).copied().flatten();
                (only.map(str::to_owned), false)
            }
        }
    }
}
