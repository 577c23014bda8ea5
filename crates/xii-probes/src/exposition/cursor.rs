//! Reading a line of a page from left to right.

/// Where a reader is in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Cursor { rest: line }
    }

    pub(super) fn rest(self) -> &'a str {
        self.rest
    }

    pub(super) fn is_done(self) -> bool {
        self.rest.is_empty()
    }

    /// Skips blanks; how many there were.
    pub(super) fn blanks(&mut self) -> usize {
        let rest = self.rest.trim_start_matches([' ', '\t']);
        let skipped = self.rest.len() - rest.len();
        self.rest = rest;
        skipped
    }

    /// Takes this character if it comes next.
    pub(super) fn take(&mut self, character: char) -> bool {
        match self.rest.strip_prefix(character) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn next_is(self, character: char) -> bool {
        self.rest.starts_with(character)
    }

    /// What comes before the next blank.
    pub(super) fn word(&mut self) -> &'a str {
        let end = self.rest.find([' ', '\t']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// The name of a metric (with colons) or of a label (without); none when none comes next.
    pub(super) fn name(&mut self, colons: bool) -> Option<&'a str> {
        let may = |at: usize, character: char| {
            character.is_ascii_alphabetic()
                || character == '_'
                || (colons && character == ':')
                || (at > 0 && character.is_ascii_digit())
        };
        let end = self
            .rest
            .char_indices()
            .find(|(at, character)| !may(*at, *character));
        let (name, rest) = self
            .rest
            .split_at(end.map_or(self.rest.len(), |(at, _)| at));
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    /// A text in quotes, with `\\`, `\"` and `\n` in it; none when it does not end or has another escape.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let mut characters = self.rest.strip_prefix('"')?.char_indices();
        let mut text = String::new();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    // The quote before and this one.
                    self.rest = &self.rest[at + 2..];
                    return Some(text);
                }
                '\\' => text.push(match characters.next()?.1 {
                    'n' => '\n',
                    escaped @ ('\\' | '"') => escaped,
                    _ => return None,
                }),
                _ => text.push(character),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_they_must() {
        let mut cursor = Cursor::new("a:b_9{");
        assert_eq!(cursor.name(true), Some("a:b_9"));
        assert!(cursor.take('{'));
        assert_eq!(Cursor::new("9a").name(true), None);
        assert_eq!(Cursor::new(":a").name(false), None);
        assert_eq!(Cursor::new("é").name(true), None);
    }

    #[test]
    fn quoted_texts_are_read_with_their_escapes() {
        let mut cursor = Cursor::new(r#""a\"b\\c\nd é",x"#);
        assert_eq!(cursor.quoted().as_deref(), Some("a\"b\\c\nd é"));
        assert_eq!(cursor.rest(), ",x");
        for wrong in ["\"a", r#""a\"#, r#""\d""#, "a"] {
            assert_eq!(Cursor::new(wrong).quoted(), None, "{wrong}");
        }
    }
}
