//! Javascript as the survey sees it.

use crate::languages::language::{Exports, Language};
use crate::languages::syntax::Tree;

pub(crate) static LANGUAGE: Language = Language {
    extensions: &["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"],
    name: |extension| match extension {
        "ts" | "cts" | "mts" | "tsx" => "typescript",
        _ => "javascript",
    },
    grammar: |extension| match extension {
        "ts" | "cts" | "mts" => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        "tsx" => tree_sitter_typescript::LANGUAGE_TSX.into(),
        _ => tree_sitter_javascript::LANGUAGE.into(),
    },
    needles: &[],
    import_candidates: |_, _| (),
    package: |_| None,
    lower: |_, _| Tree::default(),
    read: |_, _| (),
    exports: |_| Exports::new(),
    module_files: |_, _| Vec::new(),
};
