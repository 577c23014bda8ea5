//! Python as the survey sees it.

use crate::languages::language::{Exports, Language};
use crate::languages::syntax::Tree;

pub(crate) static LANGUAGE: Language = Language {
    extensions: &["py", "pyi"],
    name: |extension| {
        let _ = extension;
        "python"
    },
    grammar: |extension| {
        let _ = extension;
        tree_sitter_python::LANGUAGE.into()
    },
    needles: &[],
    import_candidates: |_, _| (),
    package: |_| None,
    lower: |_, _| Tree::default(),
    read: |_, _| (),
    exports: |_| Exports::new(),
    module_files: |_, _| Vec::new(),
};
