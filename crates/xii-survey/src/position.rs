//! From byte offsets to lines and columns.

use std::cell::OnceCell;

use xii_model::Position;

/// How many bytes apart the characters are counted beforehand, so that a column of a long line
/// needs no walk over all of it.
const STEP: usize = 1024;

/// Where the lines of one text start; every call is given that text. Found when first asked: most files hold nothing to point at.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    starts: OnceCell<Vec<usize>>,
    /// How many characters start before each `STEP`-th byte.
    characters: OnceCell<Vec<usize>>,
}

impl Lines {
    fn starts(&self, text: &str) -> &[usize] {
        self.starts.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
            std::iter::once(0).chain(breaks).collect()
        })
    }

    fn characters(&self, text: &str) -> &[usize] {
        self.characters.get_or_init(|| {
            let counted = text.as_bytes().chunks(STEP).scan(0, |sum, chunk| {
                let before = *sum;
                *sum += starts_of_characters(chunk);
                Some(before)
            });
            counted.collect()
        })
    }

    /// The line of a byte offset, from 1. An offset past the end is on the last line.
    pub(crate) fn line(&self, text: &str, offset: usize) -> u32 {
        clamp(self.starts(text).partition_point(|start| *start <= offset))
    }

    /// The line and column of a byte offset. An offset past the end is the end.
    pub(crate) fn position(&self, text: &str, offset: usize) -> Position {
        let offset = floor(text, offset);
        let starts = self.starts(text);
        let line = starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = starts.get(line).copied().unwrap_or(0);
        let column = self
            .characters_before(text, offset)
            .saturating_sub(self.characters_before(text, start));
        Position {
            line: clamp(line + 1),
            column: clamp(column + 1),
        }
    }

    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let characters = self.characters(text);
        let step = (offset / STEP).min(characters.len().saturating_sub(1));
        let counted = characters.get(step).copied().unwrap_or(0);
        let rest = text.as_bytes().get(step * STEP..offset).unwrap_or_default();
        counted + starts_of_characters(rest)
    }

    /// The bytes of a line (from 0), without its line break.
    pub(crate) fn range(&self, text: &str, line: usize) -> std::ops::Range<usize> {
        let starts = self.starts(text);
        let start = starts.get(line).copied().unwrap_or(text.len());
        let end = starts.get(line + 1).map_or(text.len(), |next| next - 1);
        let end = if end > start && text.as_bytes().get(end - 1) == Some(&b'\r') {
            end - 1
        } else {
            end
        };
        start..end.max(start)
    }
}

/// The nearest character boundary at or before the offset.
pub(crate) fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// How many of the bytes start a character of UTF-8.
fn starts_of_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

fn clamp(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a\nüb = 1\r\nend";
        let lines = Lines::default();
        assert_eq!(
            lines.position(text, text.find('b').unwrap()),
            Position { line: 2, column: 2 }
        );
        assert_eq!(&text[lines.range(text, 1)], "üb = 1");
        assert_eq!(lines.position(text, 999), Position { line: 3, column: 4 });
        assert_eq!(
            (
                lines.line(text, 0),
                lines.line(text, 2),
                lines.line(text, 999)
            ),
            (1, 2, 3)
        );
    }

    #[test]
    fn columns_of_a_long_line_count_characters_too() {
        let text = format!("x\n{}end", "é€".repeat(5000));
        let lines = Lines::default();
        for (at, (offset, _)) in text.char_indices().enumerate().skip(2) {
            let column = u32::try_from(at - 1).unwrap();
            assert_eq!(lines.position(&text, offset), Position { line: 2, column });
        }
    }
}
