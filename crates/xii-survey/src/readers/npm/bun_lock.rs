//! bun.lock, the text format of bun's lock.

use xii_model::Facts;

use super::lock::{Lock, name_before_version};
use crate::document::{self, Node};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "bun.lock",
    recognises: |path| file_name(path) == "bun.lock",
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::json(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    let mut lock = Lock::default();
    if let Some(own) = root.at(&["workspaces", ""]) {
        lock.add_roots(own);
    }
    for entry in root.get("packages").map(Node::entries).unwrap_or_default() {
        let items = entry.value.items();
        let spec = items.first().and_then(Node::as_str).unwrap_or_default();
        if spec.contains("@workspace:") {
            continue;
        }
        if let Some(name) = name_before_version(spec) {
            lock.packages.insert(name.to_owned());
        }
        lock.hashes |= items
            .last()
            .and_then(Node::as_str)
            .is_some_and(|last| last.starts_with("sha"));
    }
    lock.push(source, facts, "bun.lock");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn packages_and_roots_are_read() {
        let text = r#"{
  "lockfileVersion": 1,
  "workspaces": { "": { "name": "app", "dependencies": { "hono": "^4.0.0", }, }, },
  "packages": {
    "hono": ["hono@4.1.0", "", {}, "sha512-AA=="],
    "@types/bun": ["@types/bun@1.0.0", "", {}, "sha512-AA=="],
    "shared": ["shared@workspace:packages/shared"],
  }
}"#;
        let facts = read_text(&READER, "bun.lock", text);
        let lock = &facts.lock_files[0];
        assert_eq!(lock.packages, ["@types/bun", "hono"]);
        assert_eq!(lock.roots, [("hono".to_owned(), "^4.0.0".to_owned())]);
        assert!(lock.hashes);
    }

    #[test]
    fn a_malformed_lock_is_told() {
        let facts = read_text(&READER, "bun.lock", "{,}");
        assert_eq!((facts.lock_files.len(), facts.unread.len()), (0, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[{}\[\]":,]|"packages"){0,60}"#) {
            read_text(&READER, "bun.lock", &text);
        }
    }
}
