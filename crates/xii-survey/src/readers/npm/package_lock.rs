//! package-lock.json and npm-shrinkwrap.json, versions 1 to 3.

use xii_model::Facts;

use super::lock::Lock;
use crate::document::{self, Node};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "package-lock.json",
    recognises: |path| {
        matches!(
            file_name(path).as_str(),
            "package-lock.json" | "npm-shrinkwrap.json"
        )
    },
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::json(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    let mut lock = Lock::default();
    if let Some(packages) = root.get("packages") {
        for entry in packages.entries() {
            if entry.key.is_empty() {
                lock.add_roots(&entry.value);
            } else if let Some((_, name)) = entry.key.rsplit_once("node_modules/") {
                lock.packages.insert(name.to_owned());
                lock.hashes |= entry.value.get("integrity").is_some();
            }
        }
    } else {
        nested(&root, &mut lock);
    }
    let format = if source.name().eq_ignore_ascii_case("npm-shrinkwrap.json") {
        "npm-shrinkwrap.json"
    } else {
        "package-lock.json"
    };
    lock.push(source, facts, format);
}

/// Version 1 nests what a package needs under it. The document's depth is bounded, but a worklist
/// costs nothing.
fn nested(root: &Node, lock: &mut Lock) {
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        for entry in node
            .get("dependencies")
            .map(Node::entries)
            .unwrap_or_default()
        {
            lock.packages.insert(entry.key.clone());
            lock.hashes |= entry.value.get("integrity").is_some();
            waiting.push(&entry.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn version_3_gives_packages_and_roots() {
        let text = r#"{"name": "x", "lockfileVersion": 3, "packages": {
            "": {"dependencies": {"express": "^4.18.0"}, "devDependencies": {"jest": "29.0.0"}},
            "node_modules/express": {"version": "4.18.2", "integrity": "sha512-AA=="},
            "node_modules/express/node_modules/@types/ms": {"version": "2.0.0"},
            "packages/shared": {"version": "1.0.0"}}}"#;
        let facts = read_text(&READER, "package-lock.json", text);
        assert_eq!(
            facts.lines(),
            [
                r#"package-lock.json LockFile { ecosystem: Npm, format: "package-lock.json", packages: ["@types/ms", "express"], roots: [("express", "^4.18.0"), ("jest", "29.0.0")], tracked: None, hashes: true } class=Generated"#
            ]
        );
    }

    #[test]
    fn version_1_gives_nested_packages() {
        let text = r#"{"lockfileVersion": 1, "dependencies": {
            "a": {"version": "1.0.0", "requires": {"b": "1"}, "dependencies": {"b": {"version": "1.0.0"}}}}}"#;
        let facts = read_text(&READER, "npm-shrinkwrap.json", text);
        let lock = &facts.lock_files[0];
        assert_eq!(lock.format, "npm-shrinkwrap.json");
        assert_eq!(lock.packages, ["a", "b"]);
        assert!(!lock.hashes);
    }

    #[test]
    fn a_conflict_marker_is_told() {
        let facts = read_text(&READER, "package-lock.json", "{\n<<<<<<< HEAD\n}");
        assert_eq!((facts.lock_files.len(), facts.unread.len()), (0, 1));
        assert_eq!(facts.unread[0].at.start.line, 2);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[{}\[\]":,]|"(dependencies|packages|node_modules/)"|: ){0,60}"#) {
            read_text(&READER, "package-lock.json", &text);
        }
    }
}
