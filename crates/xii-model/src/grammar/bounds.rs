/// How many values (scalars, lists and maps) one text may hold.
pub const MAX_VALUES: usize = 2_000_000;

/// How many lines that are not in the grammar a reader reports before it gives up.
pub const MAX_ERRORS: usize = 1000;

/// The byte order mark that some editors put before UTF-8 text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Splits off a leading byte order mark. Gives its length in bytes and the rest.
pub fn split_byte_order_mark(text: &str) -> (usize, &str) {
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (BYTE_ORDER_MARK.len_utf8(), rest),
        None => (0, text),
    }
}
