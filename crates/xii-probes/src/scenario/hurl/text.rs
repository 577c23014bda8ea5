//! Keys, values, quoted strings, file names, and the holes in them.

use super::cursor::{Cursor, Read};
use super::filter;
use crate::scenario::evaluate::compiled;
use crate::scenario::template::{Hole, Template};

/// A hole, if one comes next.
pub(super) fn hole(cursor: &mut Cursor<'_>) -> Read<Option<Hole>> {
    let from = cursor.at;
    if !cursor.take("{{") {
        return Ok(None);
    }
    cursor.spaces();
    let name = cursor.while_is(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-'));
    if name.is_empty() || !name.starts_with(|char: char| char.is_ascii_alphabetic()) {
        return cursor.wrong("a variable's name is expected in these braces", from);
    }
    let filters = filter::several(cursor)?;
    cursor.spaces();
    if !cursor.take("}}") {
        return cursor.wrong("the braces of this variable are not closed by `}}`", from);
    }
    Ok(Some(Hole {
        name: name.to_owned(),
        filters,
    }))
}

/// A key: letters, digits and some signs, escapes and holes. Nothing when none comes next.
pub(super) fn key(cursor: &mut Cursor<'_>) -> Read<Option<Template>> {
    if cursor.peek() == Some('[') {
        return Ok(None);
    }
    let mut key = Template::default();
    loop {
        // `{` alone begins a body of JSON, and so do braces that hold no name.
        let before = cursor.at;
        match hole(cursor) {
            Ok(Some(hole)) => {
                key.push_hole(hole);
                continue;
            }
            Err(wrong) if !key.is_empty() => return Err(wrong),
            Err(_) => {
                cursor.at = before;
                return Ok(None);
            }
            Ok(None) => {}
        }
        match cursor.peek() {
            Some('\\') => key.push_char(escaped(cursor, ":#/")?),
            Some(char)
                if char.is_alphanumeric()
                    || matches!(char, '_' | '-' | '.' | '[' | ']' | '@' | '$') =>
            {
                cursor.next();
                key.push_char(char);
            }
            _ => return Ok((!key.is_empty()).then_some(key)),
        }
    }
}

/// A value: what stands on the line before a comment, without the spaces around it.
pub(super) fn value(cursor: &mut Cursor<'_>) -> Read<Template> {
    let mut value = Template::default();
    loop {
        if let Some(hole) = hole(cursor)? {
            value.push_hole(hole);
            continue;
        }
        match cursor.peek() {
            None | Some('#' | '\n') => return Ok(value.trimmed()),
            Some('\r') if cursor.rest().starts_with("\r\n") => return Ok(value.trimmed()),
            Some('\\') => value.push_char(escaped(cursor, "#")?),
            Some(char) => {
                cursor.next();
                value.push_char(char);
            }
        }
    }
}

/// A string in quotes.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Read<Template> {
    let from = cursor.at;
    if !cursor.take("\"") {
        return cursor.expected("a string in quotes");
    }
    let mut text = Template::default();
    loop {
        if let Some(hole) = hole(cursor)? {
            text.push_hole(hole);
            continue;
        }
        match cursor.peek() {
            None => return cursor.wrong("this string is not closed", from),
            Some('"') => {
                cursor.next();
                return Ok(text);
            }
            Some('\\') => text.push_char(escaped(cursor, "\"")?),
            Some(char) => {
                cursor.next();
                text.push_char(char);
            }
        }
    }
}

/// A string in backquotes.
pub(super) fn backquoted(cursor: &mut Cursor<'_>) -> Read<Template> {
    let from = cursor.at;
    cursor.take("`");
    let mut text = Template::default();
    loop {
        if let Some(hole) = hole(cursor)? {
            text.push_hole(hole);
            continue;
        }
        match cursor.peek() {
            None | Some('\n') => {
                return cursor.wrong("this string is not closed on its line", from);
            }
            Some('`') => {
                cursor.next();
                return Ok(text);
            }
            Some('\\') => text.push_char(escaped(cursor, "`#")?),
            Some(char) => {
                cursor.next();
                text.push_char(char);
            }
        }
    }
}

/// What follows `file,`: the file's name, to the semicolon.
pub(super) fn file(cursor: &mut Cursor<'_>) -> Read<Template> {
    let from = cursor.at;
    cursor.spaces();
    let mut name = Template::default();
    loop {
        if let Some(hole) = hole(cursor)? {
            name.push_hole(hole);
            continue;
        }
        match cursor.peek() {
            Some(';') if !name.is_empty() => {
                cursor.next();
                return Ok(name.trimmed());
            }
            None | Some('#' | ';' | '\n') => {
                return cursor.wrong("a file's name and `;` are expected here", from);
            }
            Some('\\') => name.push_char(escaped(cursor, ";# {}:")?),
            Some(char) => {
                cursor.next();
                name.push_char(char);
            }
        }
    }
}

/// An escaped character; `own` may be escaped besides those that always may.
fn escaped(cursor: &mut Cursor<'_>, own: &str) -> Read<char> {
    let from = cursor.at;
    cursor.take("\\");
    let wrong = "this escape is not known";
    match cursor.next() {
        Some('\\') => Ok('\\'),
        Some('b') => Ok('\u{8}'),
        Some('f') => Ok('\u{c}'),
        Some('n') => Ok('\n'),
        Some('r') => Ok('\r'),
        Some('t') => Ok('\t'),
        Some('u') if cursor.take("{") => {
            let digits = cursor.while_is(|char| char.is_ascii_hexdigit());
            let char = u32::from_str_radix(digits, 16)
                .ok()
                .and_then(char::from_u32);
            match char {
                Some(char) if cursor.take("}") => Ok(char),
                _ => cursor.wrong("this is no character of Unicode", from),
            }
        }
        Some(char) if own.contains(char) => Ok(char),
        _ => cursor.wrong(wrong, from),
    }
}

/// A regular expression between slashes, if one comes next.
pub(super) fn regex(cursor: &mut Cursor<'_>) -> Read<Option<regex::Regex>> {
    let from = cursor.at;
    if !cursor.take("/") {
        return Ok(None);
    }
    let mut pattern = String::new();
    loop {
        match cursor.next() {
            None | Some('\n') => return cursor.wrong("this pattern is not closed by `/`", from),
            Some('/') => break,
            Some('\\') => match cursor.next() {
                Some('/') => pattern.push('/'),
                Some('\n') | None => {
                    return cursor.wrong("this pattern is not closed by `/`", from);
                }
                Some(char) => pattern.extend(['\\', char]),
            },
            Some(char) => pattern.push(char),
        }
    }
    match compiled(&pattern) {
        Ok(regex) => Ok(Some(regex)),
        Err(why) => cursor.wrong(why, from),
    }
}

/// A span of time: `500`, `500ms`, `2s`, `1m`, `1h`; `unit` is what a bare number counts.
pub(super) fn duration(cursor: &mut Cursor<'_>, unit: &str) -> Read<std::time::Duration> {
    let from = cursor.at;
    let digits = cursor.while_is(|char| char.is_ascii_digit());
    let written = cursor.while_is(|char| char.is_ascii_alphabetic());
    let unit = if written.is_empty() { unit } else { written };
    let millis = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let number = digits.parse::<u64>().ok();
    match number
        .zip(millis)
        .and_then(|(number, unit)| number.checked_mul(unit))
    {
        // A step that waits for more than an hour is a mistake.
        Some(millis) if millis <= 3_600_000 => Ok(std::time::Duration::from_millis(millis)),
        _ => cursor.wrong(
            "a span of time such as `500ms`, at most an hour, is expected here",
            from,
        ),
    }
}
