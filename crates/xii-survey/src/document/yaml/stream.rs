use saphyr_parser::{Parser, ScanError};
use xii_model::grammar::split_byte_order_mark;

use super::builder::Builder;
use super::offsets::Offsets;
use crate::document::{Malformed, Node};

/// Reads every document of a YAML stream.
///
/// Gives the documents before the first error, and the error. Aliases and merge
/// keys (`<<`) are resolved; tags are ignored; scalars are typed by the core
/// schema of YAML 1.2. A key that is itself a list or a map is an error.
///
/// An alias may name only an anchor of its own document, and one whose value is
/// complete. What all aliases of the stream copy is bounded by
/// [`MAX_ALIAS_VALUES`](crate::document::MAX_ALIAS_VALUES) and
/// [`MAX_ALIAS_TEXT`](crate::document::MAX_ALIAS_TEXT).
pub fn yaml(text: &str) -> (Vec<Node>, Option<Malformed>) {
    // The parser takes a NUL for the end of the text and would drop the rest.
    if let Some(offset) = text.find('\0') {
        let error = Malformed::new("a NUL character is not allowed in YAML", offset, text);
        return (Vec::new(), Some(error));
    }
    let (skipped, body) = split_byte_order_mark(text);
    let offsets = Offsets::new(body);
    let mut builder = Builder::new(text);
    let mut parser = Parser::new_from_str(body);
    while let Some(next) = parser.next_event() {
        let result = match next {
            Ok((event, span)) => {
                let start = skipped + offsets.byte(span.start.index());
                let end = skipped + offsets.byte(span.end.index());
                builder.event(event, start..end.max(start))
            }
            Err(error) => {
                let offset = skipped + offsets.byte(error.marker().index());
                Err(Malformed::new(describe(&error), offset, text))
            }
        };
        if let Err(error) = result {
            return (builder.documents(), Some(error));
        }
    }
    (builder.documents(), None)
}

/// The parser's reason, unless it names what it found.
fn describe(error: &ScanError) -> String {
    let reason = error.info();
    if reason.contains('`') {
        "this is not YAML: unexpected character".to_owned()
    } else {
        format!("this is not YAML: {reason}")
    }
}
