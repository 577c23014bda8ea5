//! Python as the survey sees it.

use super::{imports, lower};
use crate::languages::language::{Exports, Language};

pub(crate) static LANGUAGE: Language = Language {
    extensions: &["py", "pyi"],
    name: |_| "python",
    grammar: |_| tree_sitter_python::LANGUAGE.into(),
    needles: &[],
    import_candidates: imports::candidates,
    package: imports::package,
    lower: lower::lower,
    read: |file, facts| imports::read(file, facts),
    exports: |_| Exports::new(),
    module_files: imports::module_files,
};
