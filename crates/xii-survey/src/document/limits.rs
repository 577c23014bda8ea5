use super::Malformed;

/// How deep lists and maps may nest; the outermost has depth 1.
pub const MAX_DEPTH: usize = 128;

/// How many values (scalars, lists and maps) one text may hold.
pub const MAX_VALUES: usize = 2_000_000;

/// How many values the aliases of one YAML text may copy.
pub const MAX_ALIAS_VALUES: usize = 100_000;

/// How many bytes of keys and scalars the aliases of one YAML text may copy.
pub const MAX_ALIAS_TEXT: usize = 16 << 20;

/// The byte order mark that some editors put before UTF-8 text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Splits off a leading byte order mark. Gives its length in bytes and the rest.
pub(super) fn split_byte_order_mark(text: &str) -> (usize, &str) {
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (BYTE_ORDER_MARK.len_utf8(), rest),
        None => (0, text),
    }
}

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

/// How many lines that are not in the grammar a `.env` or INI reader reports
/// before it gives up.
pub const MAX_ERRORS: usize = 1000;
