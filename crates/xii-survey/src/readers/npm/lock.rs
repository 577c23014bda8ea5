//! What the lock files of the npm family have in common.

use std::collections::BTreeSet;

use xii_model::{Ecosystem, Facts, LockFile};

use crate::document::Node;
use crate::source::Source;

/// What has been gathered of a lock file.
#[derive(Debug, Default)]
pub(super) struct Lock {
    /// Names of the packages it locks.
    pub(super) packages: BTreeSet<String>,
    /// Direct dependencies with the requirement they were locked for.
    pub(super) roots: BTreeSet<(String, String)>,
    /// Whether any package carries a hash.
    pub(super) hashes: bool,
}

impl Lock {
    /// Adds the entries of the dependency lists of a root package, as package.json writes them.
    pub(super) fn add_roots(&mut self, root: &Node) {
        for list in [
            "dependencies",
            "devDependencies",
            "optionalDependencies",
            "peerDependencies",
        ] {
            for entry in root.get(list).map(Node::entries).unwrap_or_default() {
                if let Some(requirement) = entry.value.as_str() {
                    self.roots
                        .insert((entry.key.clone(), requirement.to_owned()));
                }
            }
        }
    }

    /// Makes the fact.
    pub(super) fn push(self, source: &Source<'_>, facts: &mut Facts, format: &'static str) {
        let lock = LockFile {
            ecosystem: Ecosystem::Npm,
            format,
            packages: self.packages.into_iter().collect(),
            roots: self.roots.into_iter().collect(),
            tracked: source.tracked,
            hashes: self.hashes,
        };
        facts.push(source.fact_of_file(lock));
    }
}

/// The name in `name@version` or `@scope/name@version`.
pub(super) fn name_before_version(text: &str) -> Option<&str> {
    let skip = usize::from(text.starts_with('@'));
    let at = text.get(skip..)?.find('@')? + skip;
    text.get(..at).filter(|name| !name.is_empty())
}
