use std::ops::Range;

use xii_model::grammar::{
    MAX_ERRORS, MAX_VALUES, comment_in, line_at, split_byte_order_mark, trimmed,
};

use super::{Ini, IniEntry, IniSection};
use crate::document::Malformed;
use crate::document::limits::too_many;

/// Reads an INI file as Python's `configparser` does: `supervisord.conf`,
/// `setup.cfg`, `alembic.ini`, `uwsgi.ini`.
///
/// ```text
/// file    = line*
/// line    = [ header | entry | comment ]
/// header  = "[" name "]" [ comment ]
/// entry   = key [ ( "=" | ":" ) value ]
/// comment = ( "#" | ";" ) text              a line of its own
/// ```
///
/// A line that is indented more than the key above it continues that key's
/// value, over empty lines and comments too. A comment behind a value is part of
/// the value: see [`IniEntry::without_comments`].
///
/// A header that is not closed and an entry without a key are errors; reading
/// goes on with the next line. After [`MAX_ERRORS`] errors reading stops, and the
/// last error says so.
pub fn ini(text: &str) -> Ini {
    let (mut next, _) = split_byte_order_mark(text);
    let mut reader = Reader {
        text,
        read: Ini::default(),
        indent: None,
        values: 0,
    };
    while next < text.len() {
        if reader.values >= MAX_VALUES {
            reader.read.errors.push(too_many(next, text));
            break;
        }
        if reader.read.errors.len() >= MAX_ERRORS {
            let message = "too many lines are neither entries nor headers, the rest was not read";
            reader.read.errors.push(Malformed::new(message, next, text));
            break;
        }
        let (line, after) = line_at(text, next);
        reader.line(line);
        next = after;
    }
    reader.read
}

struct Reader<'a> {
    text: &'a str,
    read: Ini,
    /// How far the key is indented whose value may go on; `None` after a header.
    indent: Option<usize>,
    values: usize,
}

impl Reader<'_> {
    fn line(&mut self, line: Range<usize>) {
        let content = trimmed(self.text, line.clone());
        let inner = self.slice(content.clone()).to_owned();
        if inner.is_empty() || inner.starts_with(['#', ';']) {
            return;
        }
        self.values += 1;
        let indent = content.start - line.start;
        if self.indent.is_some_and(|key| indent > key) {
            self.continuation(&inner, content);
        } else if inner.starts_with('[') {
            self.header(&inner, content.start);
        } else {
            self.entry(&inner, content, indent);
        }
    }

    fn continuation(&mut self, inner: &str, place: Range<usize>) {
        let section = self.read.sections.last_mut();
        if let Some(entry) = section.and_then(|section| section.entries.last_mut()) {
            let value = entry.value.get_or_insert_default();
            value.push('\n');
            value.push_str(inner);
            if entry.lines.is_empty() {
                entry.value_span = place.clone();
            } else {
                entry.value_span.end = place.end;
            }
            entry.lines.push(place);
        }
    }

    fn header(&mut self, inner: &str, start: usize) {
        self.indent = None;
        let end = comment_in(inner, &['#', ';']).unwrap_or(inner.len());
        let header = inner.get(..end).unwrap_or_default();
        let name = header
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let Some(name) = name else {
            let message = "a section header is not closed by a bracket";
            let error = Malformed::new(message, start, self.text);
            self.read.errors.push(error);
            return;
        };
        self.read.sections.push(IniSection {
            name: name.trim().to_owned(),
            span: start..start + end,
            entries: Vec::new(),
        });
    }

    fn entry(&mut self, inner: &str, place: Range<usize>, indent: usize) {
        let separator = inner.find(['=', ':']);
        let key = inner.get(..separator.unwrap_or(inner.len()));
        let key = key.unwrap_or_default().trim_end();
        if key.is_empty() {
            self.indent = None;
            let error = Malformed::new("an entry has no key", place.start, self.text);
            self.read.errors.push(error);
            return;
        }
        let key_span = place.start..place.start + key.len();
        let value_span = match separator {
            Some(separator) => trimmed(self.text, place.start + separator + 1..place.end),
            None => place.end..place.end,
        };
        let entry = IniEntry {
            key: key.to_owned(),
            key_span,
            value: separator.map(|_| self.slice(value_span.clone()).to_owned()),
            lines: if value_span.is_empty() {
                Vec::new()
            } else {
                vec![value_span.clone()]
            },
            value_span,
        };
        self.indent = Some(indent);
        if self.read.sections.is_empty() {
            self.read.sections.push(IniSection::default());
        }
        if let Some(section) = self.read.sections.last_mut() {
            section.entries.push(entry);
        }
    }

    fn slice(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }
}
