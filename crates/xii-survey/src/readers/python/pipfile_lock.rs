//! Pipfile.lock, Pipenv's lock.

use std::collections::BTreeSet;

use xii_model::{Ecosystem, Facts, LockFile};

use super::pyproject::entries;
use super::requirement::normalised;
use crate::document;
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Pipfile.lock",
    recognises: |path| file_name(path) == "pipfile.lock",
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::json(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    let mut packages = BTreeSet::new();
    let mut hashes = false;
    for group in ["default", "develop"] {
        for entry in entries(&root, &[group]) {
            packages.insert(normalised(&entry.key));
            hashes |= entry.value.get("hashes").is_some();
        }
    }
    facts.push(source.fact_of_file(LockFile {
        ecosystem: Ecosystem::Python,
        format: "Pipfile.lock",
        packages: packages.into_iter().collect(),
        roots: Vec::new(),
        tracked: source.tracked,
        hashes,
    }));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn both_groups_are_read() {
        let text = r#"{"_meta": {}, "default": {"Flask": {"hashes": ["sha256:aa"], "version": "==3.0.0"}}, "develop": {"pytest": {"version": "==8.0.0"}}}"#;
        let facts = read_text(&READER, "Pipfile.lock", text);
        assert_eq!(facts.lock_files[0].packages, ["flask", "pytest"]);
        assert!(facts.lock_files[0].hashes);
        let facts = read_text(&READER, "Pipfile.lock", "{]");
        assert_eq!((facts.lock_files.len(), facts.unread.len()), (0, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[{}\[\]":,]|"default":){0,40}"#) {
            read_text(&READER, "Pipfile.lock", &text);
        }
    }
}
