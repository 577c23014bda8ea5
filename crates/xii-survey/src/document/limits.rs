use xii_model::grammar::MAX_VALUES;

use super::Malformed;

/// How deep lists and maps may nest; the outermost has depth 1.
pub const MAX_DEPTH: usize = 128;

/// How many values the aliases of one YAML text may copy.
pub const MAX_ALIAS_VALUES: usize = 100_000;

/// How many bytes of keys and scalars the aliases of one YAML text may copy.
pub const MAX_ALIAS_TEXT: usize = 16 << 20;

pub(super) fn too_deep(offset: usize, text: &str) -> Malformed {
    Malformed::new(
        format!("lists and maps are nested more than {MAX_DEPTH} deep"),
        offset,
        text,
    )
}

pub(super) fn too_many(offset: usize, text: &str) -> Malformed {
    Malformed::new(
        format!("the document holds more than {MAX_VALUES} values"),
        offset,
        text,
    )
}
