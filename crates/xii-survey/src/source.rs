//! A file as it is being read: its text, and the making of evidence from it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use xii_model::{Evidence, Fact, Facts, FileClass, Scope, Unread};

use crate::mask;
use crate::position::{Lines, floor};

/// The most lines that an excerpt shows.
const EXCERPT_LINES: u32 = 5;
/// The most characters of a line that an excerpt shows.
const EXCERPT_COLUMNS: usize = 200;

/// A file as it is being read.
///
/// All evidence is made here, and here it is redacted: what a secret's format or its name gives
/// away is masked in every excerpt, and a reader may mask more.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// Path below the audited folder, with forward slashes.
    pub(crate) path: &'a Arc<str>,
    /// The whole text.
    pub(crate) text: &'a str,
    /// What the file is for.
    pub(crate) class: FileClass,
    /// Whether git tracks it; `None` outside git.
    pub(crate) tracked: Option<bool>,
    lines: Lines,
    /// What readers mask, by line.
    masked: RefCell<HashMap<u32, Vec<Range<usize>>>>,
    /// The line that was shown last: a file may have all its facts on one long line.
    shown: RefCell<Option<(u32, Box<str>)>>,
}

impl<'a> Source<'a> {
    /// Wraps a file's text.
    pub(crate) fn new(
        path: &'a Arc<str>,
        text: &'a str,
        class: FileClass,
        tracked: Option<bool>,
    ) -> Self {
        Source {
            path,
            text,
            class,
            tracked,
            lines: Lines::default(),
            masked: RefCell::default(),
            shown: RefCell::default(),
        }
    }

    /// The file's name, without folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// The folder below the audited one; empty for the audited folder itself.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Keeps these bytes out of every excerpt made from now on.
    pub(crate) fn mask(&self, bytes: Range<usize>) {
        let first = self.lines.line(self.text, bytes.start);
        let last = self.lines.line(self.text, bytes.end.max(bytes.start));
        let mut masked = self.masked.borrow_mut();
        for line in first..=last {
            let spans = masked.entry(line).or_default();
            if spans.last() != Some(&bytes) {
                spans.push(bytes.clone());
            }
        }
        *self.shown.borrow_mut() = None;
    }

    /// Evidence for these bytes.
    pub(crate) fn evidence(&self, bytes: Range<usize>) -> Evidence {
        let start = self.lines.position(self.text, bytes.start);
        let mut end = self.lines.position(self.text, bytes.end.max(bytes.start));
        let last = end.line.min(start.line + EXCERPT_LINES - 1);
        if last < end.line {
            end.line = last;
            end.column = u32::MAX;
        }
        let mut excerpt = String::new();
        for line in start.line..=last {
            let shown = self.shown(line);
            let width = shown.chars().count();
            if line > start.line {
                excerpt.push('\n');
            }
            excerpt.push_str(&shown);
            if line == end.line {
                let edge = u32::try_from(width + 1).unwrap_or(u32::MAX);
                end.column = end.column.min(edge);
            }
        }
        if excerpt.is_empty() {
            // An empty line would read as "the whole file".
            excerpt.push(' ');
        }
        Evidence {
            path: Arc::clone(self.path),
            start,
            end,
            excerpt: excerpt.into(),
        }
    }

    /// The beginning of a line (from 1), masked, as an excerpt shows it.
    fn shown(&self, line: u32) -> Box<str> {
        if let Some((last, text)) = &*self.shown.borrow()
            && *last == line
        {
            return text.clone();
        }
        let range = self.lines.range(self.text, line as usize - 1);
        let masked = self.masked.borrow();
        let masked = masked.get(&line).map(Vec::as_slice).unwrap_or_default();
        let text: Box<str> = mask::line(self.text, range, masked, EXCERPT_COLUMNS).into();
        *self.shown.borrow_mut() = Some((line, text.clone()));
        text
    }

    /// Evidence that is the file as a whole.
    pub(crate) fn whole(&self) -> Evidence {
        Evidence::file(Arc::clone(self.path))
    }

    /// A fact read at these bytes.
    pub(crate) fn fact<T>(&self, bytes: Range<usize>, what: T) -> Fact<T> {
        self.fact_at(self.evidence(bytes), what)
    }

    /// A fact about the file as a whole.
    pub(crate) fn fact_of_file<T>(&self, what: T) -> Fact<T> {
        self.fact_at(self.whole(), what)
    }

    /// A fact with evidence that was made before.
    pub(crate) fn fact_at<T>(&self, at: Evidence, what: T) -> Fact<T> {
        let scope = Scope {
            class: self.class,
            top_level: true,
            ..Scope::default()
        };
        Fact {
            at,
            scope,
            belongs: None,
            what,
        }
    }

    /// Says that a part of the file could not be understood. `why` never quotes the text.
    pub(crate) fn unread(&self, facts: &mut Facts, offset: usize, why: impl Into<String>) {
        let offset = floor(self.text, offset);
        facts
            .unread
            .push(self.fact(offset..offset, Unread { why: why.into() }));
    }

    /// The text without its secrets, for a fact that quotes a command or a value.
    pub(crate) fn redacted(&self, text: &str) -> String {
        mask::text(text)
    }
}
