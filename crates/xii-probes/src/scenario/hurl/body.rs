//! Bodies: JSON, XML, text, bytes and files.

use super::cursor::{Cursor, Read};
use super::{json, text, xml};
use crate::scenario::plan::Payload;
use crate::scenario::template::Template;

/// A body, if one comes next.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Read<Option<Payload>> {
    let before = cursor.at;
    cursor.blank();
    let body = if cursor.rest().starts_with("```") {
        Some(fenced(cursor)?)
    } else if cursor.peek() == Some('`') {
        Some(Payload::Text(text::backquoted(cursor)?))
    } else if cursor.peek() == Some('<') {
        Some(Payload::Xml(xml::document(cursor)?))
    } else if let Some(body) = outside(cursor)? {
        Some(body)
    } else {
        json::value(cursor)?.map(Payload::Json)
    };
    match body {
        Some(body) => {
            cursor.end_of_line()?;
            Ok(Some(body))
        }
        None => {
            cursor.at = before;
            Ok(None)
        }
    }
}

/// `base64,…;`, `hex,…;` or `file,…;`, if one comes next.
pub(super) fn outside(cursor: &mut Cursor<'_>) -> Read<Option<Payload>> {
    let from = cursor.at;
    if cursor.take("base64,") {
        let digits = cursor.while_is(|char| {
            char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '=') || char.is_whitespace()
        });
        let digits: String = digits
            .chars()
            .filter(|char| !char.is_whitespace() && *char != '=')
            .collect();
        let bytes = data_encoding::BASE64_NOPAD.decode(digits.as_bytes());
        return match bytes {
            Ok(bytes) if cursor.take(";") => Ok(Some(Payload::Bytes(bytes))),
            _ => cursor.wrong("this is no base64 that `;` closes", from),
        };
    }
    if cursor.take("hex,") {
        cursor.while_is(char::is_whitespace);
        let digits = cursor.while_is(|char| char.is_ascii_hexdigit());
        cursor.while_is(char::is_whitespace);
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
        return match bytes {
            Ok(bytes) if cursor.take(";") => Ok(Some(Payload::Bytes(bytes))),
            _ => cursor.wrong("these are no bytes in hexadecimal that `;` closes", from),
        };
    }
    if cursor.take("file,") {
        return Ok(Some(Payload::File(text::file(cursor)?)));
    }
    Ok(None)
}

/// Text between three backquotes, with what it is behind the first ones.
pub(super) fn fenced(cursor: &mut Cursor<'_>) -> Read<Payload> {
    let from = cursor.at;
    cursor.take("```");
    let hint_at = cursor.at;
    let before_hint = cursor.at;
    let hint = cursor.while_is(|char| char.is_ascii_alphanumeric());
    cursor.spaces();
    let has_lines = cursor.take("\n") || cursor.take("\r\n");
    let hint = if has_lines {
        hint
    } else {
        // All on one line: there is no hint.
        cursor.at = before_hint;
        ""
    };
    let mut content = Template::default();
    loop {
        if cursor.take("```") {
            break;
        }
        if hint != "raw"
            && let Some(hole) = text::hole(cursor)?
        {
            content.push_hole(hole);
            continue;
        }
        match cursor.next() {
            Some('\n') if !has_lines => {
                return cursor.wrong(
                    "three backquotes and the line's end are expected here",
                    from,
                );
            }
            Some(char) => content.push_char(char),
            None => return cursor.wrong("this text is not closed by three backquotes", from),
        }
    }
    Ok(match hint {
        "" | "raw" => Payload::Text(content),
        "json" => Payload::Json(content),
        "xml" => Payload::Xml(content),
        "graphql" => {
            cursor.not_supported("a body of GraphQL (write it as JSON)", hint_at);
            Payload::Text(content)
        }
        _ => return cursor.wrong("`json`, `xml` or `raw` is expected here", hint_at),
    })
}
