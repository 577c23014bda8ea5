//! A document of XML with holes: only where it ends matters.

use super::cursor::{Cursor, Read};
use super::text;
use crate::scenario::template::Template;

/// A document of XML, to the end of its outermost element.
pub(super) fn document(cursor: &mut Cursor<'_>) -> Read<Template> {
    let from = cursor.at;
    let unclosed = "this XML does not end";
    let mut out = Template::default();
    let mut depth = 0usize;
    loop {
        if let Some(hole) = text::hole(cursor)? {
            out.push_hole(hole);
            continue;
        }
        let spans = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        let span = spans
            .iter()
            .find(|(open, _)| cursor.rest().starts_with(open));
        if let Some((_, close)) = span {
            let Some(end) = cursor.rest().find(close) else {
                return cursor.wrong(unclosed, from);
            };
            copy(cursor, &mut out, end + close.len());
            continue;
        }
        match cursor.peek() {
            None => return cursor.wrong(unclosed, from),
            Some('<') => match tag(cursor, &mut out)? {
                Tag::Opens => depth += 1,
                Tag::Closes if depth == 0 => {
                    return cursor.wrong("this XML closes what it did not open", from);
                }
                Tag::Closes => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(out);
                    }
                }
                Tag::Empty if depth == 0 => return Ok(out),
                Tag::Empty | Tag::Declares => {}
            },
            Some(char) if depth == 0 && !char.is_whitespace() => {
                return cursor.expected("an element of XML");
            }
            Some(_) => copy(cursor, &mut out, 1),
        }
    }
}

enum Tag {
    Opens,
    Closes,
    Empty,
    Declares,
}

/// A tag, with the quotes of its attributes.
fn tag(cursor: &mut Cursor<'_>, out: &mut Template) -> Read<Tag> {
    let from = cursor.at;
    let closes = cursor.rest().starts_with("</");
    let declares = cursor.rest().starts_with("<!");
    let mut quote = None;
    let mut last = ' ';
    loop {
        if let Some(hole) = text::hole(cursor)? {
            out.push_hole(hole);
            continue;
        }
        let Some(char) = cursor.next() else {
            return cursor.wrong("this tag is not closed", from);
        };
        out.push_char(char);
        match (char, quote) {
            ('"' | '\'', None) => quote = Some(char),
            (char, Some(open)) if char == open => quote = None,
            ('>', None) => {
                return Ok(match (closes, declares, last) {
                    (true, _, _) => Tag::Closes,
                    (_, true, _) => Tag::Declares,
                    (_, _, '/') => Tag::Empty,
                    _ => Tag::Opens,
                });
            }
            _ => {}
        }
        last = char;
    }
}

/// Takes over what begins here, at least so many bytes of it, to a whole character.
fn copy(cursor: &mut Cursor<'_>, out: &mut Template, bytes: usize) {
    let end = cursor.at + bytes;
    while cursor.at < end {
        match cursor.next() {
            Some(char) => out.push_char(char),
            None => return,
        }
    }
}
