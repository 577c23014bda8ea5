//! How the tests look at a snippet.

use std::sync::Arc;

use xii_model::{Facts, FileClass};

use super::super::LANGUAGE;
use crate::languages::language::{Exports, File};
use crate::languages::registry::parse;
use crate::languages::syntax::Tree;
use crate::source::Source;

/// Reads a file, whether or not it holds a needle.
pub(super) fn read_all(path: &str, text: &str) -> (Facts, Exports) {
    let path: Arc<str> = path.into();
    let source = Source::new(&path, text, FileClass::Source, None);
    let extension = path.rsplit_once('.').unwrap().1;
    let tree = parse(&LANGUAGE, extension, text).unwrap();
    let file = File {
        source: &source,
        tree: &tree,
        extension,
    };
    let mut facts = Facts::default();
    let exports = (LANGUAGE.read)(&file, &mut facts).exports;
    (facts, exports)
}

/// The facts of a file with this path. Whatever is found but imports must stand in a file that the
/// needles let through.
pub(super) fn facts_of(path: &str, text: &str) -> Facts {
    let (facts, _) = read_all(path, text);
    assert!(
        (LANGUAGE.may_hold_facts)(text) || facts.count() == facts.imports.len(),
        "no needle is in {text}"
    );
    facts
}

/// The facts of a snippet but its imports, as lines.
pub(super) fn seen(text: &str) -> Vec<String> {
    seen_in("a.ts", text)
}

/// The facts of a file but its imports, as lines.
pub(super) fn seen_in(path: &str, text: &str) -> Vec<String> {
    let mut facts = facts_of(path, text);
    facts.imports.clear();
    facts.lines()
}

/// What a snippet exports.
pub(super) fn exports_of(text: &str) -> Exports {
    read_all("config.ts", text).1
}

/// The tree of a snippet.
pub(super) fn tree_of(extension: &str, text: &str) -> Tree {
    parse(&LANGUAGE, extension, text).unwrap()
}

/// The canonical paths of all calls of a snippet.
pub(super) fn calls_of(text: &str) -> Vec<String> {
    let path: Arc<str> = "a.ts".into();
    let source = Source::new(&path, text, FileClass::Source, None);
    let tree = tree_of("ts", text);
    let file = File {
        source: &source,
        tree: &tree,
        extension: "ts",
    };
    let seen = super::super::seen::Seen::of(&file);
    seen.calls.into_iter().map(|call| call.path).collect()
}

/// Each snippet with its facts below it.
pub(super) fn each(snippets: &[&str]) -> String {
    let mut shown = String::new();
    for snippet in snippets {
        shown.push_str(snippet);
        shown.push('\n');
        for line in seen(snippet) {
            shown.push_str("    ");
            shown.push_str(&line);
            shown.push('\n');
        }
    }
    shown
}
