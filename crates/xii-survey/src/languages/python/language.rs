//! Python as the survey sees it.

use xii_model::Facts;

use super::config::{branches, checks, exports, reads, settings};
use super::reader::Reader;
use super::values::Python;
use super::{imports, literals, lower};
use crate::languages::language::{File, Language};

pub(crate) static LANGUAGE: Language = Language {
    extensions: &["py", "pyi"],
    name: |_| "python",
    grammar: |_| tree_sitter_python::LANGUAGE.into(),
    needles: &[
        "environ", "getenv", "config", "Settings", "setting", "ENV", "env",
    ],
    import_candidates: imports::candidates,
    package: imports::package,
    lower: lower::lower,
    read,
    exports: exports::exports,
    module_files: imports::module_files,
};

/// Reads the facts of a file: each table looks at the same calls.
fn read(file: &File<'_>, facts: &mut Facts) {
    let values = Python::of(file.tree);
    let calls = file.tree.calls();
    let settings = settings::classes(file.tree);
    let mut reader = Reader {
        file,
        tree: file.tree,
        values: &values,
        calls: &calls,
        settings: &settings,
        facts,
    };
    // Secrets come first: what they mask, no later evidence shows.
    let bindings = literals::bindings(&reader);
    literals::read_secrets(&mut reader, &bindings);
    literals::read_locators(&mut reader, &bindings);
    imports::read(file, reader.facts);
    let checked = checks::by_hand(file.tree, &values);
    reads::read(&mut reader, &checked);
    checks::read(&mut reader, &checked);
    branches::read(&mut reader);
}
