use std::ops::Range;

use super::quoted::{interpolates, quoted};
use crate::grammar::{
    MAX_ERRORS, MAX_VALUES, Malformed, comment_in, line_at, split_byte_order_mark, trimmed,
};

/// What a `.env` file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DotEnv {
    /// The assignments, in the order they are written. A key may occur twice.
    pub entries: Vec<DotEnvEntry>,
    /// One error for each line that is not in the grammar, in order.
    pub errors: Vec<Malformed>,
}

/// One assignment of a `.env` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotEnvEntry {
    /// The name of the variable.
    pub key: String,
    /// The value without its quotes and with its escapes resolved. Variables in
    /// it (`$A`, `${A}`) are left as they are.
    pub value: String,
    /// Bytes of the source text that the key takes up.
    pub key_span: Range<usize>,
    /// Bytes that the value takes up, quotes included; empty after the equals
    /// sign if there is no value.
    pub value_span: Range<usize>,
    /// The comment lines right above, then the comment behind the value, one a
    /// line, each without its `#` and the space after it.
    pub comment: Option<String>,
    /// Whether `export` stands before the key.
    pub exported: bool,
    /// Whether a variable in the value would be replaced: it has `$A` or `${A}`
    /// outside single quotes and not escaped.
    pub interpolates: bool,
}

/// Reads a `.env` file as it is written, for who audits it; [`variables`](super::variables) gives a
/// process its values.
///
/// There is no standard. This grammar is what the readers for Node, Python, Ruby
/// and Compose have in common:
///
/// ```text
/// file       = line*
/// line       = [ assignment ] [ comment ]
/// assignment = [ "export" space ] key "=" value      spaces may stand around "="
/// key        = ( letter | "_" ) ( letter | digit | "_" | "." | "-" )*
/// value      = "'" verbatim "'"                      may hold line ends
///            | "`" verbatim "`"                      may hold line ends
///            | '"' text '"'                          may hold line ends; \n \r \t \" \\ \$ are escapes,
///                                                    a backslash before anything else stays
///            | text                                  up to the line end or a comment, trimmed
/// comment    = "#" text                              at the start of a line or after white space
/// ```
///
/// Anything else is an error at its place, and reading goes on with the next
/// line. A quote that is never closed, or whose closing quote is followed by more
/// text, is taken to be an error of the line it opens on. After
/// [`MAX_ERRORS`] errors reading stops, and the last error says so.
pub fn dotenv(text: &str) -> DotEnv {
    let (start, _) = split_byte_order_mark(text);
    let mut reader = Reader {
        text,
        read: DotEnv::default(),
        comments: Vec::new(),
    };
    let mut next = start;
    while next < text.len() {
        if reader.read.entries.len() >= MAX_VALUES {
            let message = format!("the file holds more than {MAX_VALUES} values");
            reader.read.errors.push(Malformed::new(message, next, text));
            break;
        }
        if reader.read.errors.len() >= MAX_ERRORS {
            let message = "too many lines are not assignments, the rest was not read";
            reader.read.errors.push(Malformed::new(message, next, text));
            break;
        }
        next = reader.line(next);
    }
    reader.read
}

struct Reader<'a> {
    text: &'a str,
    read: DotEnv,
    /// Comment lines since the last line that was something else.
    comments: Vec<&'a str>,
}

/// A value and where the rest of its line begins.
struct Found {
    value: String,
    span: Range<usize>,
    interpolates: bool,
    end: usize,
}

impl<'a> Reader<'a> {
    /// Reads what starts at `start` and gives the start of the next line.
    fn line(&mut self, start: usize) -> usize {
        let (line, next) = line_at(self.text, start);
        let content = trimmed(self.text, line.clone());
        let inner = self.slice(content.clone());
        if let Some(comment) = inner.strip_prefix('#') {
            self.comments.push(comment_text(comment));
            return next;
        }
        let comments = std::mem::take(&mut self.comments);
        if inner.is_empty() {
            return next;
        }
        match self.assignment(content.start..line.end, comments) {
            Ok((entry, end)) => {
                self.read.entries.push(entry);
                line_at(self.text, end).1
            }
            Err(error) => {
                self.read.errors.push(error);
                next
            }
        }
    }

    fn assignment(
        &self,
        line: Range<usize>,
        mut comments: Vec<&'a str>,
    ) -> Result<(DotEnvEntry, usize), Malformed> {
        let (exported, key_start) = self.skip_export(&line);
        let rest = self.slice(key_start..line.end);
        let length = rest.find(|next| !in_key(next)).unwrap_or(rest.len());
        let key = rest.get(..length).unwrap_or_default();
        if !key.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic()) {
            let message = "this is neither an assignment nor a comment";
            return Err(Malformed::new(message, key_start, self.text));
        }
        let key_span = key_start..key_start + length;
        let behind = self.slice(key_span.end..line.end);
        let Some(raw) = behind.trim_start().strip_prefix('=') else {
            let message = "there is no equals sign after the key";
            return Err(Malformed::new(message, key_span.end, self.text));
        };
        let found = self.value(line.end - raw.len()..line.end)?;
        let (rest, _) = line_at(self.text, found.end);
        let rest = self.slice(rest);
        match rest.trim_start().strip_prefix('#') {
            Some(comment) => comments.push(comment_text(comment)),
            None if rest.trim().is_empty() => {}
            None => {
                let message = "something follows the closing quote of a value";
                return Err(Malformed::new(message, found.end, self.text));
            }
        }
        let entry = DotEnvEntry {
            key: key.to_owned(),
            value: found.value,
            key_span,
            value_span: found.span,
            comment: (!comments.is_empty()).then(|| comments.join("\n")),
            exported,
            interpolates: found.interpolates,
        };
        Ok((entry, found.end))
    }

    fn skip_export(&self, line: &Range<usize>) -> (bool, usize) {
        let inner = self.slice(line.clone());
        let Some(rest) = inner.strip_prefix("export") else {
            return (false, line.start);
        };
        let key = rest.trim_start();
        // `export = 1` and `exported=1` assign to those names.
        if key.len() == rest.len() || key.starts_with('=') {
            return (false, line.start);
        }
        (true, line.end - key.len())
    }

    /// The value that starts in `raw`, what follows the equals sign on its line.
    fn value(&self, raw: Range<usize>) -> Result<Found, Malformed> {
        let place = trimmed(self.text, raw.clone());
        let inner = self.slice(place.clone());
        if let Some(quote @ ('\'' | '"' | '`')) = inner.chars().next() {
            let Some(found) = quoted(self.slice(place.start..self.text.len()), quote) else {
                let message = "the quote that opens the value is never closed";
                return Err(Malformed::new(message, place.start, self.text));
            };
            let end = place.start + found.length;
            return Ok(Found {
                value: found.value,
                span: place.start..end,
                interpolates: found.interpolates,
                end,
            });
        }
        let whole = self.slice(raw.clone());
        let end = comment_in(whole, &['#']).map_or(raw.end, |comment| raw.start + comment);
        let span = trimmed(self.text, raw.start..end);
        let value = self.slice(span.clone()).to_owned();
        Ok(Found {
            interpolates: interpolates(&value),
            value,
            span,
            end,
        })
    }

    fn slice(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }
}

fn in_key(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-')
}

fn comment_text(comment: &str) -> &str {
    comment.strip_prefix(' ').unwrap_or(comment).trim_end()
}
