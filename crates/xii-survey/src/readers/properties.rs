//! The lines of a `.properties` file.

use std::ops::Range;

/// One `key=value`.
pub(super) struct Property<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    /// The key and the value.
    pub(super) place: Range<usize>,
    /// The value.
    pub(super) value_span: Range<usize>,
}

/// `key=value`, `key: value`; `#` and `!` start a comment line. Continuation lines are taken for
/// lines of their own: what matters here stands on one line.
pub(super) fn entries(text: &str) -> impl Iterator<Item = Property<'_>> {
    let mut offset = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = offset;
        offset += line.len();
        let trimmed = line.trim();
        if trimmed.starts_with(['#', '!']) {
            return None;
        }
        let split = line.find(['=', ':'])?;
        let (key, rest) = line.split_at_checked(split)?;
        let raw = rest.get(1..)?;
        let value = raw.trim();
        let lead = line.len() - line.trim_start().len();
        let value_start = start + split + 1 + (raw.len() - raw.trim_start().len());
        let value_start = value_start.min(start + line.trim_end().len());
        let key = key.trim();
        (!key.is_empty()).then(|| Property {
            key,
            value,
            place: start + lead..value_start + value.len(),
            value_span: value_start..value_start + value.len(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_have_their_places() {
        let text = "# c\n a.b = 1 \nc:\nplain\n";
        let read: Vec<_> = entries(text)
            .map(|one| (one.key, one.value, &text[one.place.clone()]))
            .collect();
        assert_eq!(read, [("a.b", "1", "a.b = 1"), ("c", "", "c:")]);
    }
}
