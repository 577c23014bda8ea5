//! pnpm-lock.yaml, versions 5 to 9.

use xii_model::Facts;

use super::lock::{Lock, name_before_version};
use crate::document::{self, Node};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "pnpm-lock.yaml",
    recognises: |path| file_name(path) == "pnpm-lock.yaml",
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    let (documents, error) = document::yaml(source.text);
    if let Some(error) = error {
        source.unread(facts, error.offset, error.message);
        if documents.is_empty() {
            return;
        }
    }
    let mut lock = Lock::default();
    for root in &documents {
        // With one package its lists stand at the top, with several under `importers`.
        let own = root.at(&["importers", "."]).unwrap_or(root);
        specifiers(own, &mut lock);
        for list in ["packages", "snapshots"] {
            for entry in root.get(list).map(Node::entries).unwrap_or_default() {
                if let Some(name) = package_name(&entry.key) {
                    lock.packages.insert(name.to_owned());
                }
                lock.hashes |= entry.value.at(&["resolution", "integrity"]).is_some();
            }
        }
    }
    lock.push(source, facts, "pnpm-lock.yaml");
}

/// `specifiers: {a: ^1}` in version 5, `dependencies: {a: {specifier: ^1, version: 1.0.0}}` later.
fn specifiers(own: &Node, lock: &mut Lock) {
    for entry in own.get("specifiers").map(Node::entries).unwrap_or_default() {
        if let Some(requirement) = entry.value.as_text() {
            lock.roots
                .insert((entry.key.clone(), requirement.into_owned()));
        }
    }
    for list in ["dependencies", "devDependencies", "optionalDependencies"] {
        for entry in own.get(list).map(Node::entries).unwrap_or_default() {
            if let Some(requirement) = entry.value.get("specifier").and_then(Node::as_text) {
                lock.roots
                    .insert((entry.key.clone(), requirement.into_owned()));
            }
        }
    }
}

/// `/name/1.0.0` (5), `/name@1.0.0(peer@2)` (6) or `name@1.0.0` (9).
fn package_name(key: &str) -> Option<&str> {
    let rest = key.strip_prefix('/').unwrap_or(key);
    let rest = rest.split('(').next().unwrap_or(rest);
    name_before_version(rest).or_else(|| Some(rest.rsplit_once('/')?.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    fn lock_of(text: &str) -> (Vec<String>, Vec<(String, String)>, bool) {
        let facts = read_text(&READER, "pnpm-lock.yaml", text);
        let lock = facts.lock_files[0].what.clone();
        (lock.packages, lock.roots, lock.hashes)
    }

    #[test]
    fn each_version_is_read() {
        let wanted = (
            vec!["@types/ms".to_owned(), "express".to_owned()],
            vec![("express".to_owned(), "^4.18.0".to_owned())],
            true,
        );
        assert_eq!(
            lock_of(
                "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      express:\n        specifier: ^4.18.0\n        version: 4.18.2\npackages:\n  '@types/ms@2.0.0':\n    resolution: {integrity: sha512-AA==}\n  express@4.18.2:\n    resolution: {integrity: sha512-AA==}\nsnapshots:\n  express@4.18.2(ms@2.0.0): {}\n"
            ),
            wanted
        );
        assert_eq!(
            lock_of(
                "lockfileVersion: '6.0'\ndependencies:\n  express:\n    specifier: ^4.18.0\n    version: 4.18.2\npackages:\n  /@types/ms@2.0.0:\n    resolution: {integrity: sha512-AA==}\n  /express@4.18.2:\n    dev: false\n"
            ),
            wanted
        );
        assert_eq!(
            lock_of(
                "lockfileVersion: 5.4\nspecifiers:\n  express: ^4.18.0\ndependencies:\n  express: 4.18.2\npackages:\n  /@types/ms/2.0.0:\n    resolution: {integrity: sha512-AA==}\n  /express/4.18.2:\n    dev: false\n"
            ),
            wanted
        );
    }

    #[test]
    fn a_malformed_lock_is_told() {
        let facts = read_text(&READER, "pnpm-lock.yaml", "packages: [\n");
        assert_eq!((facts.lock_files.len(), facts.unread.len()), (0, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[{}\[\]":,]|packages:|importers:|\n  |: ){0,60}"#) {
            read_text(&READER, "pnpm-lock.yaml", &text);
        }
    }
}
