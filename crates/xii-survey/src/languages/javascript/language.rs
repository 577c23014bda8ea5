//! JavaScript and TypeScript as the survey sees them.

use super::{lower, modules, needles, read};
use crate::languages::language::{Given, Language};

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
    may_hold_facts: needles::may_hold_facts,
    import_candidates: modules::candidates,
    package: modules::package,
    lower: lower::lower,
    read: |file, facts| Given {
        exports: read::read(file, facts),
        ..Given::default()
    },
    module_files: modules::files,
};
