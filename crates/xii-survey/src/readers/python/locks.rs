//! poetry.lock, uv.lock, pdm.lock and pylock.toml: TOML with a table for each package.

use std::collections::BTreeSet;

use xii_model::{Ecosystem, Facts, LockFile};

use super::requirement::normalised;
use crate::document::{self, Node};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "poetry.lock, uv.lock, pdm.lock, pylock.toml",
    recognises: |path| format_of(path).is_some(),
    read,
};

fn format_of(path: &str) -> Option<&'static str> {
    Some(match file_name(path).as_str() {
        "poetry.lock" => "poetry.lock",
        "uv.lock" => "uv.lock",
        "pdm.lock" => "pdm.lock",
        "pylock.toml" => "pylock.toml",
        _ => return None,
    })
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let Some(format) = format_of(source.path) else {
        return;
    };
    let root = match document::toml(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    let mut packages = BTreeSet::new();
    let mut roots = BTreeSet::new();
    // Poetry 1.0 kept the hashes apart from the packages.
    let mut hashes = root
        .at(&["metadata", "files"])
        .is_some_and(|files| !files.entries().is_empty());
    let list = root.get("package").or_else(|| root.get("packages"));
    for package in list.map(Node::items).unwrap_or_default() {
        if is_own(package) {
            add_roots(package, &mut roots);
            continue;
        }
        if let Some(name) = package.get("name").and_then(Node::as_str) {
            packages.insert(normalised(name));
        }
        hashes |= has_hash(package);
    }
    let lock = LockFile {
        ecosystem: Ecosystem::Python,
        format,
        packages: packages.into_iter().collect(),
        roots: roots.into_iter().collect(),
        tracked: source.tracked,
        hashes,
    };
    facts.push(source.fact_of_file(lock));
}

/// uv lists the project itself, with a source that is a folder.
fn is_own(package: &Node) -> bool {
    ["virtual", "editable"]
        .iter()
        .any(|kind| package.at(&["source", kind]).is_some())
}

/// The requirements that uv locked the project at the lock's own folder for.
fn add_roots(package: &Node, roots: &mut BTreeSet<(String, String)>) {
    let own = ["virtual", "editable"]
        .iter()
        .any(|kind| package.at(&["source", kind]).and_then(Node::as_str) == Some("."));
    if !own {
        return;
    }
    let mut add = |list: &Node| {
        for one in list.items() {
            if let Some(name) = one.get("name").and_then(Node::as_str) {
                let specifier = one.get("specifier").and_then(Node::as_str);
                roots.insert((normalised(name), specifier.unwrap_or_default().to_owned()));
            }
        }
    };
    for key in ["requires-dist", "requires-dev"] {
        if let Some(list) = package.at(&["metadata", key]) {
            add(list);
            list.entries().iter().for_each(|group| add(&group.value));
        }
    }
}

fn has_hash(package: &Node) -> bool {
    let listed = ["files", "wheels"].iter().any(|key| {
        package
            .get(key)
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .any(|file| file.get("hash").is_some() || file.get("hashes").is_some())
    });
    listed || package.at(&["sdist", "hash"]).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn poetry() {
        let text = "[[package]]\nname = \"Zope.Interface\"\nversion = \"6.0\"\nfiles = [{file = \"a.whl\", hash = \"sha256:aa\"}]\n\n[[package]]\nname = \"django\"\nversion = \"4.2\"\nfiles = []\n\n[metadata]\nlock-version = \"2.0\"\n";
        let facts = read_text(&READER, "poetry.lock", text);
        assert_eq!(
            facts.lines(),
            [
                r#"poetry.lock LockFile { ecosystem: Python, format: "poetry.lock", packages: ["django", "zope-interface"], roots: [], tracked: None, hashes: true } class=Generated"#
            ]
        );
    }

    #[test]
    fn uv_records_what_the_project_asked_for() {
        let text = "version = 1\n\n[[package]]\nname = \"shop\"\nsource = { virtual = \".\" }\n\n[package.metadata]\nrequires-dist = [{ name = \"Django\", specifier = \">=4.2\" }]\n\n[package.metadata.requires-dev]\ndev = [{ name = \"ruff\" }]\n\n[[package]]\nname = \"django\"\nversion = \"4.2\"\nsource = { registry = \"https://pypi.org/simple\" }\nsdist = { url = \"https://x/y.tar.gz\", hash = \"sha256:aa\" }\n";
        let facts = read_text(&READER, "uv.lock", text);
        let lock = &facts.lock_files[0];
        assert_eq!(lock.packages, ["django"]);
        assert_eq!(
            lock.roots,
            [
                ("django".to_owned(), ">=4.2".to_owned()),
                ("ruff".to_owned(), String::new())
            ]
        );
        assert!(lock.hashes);
    }

    #[test]
    fn a_conflict_marker_is_told() {
        let facts = read_text(&READER, "poetry.lock", "version = 1\n<<<<<<< HEAD\n");
        assert_eq!((facts.lock_files.len(), facts.unread.len()), (0, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[\[\]{}=".,\n]|\[\[package\]\]\n|name = "a"\n){0,60}"#) {
            read_text(&READER, "uv.lock", &text);
        }
    }
}
