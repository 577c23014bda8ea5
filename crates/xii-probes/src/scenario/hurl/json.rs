//! A value of JSON with holes, as it is written.

use super::cursor::{Cursor, Read};
use super::text;
use crate::scenario::template::Template;

/// How deep values may lie in each other.
const DEEPEST: usize = 100;

/// A value of JSON, if one comes next.
pub(super) fn value(cursor: &mut Cursor<'_>) -> Read<Option<Template>> {
    let starts = match cursor.peek() {
        Some('{' | '[' | '"' | '-' | '0'..='9') => true,
        _ => ["true", "false", "null"].contains(&cursor.peek_word()),
    };
    if !starts {
        return Ok(None);
    }
    let mut out = Template::default();
    one(cursor, &mut out, 0)?;
    Ok(Some(out))
}

fn one(cursor: &mut Cursor<'_>, out: &mut Template, depth: usize) -> Read<()> {
    let from = cursor.at;
    if depth > DEEPEST {
        return cursor.wrong("this JSON is nested too deeply", from);
    }
    if cursor.rest().starts_with("{{") {
        if let Some(hole) = text::hole(cursor)? {
            out.push_hole(hole);
        }
        return Ok(());
    }
    match cursor.peek() {
        Some('{') => members(cursor, out, '}', depth),
        Some('[') => members(cursor, out, ']', depth),
        Some('"') => string(cursor, out),
        Some('-' | '0'..='9') => {
            let number = cursor.while_is(|char| {
                char.is_ascii_digit() || matches!(char, '-' | '+' | '.' | 'e' | 'E')
            });
            if serde_json::from_str::<serde_json::Number>(number).is_err() {
                return cursor.wrong("this is no number of JSON", from);
            }
            push(out, number);
            Ok(())
        }
        _ => {
            for word in ["true", "false", "null"] {
                if cursor.take_word(word) {
                    push(out, word);
                    return Ok(());
                }
            }
            cursor.expected("a value of JSON")
        }
    }
}

/// The members of an object or the items of a list, with what opens and closes them.
fn members(cursor: &mut Cursor<'_>, out: &mut Template, close: char, depth: usize) -> Read<()> {
    let from = cursor.at;
    if let Some(open) = cursor.next() {
        out.push_char(open);
    }
    spaces(cursor, out);
    if cursor.peek() == Some(close) {
        cursor.next();
        out.push_char(close);
        return Ok(());
    }
    loop {
        spaces(cursor, out);
        if close == '}' {
            if cursor.peek() != Some('"') {
                return cursor.expected("a member's name in quotes");
            }
            string(cursor, out)?;
            spaces(cursor, out);
            if !cursor.take(":") {
                return cursor.expected("`:`");
            }
            out.push_char(':');
            spaces(cursor, out);
        }
        one(cursor, out, depth + 1)?;
        spaces(cursor, out);
        match cursor.peek() {
            Some(',') => {
                cursor.next();
                out.push_char(',');
            }
            Some(char) if char == close => {
                cursor.next();
                out.push_char(close);
                return Ok(());
            }
            None => return cursor.wrong(format!("this is not closed by `{close}`"), from),
            Some(_) => return cursor.expected(&format!("`,` or `{close}`")),
        }
    }
}

fn string(cursor: &mut Cursor<'_>, out: &mut Template) -> Read<()> {
    let from = cursor.at;
    cursor.take("\"");
    out.push_char('"');
    loop {
        if let Some(hole) = text::hole(cursor)? {
            out.push_quoted(hole);
            continue;
        }
        let at = cursor.at;
        match cursor.next() {
            None => return cursor.wrong("this string is not closed", from),
            Some('"') => {
                out.push_char('"');
                return Ok(());
            }
            Some('\\') => {
                out.push_char('\\');
                match cursor.next() {
                    Some(char @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {
                        out.push_char(char);
                    }
                    Some('u') => {
                        let rest = cursor.rest();
                        let digits = rest
                            .get(..4)
                            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                        let Some(digits) = digits else {
                            return cursor.wrong("four hexadecimal digits are expected here", at);
                        };
                        cursor.at += 4;
                        push(out, "u");
                        push(out, digits);
                    }
                    _ => return cursor.wrong("this escape is not known to JSON", at),
                }
            }
            Some(char) => out.push_char(char),
        }
    }
}

fn spaces(cursor: &mut Cursor<'_>, out: &mut Template) {
    push(
        out,
        cursor.while_is(|char| matches!(char, ' ' | '\t' | '\n' | '\r')),
    );
}

fn push(out: &mut Template, text: &str) {
    for char in text.chars() {
        out.push_char(char);
    }
}
