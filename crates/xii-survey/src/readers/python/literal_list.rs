//! Lists of string literals in the text of a Python file, without running or parsing it.

use std::ops::Range;

/// A text in which comments and strings are known, so that what stands in them is not taken for code.
pub(super) struct Code<'a> {
    text: &'a str,
    /// Comments and strings, in order.
    quiet: Vec<Quiet>,
}

struct Quiet {
    span: Range<usize>,
    /// The bytes between a string's quotes; `None` for a comment, or for a string with a prefix
    /// that makes its value computed.
    inner: Option<Range<usize>>,
}

/// A string literal: its value as written and its place, quotes included.
pub(super) struct Literal<'a> {
    pub(super) value: &'a str,
    pub(super) span: Range<usize>,
}

impl<'a> Code<'a> {
    /// Finds the comments and strings of the text, in one pass.
    pub(super) fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut quiet = Vec::new();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let start = at;
            match byte {
                b'#' => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                    quiet.push(Quiet {
                        span: start..at,
                        inner: None,
                    });
                }
                b'"' | b'\'' => {
                    let (inner, end) = string(bytes, at);
                    let formatted =
                        at > 0 && matches!(bytes.get(at - 1), Some(b'f' | b'F' | b'b' | b'B'));
                    quiet.push(Quiet {
                        span: start..end,
                        inner: (!formatted).then_some(inner),
                    });
                    at = end;
                }
                _ => at += 1,
            }
        }
        Code { text, quiet }
    }

    fn quiet_at(&self, at: usize) -> Option<&Quiet> {
        let index = self.quiet.partition_point(|quiet| quiet.span.end <= at);
        self.quiet.get(index).filter(|quiet| quiet.span.start <= at)
    }

    /// Where a value is bound to `name` in code: the byte after each `name =`.
    pub(super) fn bindings<'s>(&'s self, name: &'s str) -> impl Iterator<Item = usize> + 's {
        self.text.match_indices(name).filter_map(move |(at, _)| {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            let before = self.text.get(..at)?.chars().next_back();
            let after = self.text.get(at + name.len()..)?;
            let value = after.trim_start_matches([' ', '\t']).strip_prefix('=')?;
            let free = !before.is_some_and(word) && !value.starts_with('=');
            (free && self.quiet_at(at).is_none()).then(|| self.text.len() - value.len())
        })
    }

    /// The next byte of code at or after `at`, over white space and comments.
    fn next(&self, mut at: usize) -> Option<(usize, char)> {
        loop {
            let rest = self.text.get(at..)?;
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            match self.quiet_at(at) {
                Some(quiet) if quiet.span.start == at && trimmed.starts_with('#') => {
                    at = quiet.span.end;
                }
                _ => return Some((at, trimmed.chars().next()?)),
            }
        }
    }

    /// The string literal at or after `at`, and the byte after it.
    pub(super) fn literal(&self, at: usize) -> Option<Literal<'a>> {
        let (at, _) = self.next(at)?;
        let quiet = self.quiet_at(at).filter(|quiet| quiet.span.start == at)?;
        Some(Literal {
            value: self.text.get(quiet.inner.clone()?)?,
            span: quiet.span.clone(),
        })
    }

    /// The name at or after `at`, if a name alone stands there.
    pub(super) fn name(&self, at: usize) -> Option<&'a str> {
        let (at, _) = self.next(at)?;
        let rest = self.text.get(at..)?;
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let alone = self.next(at + end).is_none_or(|(_, c)| {
            matches!(c, ',' | ')')
                || rest
                    .get(end..)
                    .is_some_and(|tail| tail.starts_with(['\n', '\r']))
        });
        rest.get(..end).filter(|name| !name.is_empty() && alone)
    }

    /// The list (or tuple) at or after `at`; `None` when an item of it is not a string literal or
    /// when something is done to it (`[…] + more`).
    pub(super) fn list(&self, at: usize) -> Option<Vec<Literal<'a>>> {
        let (at, open) = self.next(at)?;
        let close = match open {
            '[' => ']',
            '(' => ')',
            _ => return None,
        };
        let mut items = Vec::new();
        let mut at = at + 1;
        loop {
            let (place, c) = self.next(at)?;
            if c == close {
                at = place + 1;
                break;
            }
            let item = self.literal(place)?;
            at = item.span.end;
            items.push(item);
            match self.next(at)? {
                (place, ',') => at = place + 1,
                (place, c) if c == close => {
                    at = place + 1;
                    break;
                }
                _ => return None,
            }
        }
        let changed = self
            .next(at)
            .is_some_and(|(_, c)| matches!(c, '+' | '*' | '.' | '['));
        (!changed).then_some(items)
    }
}

/// The inner bytes of the string that opens at `at`, and the byte after its end. A string that is
/// never closed ends with its line, or with the text when its quotes are triple.
fn string(bytes: &[u8], at: usize) -> (Range<usize>, usize) {
    let quote = bytes.get(at).copied().unwrap_or(b'"');
    let triple = bytes.get(at..at + 3) == Some(&[quote; 3]);
    let width = if triple { 3 } else { 1 };
    let start = (at + width).min(bytes.len());
    let mut end = start;
    while let Some(&byte) = bytes.get(end) {
        if byte == b'\\' {
            end += 2;
        } else if byte == quote && (!triple || bytes.get(end..end + 3) == Some(&[quote; 3])) {
            return (start..end, end + width);
        } else if byte == b'\n' && !triple {
            return (start..end, end);
        } else {
            end += 1;
        }
    }
    (start..bytes.len(), bytes.len())
}
