use std::ops::Range;

use toml_edit::{Document, Item, TableLike, TomlError};
use xii_model::grammar::split_byte_order_mark;

use super::nesting::too_deep_at;
use crate::document::limits::{too_deep, too_many};
use crate::document::{Entry, MAX_DEPTH, MAX_VALUES, Malformed, Map, Node, Value};

/// Reads TOML. Dates and times are strings, as they are written.
///
/// The document's span is the whole text. The span of a table with a header is
/// the header and the lines under it, without the tables under it that have
/// their own; of a table that only other names imply, as `a` in `a.b = 1`, from
/// its first entry to its last.
///
/// # Errors
///
/// The first thing that is not TOML, or an exceeded bound.
pub fn toml(text: &str) -> Result<Node, Malformed> {
    let (skipped, body) = split_byte_order_mark(text);
    if let Some(offset) = too_deep_at(body) {
        return Err(too_deep(skipped + offset, text));
    }
    let document = Document::parse(body).map_err(|error| describe(&error, skipped, text))?;
    let mut conversion = Conversion {
        text,
        skipped,
        values: 0,
    };
    let mut root = conversion.table(document.as_table(), Header::Span(0..0), 1)?;
    root.span = skipped..text.len();
    Ok(root)
}

struct Conversion<'a> {
    text: &'a str,
    skipped: usize,
    values: usize,
}

/// What a table has of its own, besides its entries.
enum Header {
    /// `[a]`: the table goes on to the end of its lines.
    Line(Range<usize>),
    /// `{ … }`, or the whole document.
    Span(Range<usize>),
    /// Nothing but the key at this place.
    Implied(Range<usize>),
}

impl Conversion<'_> {
    /// Recursion goes no deeper than `MAX_DEPTH`: lists and maps check it first.
    fn item(&mut self, item: &Item, key: &Range<usize>, depth: usize) -> Result<Node, Malformed> {
        let place = item
            .span()
            .map_or_else(|| key.clone(), |span| self.place(span));
        match item {
            Item::Table(table) => self.table(table, self.header(table, key), depth),
            Item::ArrayOfTables(tables) => {
                self.enter(place.start, depth)?;
                let mut items = Vec::new();
                for table in tables.iter() {
                    items.push(self.table(table, self.header(table, key), depth + 1)?);
                }
                let span = cover(items.iter().map(|item| item.span.clone()));
                Ok(Node {
                    span: span.unwrap_or(place),
                    value: Value::List(items),
                })
            }
            Item::Value(value) => self.value(value, place, key, depth),
            Item::None => Ok(Node {
                span: place,
                value: Value::Null,
            }),
        }
    }

    fn value(
        &mut self,
        value: &toml_edit::Value,
        span: Range<usize>,
        key: &Range<usize>,
        depth: usize,
    ) -> Result<Node, Malformed> {
        use toml_edit::Value as Toml;
        let written = |text: &str| text.get(span.clone()).unwrap_or_default().to_owned();
        let value = match value {
            Toml::String(text) => Value::String(text.value().clone()),
            Toml::Integer(_) | Toml::Float(_) => Value::Number(written(self.text)),
            Toml::Boolean(value) => Value::Bool(*value.value()),
            Toml::Datetime(_) => Value::String(written(self.text)),
            Toml::Array(array) => {
                self.enter(span.start, depth)?;
                let mut items = Vec::new();
                for item in array.iter() {
                    let place = item.span().map_or(span.clone(), |span| self.place(span));
                    items.push(self.value(item, place.clone(), &place, depth + 1)?);
                }
                return Ok(Node {
                    span,
                    value: Value::List(items),
                });
            }
            Toml::InlineTable(table) => {
                let header = if table.is_dotted() {
                    Header::Implied(key.clone())
                } else {
                    Header::Span(span)
                };
                return self.table(table, header, depth);
            }
        };
        self.count(span.start)?;
        Ok(Node { span, value })
    }

    fn header(&self, table: &toml_edit::Table, key: &Range<usize>) -> Header {
        match table.span() {
            Some(span) if !table.is_implicit() && !table.is_dotted() => {
                Header::Line(self.place(span))
            }
            _ => Header::Implied(key.clone()),
        }
    }

    fn table(
        &mut self,
        table: &dyn TableLike,
        header: Header,
        depth: usize,
    ) -> Result<Node, Malformed> {
        let (Header::Line(place) | Header::Span(place) | Header::Implied(place)) = &header;
        self.enter(place.start, depth)?;
        let mut entries = Vec::new();
        let mut lines = Vec::new();
        for (name, item) in table.iter() {
            let key_span = table
                .key(name)
                .and_then(|key| key.span())
                .map_or_else(|| place.clone(), |span| self.place(span));
            let value = self.item(item, &key_span, depth + 1)?;
            let has_header = match item {
                Item::Table(table) => !table.is_dotted(),
                Item::ArrayOfTables(_) => true,
                _ => false,
            };
            if !has_header || matches!(header, Header::Implied(_)) {
                lines.extend([key_span.clone(), value.span.clone()]);
            }
            entries.push(Entry {
                key: name.to_owned(),
                key_span,
                value,
            });
        }
        let span = match header {
            Header::Span(place) => place,
            Header::Line(place) => cover(lines.into_iter().chain([place.clone()])).unwrap_or(place),
            Header::Implied(place) => cover(lines.into_iter()).unwrap_or(place),
        };
        Ok(Node {
            span,
            value: Value::Map(Map::new(entries)),
        })
    }

    fn enter(&mut self, offset: usize, depth: usize) -> Result<(), Malformed> {
        if depth > MAX_DEPTH {
            return Err(too_deep(offset, self.text));
        }
        self.count(offset)
    }

    fn count(&mut self, offset: usize) -> Result<(), Malformed> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(too_many(offset, self.text));
        }
        Ok(())
    }

    fn place(&self, span: Range<usize>) -> Range<usize> {
        span.start + self.skipped..span.end + self.skipped
    }
}

/// The smallest range that holds all of `ranges`.
fn cover(ranges: impl Iterator<Item = Range<usize>>) -> Option<Range<usize>> {
    ranges.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
}

fn describe(error: &TomlError, skipped: usize, text: &str) -> Malformed {
    let offset = error.span().map_or(text.len(), |span| span.start + skipped);
    Malformed::new(
        format!("this is not TOML: {}", error.message()),
        offset,
        text,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::outline::{assert_sound, assert_sound_error, outline};

    #[test]
    fn every_kind_has_its_exact_place() {
        let text = "\u{feff}a.b = 1 # x\r\na.c = 1_000\n\n[t] # c\n\"é\" = 'q' # d\nd.e = 1979-05-27\n\n# lead\n\
                    [t.u.v]\ny = -1.5\n[z]\n[[l]]\nn = true\n[l.sub]\nm = \"\"\"\nx\\n\"\"\"\n[[l]]\nn = { a.b = 1, c = [1, {}] }\n";
        insta::assert_snapshot!(outline(text, &toml(text).unwrap()));
        let node = toml(text).unwrap();
        assert_eq!(node.at(&["a", "b"]).unwrap().span, 9..10);
        assert_eq!(node.at(&["a", "c"]).unwrap().as_i64(), Some(1000));
        assert_eq!(node.get("l").unwrap().items().len(), 2);
    }

    #[test]
    fn errors_say_where_and_never_quote() {
        for text in [
            "hunter2\n",
            "hunter2 = 1\nhunter2 = 2\n",
            "a = hunter2\n",
            "a = \"hunter2\n",
            "a = \"\\hunter2\"\n",
            "a = 19hunter2\n",
            "a = 2020-99-99hunter2\n",
            "a = 99999999999999999999\n",
            "hunter2 = 1\n[hunter2]\n",
            "hunter2 = 1\nhunter2.x = 1\n",
            "a = { hunter2 = 1, hunter2.b = 2 }\n",
            "[hunter2\n",
            "a = 'x' hunter2\n",
        ] {
            let error = toml(text).unwrap_err();
            assert!(error.message.starts_with("this is not TOML: "), "{error}");
            assert!(!error.message.contains("hunter2"), "{error}");
            assert!(!error.message.contains("99"), "{error}");
            assert!(!error.message.contains('\n'), "{error}");
            assert_sound_error(text, &error);
        }
        assert_eq!(toml("\u{feff}é = 1\nb = ]\n").unwrap_err().offset, 14);
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("a = {}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(toml(&nested(70)).is_ok());
        assert!(toml(&nested(1000)).is_err());
        let dotted = vec!["a"; 79].join(".");
        let product = vec![dotted; 79].join(" = { ") + " = 1" + &" }".repeat(78);
        let error = toml(&product).unwrap_err();
        assert_eq!(
            error.message,
            "lists and maps are nested more than 128 deep"
        );
        assert!(toml(&format!("[{}]", vec!["a"; 1000].join("."))).is_err());
        assert!(toml(&format!("{} = 1", vec!["a"; 1000].join("."))).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(?s:.|[\\[\\]{}\"',:#=.a1\\n\\r\\\\-]| = |\\na|\\n\\[a\\]\\n){0,60}") {
            match toml(&text) {
                Ok(node) => assert_sound(&text, &node),
                Err(error) => assert_sound_error(&text, &error),
            }
        }
    }
}
