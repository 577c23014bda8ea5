//! The place in a text that is being read.

use std::cell::Cell;

use xii_model::grammar::Malformed;

/// The most that is not supported which is told of at once.
const MOST: usize = 20;

/// Why a file could not be read: what is no Hurl, or all that is Hurl and not supported here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Unreadable(pub Vec<String>);

/// The place in a text that is being read.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// What is Hurl, and not supported.
    pub(super) unsupported: Vec<Malformed>,
    /// A place, and its line: lines are counted once.
    counted: Cell<(usize, usize)>,
}

/// What a part of the grammar gives.
pub(super) type Read<T> = Result<T, Malformed>;

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Cursor {
            text,
            at: 0,
            unsupported: Vec::new(),
            counted: Cell::new((0, 1)),
        }
    }

    /// What is still to be read.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    /// Takes these words if they come next.
    pub(super) fn take(&mut self, words: &str) -> bool {
        let found = self.rest().starts_with(words);
        if found {
            self.at += words.len();
        }
        found
    }

    /// Takes this word if it comes next and ends there.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek_word() == word;
        if found {
            self.at += word.len();
        }
        found
    }

    /// The letters and digits that come next.
    pub(super) fn peek_word(&self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|char: char| !char.is_ascii_alphanumeric());
        &rest[..end.unwrap_or(rest.len())]
    }

    pub(super) fn while_is(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|char| !fits(char)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    pub(super) fn spaces(&mut self) -> bool {
        !self.while_is(|char| matches!(char, ' ' | '\t')).is_empty()
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// An error at this place.
    pub(super) fn expected<T>(&self, what: &str) -> Read<T> {
        self.wrong(format!("{what} is expected here"), self.at)
    }

    pub(super) fn wrong<T>(&self, message: impl Into<String>, at: usize) -> Read<T> {
        Err(Malformed::new(message, at, self.text))
    }

    /// Notes what is Hurl and not supported; the reading goes on.
    pub(super) fn not_supported(&mut self, what: &str, at: usize) {
        if self.unsupported.len() < MOST {
            let message = format!("{what} is not supported: leave it out");
            self.unsupported
                .push(Malformed::new(message, at, self.text));
        }
    }

    /// The line of a place.
    pub(super) fn line_of(&self, at: usize) -> usize {
        let (from, line) = match self.counted.get() {
            (from, line) if from <= at => (from, line),
            _ => (0, 1),
        };
        let between = self.text.as_bytes().get(from..at).unwrap_or_default();
        let line = line + between.iter().filter(|byte| **byte == b'\n').count();
        self.counted.set((at, line));
        line
    }

    /// The rest of a line: spaces, a comment, the line's end.
    pub(super) fn end_of_line(&mut self) -> Read<()> {
        self.spaces();
        if self.peek() == Some('#') {
            self.while_is(|char| char != '\n');
        }
        if self.is_end() || self.take("\n") || self.take("\r\n") {
            return Ok(());
        }
        self.expected("the line's end")
    }

    /// Empty lines and comments, and the spaces before what follows them.
    pub(super) fn blank(&mut self) {
        loop {
            self.while_is(char::is_whitespace);
            if self.peek() != Some('#') {
                return;
            }
            self.while_is(|char| char != '\n');
        }
    }
}
