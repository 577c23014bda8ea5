use std::ops::Range;

/// The place of the line that starts at `start`, without its line end, and where
/// the next line starts.
pub fn line_at(text: &str, start: usize) -> (Range<usize>, usize) {
    let rest = text.get(start..).unwrap_or_default();
    let (length, next) = match rest.find('\n') {
        Some(newline) => (newline, start + newline + 1),
        None => (rest.len(), text.len()),
    };
    let line = rest.get(..length).unwrap_or_default();
    let end = start + line.strip_suffix('\r').unwrap_or(line).len();
    (start..end, next)
}

/// `span` without the white space at its ends; empty at its start if there is
/// nothing else.
pub fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let inner = text.get(span.clone()).unwrap_or_default();
    if inner.trim().is_empty() {
        return span.start..span.start;
    }
    let start = span.start + inner.len() - inner.trim_start().len();
    start..start + inner.trim().len()
}

/// Where a comment begins that follows white space, as an offset in `line`: the
/// white space before it, or 0 if it is all there is.
pub fn comment_in(line: &str, marks: &[char]) -> Option<usize> {
    let mut before = None;
    for (offset, character) in line.char_indices() {
        if character == ' ' || character == '\t' {
            before.get_or_insert(offset);
        } else if before.is_some() && marks.contains(&character) {
            return before;
        } else {
            before = None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_their_ends() {
        let text = "a\r\n\nb";
        assert_eq!(line_at(text, 0), (0..1, 3));
        assert_eq!(line_at(text, 3), (3..3, 4));
        assert_eq!(line_at(text, 4), (4..5, 5));
        assert_eq!(line_at(text, 5), (5..5, 5));
    }

    #[test]
    fn a_comment_needs_white_space_before_it() {
        assert_eq!(comment_in("a#b ;c  # d", &['#']), Some(6));
        assert_eq!(comment_in("a#b ;c  # d", &['#', ';']), Some(3));
        assert_eq!(comment_in("#a", &['#']), None);
        assert_eq!(comment_in(" \t#a", &['#']), Some(0));
    }
}
