//! The source that evidence quotes, ready to be drawn.

use std::ops::Range;

use xii_model::Evidence;

use crate::neutral;

/// How many lines of a span are drawn.
const LONGEST: usize = 8;

/// A quoted piece of source with the span that the claim is about.
#[derive(Debug)]
pub(crate) struct Quote {
    /// Harmless text; lines are ended by `\n`.
    pub(crate) text: String,
    /// What the claim is about, in bytes of the text.
    pub(crate) span: Range<usize>,
    /// The number of the first line.
    pub(crate) first: u32,
}

/// One line of a quote.
#[derive(Debug)]
pub(crate) struct QuotedLine<'a> {
    pub(crate) number: u32,
    /// What stands before the span, in it, and after it.
    pub(crate) parts: [&'a str; 3],
}

impl Quote {
    /// What the evidence quotes; `None` when it stands for a whole file.
    pub(crate) fn of(at: &Evidence) -> Option<Quote> {
        if at.is_whole_file() {
            return None;
        }
        let text = neutral::code(&at.excerpt);
        let span_lines = at.end.line.saturating_sub(at.start.line) as usize + 1;
        let shown: Vec<&str> = text.lines().take(span_lines.min(LONGEST)).collect();
        let text = shown.join("\n");
        let start = offset(&text, 0, at.start.column);
        let last = at.end.line.saturating_sub(at.start.line) as usize;
        let end = offset(&text, last, at.end.column).max(start);
        Some(Quote {
            text,
            span: start..end,
            first: at.start.line,
        })
    }

    /// The quote with lines of at most so many characters beyond where the span starts. What stands
    /// before the span on its line is left alone.
    pub(crate) fn fitted(self, room: usize) -> Quote {
        let room = room.max(20);
        let mut text = String::with_capacity(self.text.len());
        let mut span = self.span.clone();
        let mut at = 0;
        for (index, line) in self.text.split('\n').enumerate() {
            if index > 0 {
                text.push('\n');
            }
            let before = self.span.start.saturating_sub(at);
            let before = if index == 0 {
                before.min(line.len())
            } else {
                0
            };
            let (head, tail) = line.split_at_checked(before).unwrap_or((line, ""));
            text.push_str(head);
            let kept = neutral::cut(tail, room);
            let covered = at + before..=at + line.len();
            if covered.contains(&self.span.end) {
                let within = self.span.end - at - before;
                span.end = text.len() + within.min(kept.len());
                while !kept.is_char_boundary(span.end - text.len()) {
                    span.end -= 1;
                }
            }
            text.push_str(&kept);
            at += line.len() + 1;
        }
        Quote { text, span, ..self }
    }

    /// The text that the claim is about.
    pub(crate) fn marked(&self) -> &str {
        self.text.get(self.span.clone()).unwrap_or_default()
    }

    /// The lines, each taken apart at the span.
    pub(crate) fn lines(&self) -> Vec<QuotedLine<'_>> {
        let mut lines = Vec::new();
        let mut at = 0;
        for (number, line) in (self.first..).zip(self.text.split('\n')) {
            let within = |offset: usize| offset.clamp(at, at + line.len()) - at;
            let (start, end) = (within(self.span.start), within(self.span.end));
            let part = |range: Range<usize>| line.get(range).unwrap_or_default();
            lines.push(QuotedLine {
                number,
                parts: [part(0..start), part(start..end), part(end..line.len())],
            });
            at += line.len() + 1;
        }
        lines
    }
}

/// The byte at a line, from 0, and a column in characters, from 1; the nearest one when the text is
/// shorter, since excerpts are cut and redacted.
fn offset(text: &str, line: usize, column: u32) -> usize {
    let mut at = 0;
    for (index, one) in text.split('\n').enumerate() {
        if index == line {
            let column = column.saturating_sub(1) as usize;
            let within = one.char_indices().nth(column);
            return at + within.map_or(one.len(), |(byte, _)| byte);
        }
        at += one.len() + 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use xii_model::Position;

    fn evidence(excerpt: &str, start: (u32, u32), end: (u32, u32)) -> Evidence {
        let at = |(line, column)| Position { line, column };
        Evidence {
            path: "a".into(),
            start: at(start),
            end: at(end),
            excerpt: excerpt.into(),
        }
    }

    #[test]
    fn columns_count_characters() {
        let quote = Quote::of(&evidence("ключ = 'x'\nnext", (7, 8), (7, 11))).unwrap();
        assert_eq!(quote.marked(), "'x'");
        assert_eq!(quote.lines()[0].parts, ["ключ = ", "'x'", ""]);
        assert_eq!(quote.lines().len(), 1);
    }

    #[test]
    fn a_span_over_lines_is_marked_on_each() {
        let quote = Quote::of(&evidence("if a:\r\n  b()\r\nc()", (3, 4), (4, 6))).unwrap();
        let parts: Vec<_> = quote.lines().iter().map(|line| line.parts).collect();
        assert_eq!(parts, [["if ", "a:", ""], ["", "  b()", ""]]);
    }

    #[test]
    fn long_lines_are_cut_behind_the_start_of_the_span() {
        let long = "b".repeat(90);
        let quote = Quote::of(&evidence(&format!("aa{long}"), (1, 3), (1, 93))).unwrap();
        let fitted = quote.fitted(30);
        assert_eq!(fitted.marked(), format!("{}…", "b".repeat(29)));
        let quote = Quote::of(&evidence(&format!("a(\n{long}\nc)"), (1, 1), (3, 3))).unwrap();
        assert!(quote.fitted(30).marked().ends_with("b…\nc)"));
    }

    proptest! {
        #[test]
        fn any_place_in_any_text_is_drawn(
            text in "[^\r]{1,40}", start in 0u32..9, column in 0u32..50, more in 0u32..9, end in 0u32..50,
        ) {
            let quote = Quote::of(&evidence(&text, (start, column), (start + more, end))).unwrap();
            prop_assert!(quote.text.get(quote.span.clone()).is_some());
            let again = Quote::of(&evidence(&text, (start, column), (start + more, end))).unwrap();
            let fitted = again.fitted(20);
            prop_assert!(fitted.text.get(fitted.span.clone()).is_some());
            let joined: Vec<String> = quote.lines().iter().map(|line| line.parts.concat()).collect();
            prop_assert_eq!(joined.join("\n"), quote.text);
        }
    }
}
