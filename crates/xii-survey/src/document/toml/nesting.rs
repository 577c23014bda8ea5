use crate::document::MAX_DEPTH;

/// The first place at which inline tables, arrays and dotted keys nest deeper
/// than `MAX_DEPTH`.
///
/// The parser bounds brackets and the parts of one dotted key, each for itself.
/// Dotted keys in nested inline tables multiply: `a.a.a = { a.a.a = { … } }`
/// makes a tree that overflows the stack when it is dropped. So this runs first.
pub(super) fn too_deep_at(text: &str) -> Option<usize> {
    let mut scan = Scan::default();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let length = match first {
            b'#' => rest.find(['\r', '\n']).unwrap_or(rest.len()),
            b'"' | b'\'' => string_length(rest, first),
            _ => {
                scan.take(first);
                if scan.depth() > MAX_DEPTH {
                    return Some(text.len() - rest.len());
                }
                rest.chars().next().map_or(1, char::len_utf8)
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    None
}

#[derive(Default)]
struct Scan {
    /// The bracket and the dots of the key before it, for each open bracket.
    open: Vec<(u8, usize)>,
    /// What `open` adds up to.
    nested: usize,
    /// Dots since the current key can have begun.
    dots: usize,
}

impl Scan {
    fn depth(&self) -> usize {
        self.nested + self.dots
    }

    fn take(&mut self, byte: u8) {
        let inside = self.open.last().map(|&(bracket, _)| bracket);
        match byte {
            // In an array a dot belongs to a number; in a header the parser counts.
            b'.' if inside != Some(b'[') => self.dots += 1,
            b',' => self.dots = 0,
            b'\n' if inside.is_none() => self.dots = 0,
            b'{' | b'[' => {
                self.open.push((byte, self.dots));
                self.nested += 1 + self.dots;
                self.dots = 0;
            }
            b'}' if inside == Some(b'{') => self.close(),
            b']' if inside == Some(b'[') => self.close(),
            _ => {}
        }
    }

    fn close(&mut self) {
        if let Some((_, dots)) = self.open.pop() {
            self.nested -= 1 + dots;
            self.dots = 0;
        }
    }
}

/// The length of the string at the start of `text`, as the parser's lexer takes
/// it: one that is not closed ends with its line or, in three quotes, the text.
fn string_length(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let is_quote = |index: usize| bytes.get(index) == Some(&quote);
    let multiline = is_quote(1) && is_quote(2);
    let mut index = if multiline { 3 } else { 1 };
    while let Some(&byte) = bytes.get(index) {
        if byte == b'\\' && quote == b'"' {
            // A line end is not escaped in a string of one line.
            index += if !multiline && bytes.get(index + 1) == Some(&b'\n') {
                1
            } else {
                2
            };
        } else if byte == b'\n' && !multiline {
            return index;
        } else if byte == quote && !multiline {
            return index + 1;
        } else if byte == quote && is_quote(index + 1) && is_quote(index + 2) {
            // Up to two quotes may stand before the closing three.
            return index + 3 + (3..5).take_while(|&more| is_quote(index + more)).count();
        } else {
            index += 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_where_the_parser_ends_them() {
        let length = |text: &str| string_length(text, text.as_bytes()[0]);
        assert_eq!(length(r#""a\"b" c"#), 6);
        assert_eq!(length("'a\\' c"), 4);
        assert_eq!(length("\"open\nc"), 5);
        assert_eq!(length("\"open\\\nc"), 6);
        assert_eq!(length("\"\" c"), 2);
        assert_eq!(length("\"\"\"a\"\n\\\"\"\"\"\"\" c"), 13);
        assert_eq!(length("'''a\n'' b"), 9);
        assert_eq!(length("'''a''''' c"), 9);
    }

    #[test]
    fn only_real_brackets_and_keys_count() {
        let many = "[{.".repeat(200);
        assert_eq!(
            too_deep_at(&format!("a = '{many}' # {many}\nb = \"\"\"{many}\"\"\"\n")),
            None
        );
        assert_eq!(too_deep_at(&"a.b.c = 1.5\n[x.y]\n".repeat(200)), None);
        assert_eq!(
            too_deep_at(&format!("a = [{}]", "1.5, [], {},\n".repeat(200))),
            None
        );
        assert_eq!(too_deep_at(&"a.b = { ".repeat(64)), None);
        assert_eq!(too_deep_at(&"a.b = { ".repeat(65)), Some(64 * 8 + 1));
    }
}
