//! Asserts: a value, and what is claimed of it.

use super::cursor::{Cursor, Read};
use super::query::{pattern, selection};
use super::{body, text};
use crate::scenario::plan::{Assert, Kind, Operand, Payload, Test};
use crate::scenario::value::Value;

/// An assert, if one comes next.
pub(super) fn assert(cursor: &mut Cursor<'_>) -> Read<Option<Assert>> {
    let before = cursor.at;
    cursor.blank();
    let at = cursor.at;
    // What comes next may be a body, or the next request.
    let starts = cursor.peek().is_some_and(|char| char.is_ascii_lowercase())
        && !["true", "false", "null", "base64", "hex", "file"].contains(&cursor.peek_word());
    if !starts {
        cursor.at = before;
        return Ok(None);
    }
    let selection = selection(cursor)?;
    if !cursor.spaces() {
        return cursor.expected("a space and a predicate such as `==`");
    }
    let not = cursor.take_word("not");
    if not && !cursor.spaces() {
        return cursor.expected("a space and a predicate such as `exists`");
    }
    let test = test(cursor)?;
    let words = cursor
        .text
        .get(at..cursor.at)
        .unwrap_or_default()
        .to_owned();
    let line = cursor.line_of(at);
    cursor.end_of_line()?;
    Ok(Some(Assert {
        line,
        words,
        selection,
        not,
        test,
    }))
}

fn test(cursor: &mut Cursor<'_>) -> Read<Test> {
    let at = cursor.at;
    let word = cursor
        .while_is(|char| char.is_ascii_alphanumeric() || matches!(char, '=' | '!' | '<' | '>'));
    let claims: Option<fn(Operand) -> Test> = match word {
        "==" | "equals" => Some(Test::Equal),
        "!=" | "notEquals" => Some(Test::NotEqual),
        ">" | "greaterThan" => Some(Test::Greater),
        ">=" | "greaterThanOrEquals" => Some(Test::GreaterOrEqual),
        "<" | "lessThan" => Some(Test::Less),
        "<=" | "lessThanOrEquals" => Some(Test::LessOrEqual),
        "startsWith" => Some(Test::StartsWith),
        "endsWith" => Some(Test::EndsWith),
        "contains" => Some(Test::Contains),
        "includes" => Some(Test::Includes),
        _ => None,
    };
    if let Some(claim) = claims {
        if !cursor.spaces() {
            return cursor.expected("a space and a value");
        }
        return Ok(claim(operand(cursor)?));
    }
    Ok(match word {
        "matches" => Test::Matches(pattern(cursor)?),
        "exists" => Test::Exists,
        "isEmpty" => Test::IsEmpty,
        "isBoolean" => Test::Is(Kind::Boolean),
        "isCollection" => Test::Is(Kind::Collection),
        "isDate" => Test::Is(Kind::Date),
        "isFloat" => Test::Is(Kind::Float),
        "isInteger" => Test::Is(Kind::Integer),
        "isIpv4" => Test::Is(Kind::Ipv4),
        "isIpv6" => Test::Is(Kind::Ipv6),
        "isIsoDate" => Test::Is(Kind::IsoDate),
        "isList" => Test::Is(Kind::List),
        "isNumber" => Test::Is(Kind::Number),
        "isObject" => Test::Is(Kind::Object),
        "isString" => Test::Is(Kind::String),
        "isUuid" => Test::Is(Kind::Uuid),
        _ => return cursor.wrong("a predicate such as `==` or `exists` is expected here", at),
    })
}

/// What a value is held against.
pub(super) fn operand(cursor: &mut Cursor<'_>) -> Read<Operand> {
    if cursor.rest().starts_with("```") {
        return match body::fenced(cursor)? {
            Payload::Json(text) | Payload::Xml(text) | Payload::Text(text) => {
                Ok(Operand::Text(text))
            }
            Payload::Bytes(bytes) => Ok(Operand::Value(Value::Bytes(bytes))),
            Payload::File(name) => Ok(Operand::File(name)),
        };
    }
    match body::outside(cursor)? {
        Some(Payload::Bytes(bytes)) => return Ok(Operand::Value(Value::Bytes(bytes))),
        Some(Payload::File(name)) => return Ok(Operand::File(name)),
        _ => {}
    }
    if let Some(hole) = text::hole(cursor)? {
        return Ok(Operand::Hole(hole));
    }
    let json = |json: serde_json::Value| Ok(Operand::Value(Value::Json(json)));
    match cursor.peek() {
        Some('"') => Ok(Operand::Text(text::quoted(cursor)?)),
        Some('`') => Ok(Operand::Text(text::backquoted(cursor)?)),
        Some('-' | '0'..='9') => {
            let at = cursor.at;
            let number = cursor.while_is(|char| {
                char.is_ascii_digit() || matches!(char, '-' | '+' | '.' | 'e' | 'E')
            });
            match serde_json::from_str(number) {
                Ok(number) => json(serde_json::Value::Number(number)),
                Err(_) => cursor.wrong("this is no number", at),
            }
        }
        _ if cursor.take_word("true") => json(true.into()),
        _ if cursor.take_word("false") => json(false.into()),
        _ if cursor.take_word("null") => json(serde_json::Value::Null),
        _ => cursor.expected("a value: text in quotes, a number, `true`, `false` or `null`"),
    }
}
