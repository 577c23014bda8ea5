use std::ops::Range;

/// The place of a node without its anchor and tag: the parser's span of
/// `&a !!str "x"` starts at the `&`.
pub(super) fn without_properties(text: &str, span: Range<usize>) -> Range<usize> {
    let mut start = span.start;
    while let Some(rest) = text.get(start..span.end) {
        let Some(first) = rest.chars().next() else {
            break;
        };
        let length = match first {
            ' ' | '\t' | '\r' | '\n' => first.len_utf8(),
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '&' | '!' => rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len()),
            _ => break,
        };
        start += length;
    }
    start.min(span.end)..span.end
}

/// The place of a block scalar: its lines, without the `|` or `>` before them
/// and the empty lines after them.
pub(super) fn lines_of_block(text: &str, span: Range<usize>) -> Range<usize> {
    let mut inner = text.get(span.clone()).unwrap_or_default();
    let mut start = span.start;
    // The parser starts at the first line, unless there is an anchor or a tag.
    if inner.starts_with(['|', '>']) && text.get(..start).is_some_and(ends_with_property) {
        let header = inner.find('\n').unwrap_or(inner.len());
        let lines = inner.get(header..).unwrap_or_default().trim_start();
        start += inner.len() - lines.len();
        inner = lines;
    }
    start..start + inner.trim_end().len()
}

/// Whether the last word of this line is an anchor or a tag.
fn ends_with_property(before: &str) -> bool {
    before
        .rsplit([' ', '\t', '\n'])
        .find(|word| !word.is_empty())
        .is_some_and(|word| word.starts_with(['&', '!']))
}

/// The place of a quoted scalar: the parser's ends after the comment behind it.
pub(super) fn quoted(text: &str, span: Range<usize>) -> Range<usize> {
    let inner = text.get(span.clone()).unwrap_or_default().as_bytes();
    let Some(&quote) = inner.first() else {
        return span;
    };
    let mut index = 1;
    while let Some(&byte) = inner.get(index) {
        let doubled = quote == b'\'' && inner.get(index + 1) == Some(&quote);
        if quote == b'"' && byte == b'\\' || byte == quote && doubled {
            index += 2;
        } else if byte == quote {
            return span.start..span.start + index + 1;
        } else {
            index += 1;
        }
    }
    span
}

/// Where a block list under a key starts. When its dashes are not indented more
/// than the key, the parser's span starts after the first dash.
pub(super) fn first_dash(text: &str, start: usize) -> usize {
    // Only white space is looked at: a list may stand far along a line.
    let before = text.get(..start).unwrap_or_default().trim_end();
    match before.strip_suffix('-') {
        Some(line) if is_indentation(line) => line.len(),
        _ => start,
    }
}

/// Whether nothing but spaces stands at the end of `text` since its last line end.
fn is_indentation(text: &str) -> bool {
    let line = text.trim_end_matches([' ', '\t']);
    line.is_empty() || line.ends_with('\n')
}
