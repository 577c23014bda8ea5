use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, ScalarStyle};

use super::merge::{can_merge, merge};
use super::places::{first_dash, lines_of_block, quoted, without_properties};
use super::scalar;
use crate::document::limits::{too_deep, too_many};
use crate::document::{
    Entry, MAX_ALIAS_TEXT, MAX_ALIAS_VALUES, MAX_DEPTH, MAX_VALUES, Malformed, Map, Node, Value,
};

/// Makes trees of events. It keeps its own stack, so depth costs no recursion.
pub(super) struct Builder<'a> {
    text: &'a str,
    documents: Vec<Node>,
    root: Option<Node>,
    open: Vec<Frame>,
    anchors: HashMap<usize, Anchored>,
    /// Without an asterisk there is no alias, and anchored values need not be kept.
    has_aliases: bool,
    values: usize,
    copied: Size,
}

/// A list or map whose end has not been reached.
struct Frame {
    start: usize,
    /// Where the last key or value in it ends; an alias ends where it is written.
    end: usize,
    anchor: usize,
    size: Size,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        key: Option<Key>,
        /// Values of merge keys, in the order they are written.
        merged: Vec<Node>,
    },
}

struct Key {
    text: String,
    span: Range<usize>,
    /// Where the key, or the alias in its place, ends.
    end: usize,
    merges: bool,
}

/// How much a value is, with everything in it.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    values: usize,
    text: usize,
    /// Lists and maps on the longest way down; 0 for a scalar.
    depth: usize,
}

enum Anchored {
    Kept(Node, Size),
    /// Larger than all aliases together may copy.
    TooLarge,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            documents: Vec::new(),
            root: None,
            open: Vec::new(),
            anchors: HashMap::new(),
            has_aliases: text.contains('*'),
            values: 0,
            copied: Size::default(),
        }
    }

    /// The documents whose end was reached.
    pub(super) fn documents(self) -> Vec<Node> {
        self.documents
    }

    /// Takes the next event; `span` is in bytes.
    pub(super) fn event(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Malformed> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {
                Ok(())
            }
            Event::DocumentEnd => {
                self.documents.extend(self.root.take());
                self.anchors.clear();
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Scalar(value, style, anchor, tag) => {
                let bare = anchor == 0 && tag.is_none();
                self.scalar(value, style, anchor, self.place(span, bare))
            }
            Event::SequenceStart(anchor, tag) => {
                let mut start = self.place(span, anchor == 0 && tag.is_none()).start;
                let parent = self.open.last().map(|frame| &frame.kind);
                if matches!(parent, Some(Kind::Map { .. })) {
                    start = first_dash(self.text, start);
                }
                self.open(Kind::List(Vec::new()), anchor, start)
            }
            Event::MappingStart(anchor, tag) => {
                let place = self.place(span, anchor == 0 && tag.is_none());
                let kind = Kind::Map {
                    entries: Vec::new(),
                    key: None,
                    merged: Vec::new(),
                };
                self.open(kind, anchor, place.start)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
        }
    }

    fn place(&self, span: Range<usize>, bare: bool) -> Range<usize> {
        if bare {
            span
        } else {
            without_properties(self.text, span)
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        span: Range<usize>,
    ) -> Result<(), Malformed> {
        self.count(1, span.start)?;
        let span = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => lines_of_block(self.text, span),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => quoted(self.text, span),
            ScalarStyle::Plain if span.is_empty() => self.nothing(span),
            _ => span,
        };
        if self.wants_key() {
            return self.scalar_key(text.into_owned(), style, anchor, span);
        }
        let size = Size {
            values: 1,
            text: text.len(),
            depth: 0,
        };
        let value = match style {
            ScalarStyle::Plain => scalar::plain(&text),
            _ => Value::String(text.into_owned()),
        };
        let end = span.end;
        let node = Node { span, value };
        self.remember(anchor, &node, size);
        self.put(node, size, end);
        Ok(())
    }

    /// The place of a value that is not there: after the colon of its key. The
    /// parser puts it at whatever follows, which may be lines below.
    fn nothing(&self, span: Range<usize>) -> Range<usize> {
        let place = match self.open.last().map(|frame| &frame.kind) {
            Some(Kind::Map { key: Some(key), .. }) => self
                .text
                .get(key.end..span.start)
                .and_then(|between| between.find(':'))
                .map(|colon| key.end + colon + 1),
            _ => None,
        };
        let place = place.unwrap_or(span.start);
        place..place
    }

    fn scalar_key(
        &mut self,
        text: String,
        style: ScalarStyle,
        anchor: usize,
        span: Range<usize>,
    ) -> Result<(), Malformed> {
        let size = Size {
            values: 1,
            text: text.len(),
            depth: 0,
        };
        if anchor != 0 {
            let value = match style {
                ScalarStyle::Plain => scalar::plain(&text),
                _ => Value::String(text.clone()),
            };
            let span = span.clone();
            self.remember(anchor, &Node { span, value }, size);
        }
        let merges = style == ScalarStyle::Plain && text == "<<";
        let token = span.clone();
        let end = span.end;
        let key = Key {
            text,
            span,
            end,
            merges,
        };
        self.put_key(key, size, token);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, token: Range<usize>) -> Result<(), Malformed> {
        let offset = token.start;
        let (node, size) = match self.anchors.get(&anchor) {
            Some(Anchored::Kept(node, size)) => (node, *size),
            Some(Anchored::TooLarge) => return Err(self.copies_too_much(offset)),
            None => {
                let message = "an alias stands inside the value it names, \
                               or names an anchor of another document";
                return Err(Malformed::new(message, offset, self.text));
            }
        };
        self.copied.values += size.values;
        self.copied.text += size.text;
        if self.copied.values > MAX_ALIAS_VALUES || self.copied.text > MAX_ALIAS_TEXT {
            return Err(self.copies_too_much(offset));
        }
        if self.open.len() + size.depth > MAX_DEPTH {
            return Err(too_deep(offset, self.text));
        }
        let node = node.clone();
        self.count(size.values, offset)?;
        if !self.wants_key() {
            self.put(node, size, token.end);
            return Ok(());
        }
        let Some(text) = node.as_text() else {
            return Err(self.key_is_no_scalar(offset));
        };
        let key = Key {
            text: text.into_owned(),
            span: node.span,
            end: token.end,
            merges: false,
        };
        self.put_key(key, size, token);
        Ok(())
    }

    fn open(&mut self, kind: Kind, anchor: usize, start: usize) -> Result<(), Malformed> {
        self.count(1, start)?;
        if self.wants_key() {
            return Err(self.key_is_no_scalar(start));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(start, self.text));
        }
        self.open.push(Frame {
            start,
            end: start,
            anchor,
            size: Size {
                values: 1,
                text: 0,
                depth: 1,
            },
            kind,
        });
        Ok(())
    }

    fn close(&mut self, end: Range<usize>) -> Result<(), Malformed> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        // Only `]` and `}` take up room; a block ends where its last value does.
        let end = if end.is_empty() { frame.end } else { end.end };
        let value = match frame.kind {
            Kind::List(items) => Value::List(items),
            Kind::Map {
                mut entries,
                merged,
                ..
            } => {
                merge(&mut entries, merged);
                Value::Map(Map::new(entries))
            }
        };
        let node = Node {
            span: frame.start..end,
            value,
        };
        self.remember(frame.anchor, &node, frame.size);
        self.put(node, frame.size, end);
        Ok(())
    }

    fn wants_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Frame {
                kind: Kind::Map { key: None, .. },
                ..
            })
        )
    }

    fn put_key(&mut self, new: Key, size: Size, token: Range<usize>) {
        if let Some(frame) = self.open.last_mut() {
            frame.size.add(size);
            frame.end = frame.end.max(token.end);
            if let Kind::Map { key, .. } = &mut frame.kind {
                *key = Some(new);
            }
        }
    }

    fn put(&mut self, node: Node, size: Size, end: usize) {
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.size.add(size);
        frame.end = frame.end.max(end);
        match &mut frame.kind {
            Kind::List(items) => items.push(node),
            Kind::Map {
                entries,
                key,
                merged,
            } => {
                if let Some(key) = key.take() {
                    if key.merges && can_merge(&node) {
                        merged.push(node);
                    } else {
                        entries.push(Entry {
                            key: key.text,
                            key_span: key.span,
                            value: node,
                        });
                    }
                }
            }
        }
    }

    fn remember(&mut self, anchor: usize, node: &Node, size: Size) {
        if anchor == 0 || !self.has_aliases {
            return;
        }
        let fits = size.values <= MAX_ALIAS_VALUES && size.text <= MAX_ALIAS_TEXT;
        let anchored = if fits {
            Anchored::Kept(node.clone(), size)
        } else {
            Anchored::TooLarge
        };
        self.anchors.insert(anchor, anchored);
    }

    fn count(&mut self, values: usize, offset: usize) -> Result<(), Malformed> {
        self.values += values;
        if self.values > MAX_VALUES {
            return Err(too_many(offset, self.text));
        }
        Ok(())
    }

    fn copies_too_much(&self, offset: usize) -> Malformed {
        let message = format!(
            "aliases copy more than {MAX_ALIAS_VALUES} values or {MAX_ALIAS_TEXT} bytes of text"
        );
        Malformed::new(message, offset, self.text)
    }

    fn key_is_no_scalar(&self, offset: usize) -> Malformed {
        let message = "a key is a list or a map, which is not supported";
        Malformed::new(message, offset, self.text)
    }
}

impl Size {
    fn add(&mut self, inner: Size) {
        self.values += inner.values;
        self.text += inner.text;
        self.depth = self.depth.max(inner.depth + 1);
    }
}
