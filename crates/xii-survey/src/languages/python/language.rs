//! Python as the survey sees it.

use xii_model::Facts;

use super::config::{branches, checks, exports, reads};
use super::reader::Reader;
use super::values::Python;
use super::{imports, lower};
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
    imports::read(file, facts);
    let values = Python::of(file.tree);
    let calls = file.tree.calls();
    let mut reader = Reader {
        file,
        tree: file.tree,
        values: &values,
        calls: &calls,
        facts,
    };
    let checked = checks::by_hand(file.tree, &values);
    reads::read(&mut reader, &checked);
    checks::read(&mut reader, &checked);
    branches::read(&mut reader);
}
