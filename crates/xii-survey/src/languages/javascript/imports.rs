//! Imports of packages.

use std::collections::HashSet;

use xii_model::{Ecosystem, Facts, Import};

use super::modules::package;
use super::seen::Seen;
use crate::languages::syntax::Kind;

/// Every package that the file imports, once a place.
pub(super) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    let used = used_names(seen);
    let mut done = HashSet::new();
    for import in &tree.imports {
        let Some(package) = package(&import.module) else {
            continue;
        };
        if !done.insert((import.span.start, import.module.as_str())) {
            continue;
        }
        let together = || {
            tree.imports
                .iter()
                .filter(|other| other.span == import.span)
        };
        // TypeScript leaves out an import of which only types are used.
        let elided = used.as_ref().is_some_and(|used| {
            together().all(|other| {
                other
                    .local
                    .as_deref()
                    .is_some_and(|local| !used.contains(local))
            })
        });
        let fact = Import {
            ecosystem: Ecosystem::Npm,
            package,
            module: import.module.clone(),
            optional: import.optional,
            type_only: elided || together().all(|other| other.type_only),
        };
        let mut fact = seen.file.source.fact(import.span.clone(), fact);
        fact.scope.browser = seen.around.browser();
        facts.push(fact);
    }
}

/// The names that are used as values; `None` where nothing is left out.
fn used_names<'a>(seen: &Seen<'a>) -> Option<HashSet<&'a str>> {
    if !matches!(seen.file.extension, "ts" | "tsx" | "mts" | "cts") {
        return None;
    }
    let names = seen.tree.ids().filter_map(|id| match seen.tree.kind(id) {
        // What a parameter's type made stands nowhere.
        Kind::Name(name) => Some(name.as_str()),
        _ => None,
    });
    Some(names.chain(std::iter::once("React")).collect())
}
