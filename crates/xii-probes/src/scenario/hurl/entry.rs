//! A file, its requests, and the answers that they expect.

use xii_model::grammar::{Malformed, place, split_byte_order_mark};

use super::cursor::{Cursor, Read, Unreadable};
use super::{body, sections, text};
use crate::scenario::plan::{Expected, Scenario, Step};
use crate::scenario::template::Template;

/// The longest file that is read, in bytes.
const LONGEST: usize = 4 << 20;
/// The most requests that a file may have.
const MOST_STEPS: usize = 10_000;

/// Reads a file in Hurl's format. `name` is what the scenario and the messages call it.
///
/// # Errors
///
/// The first place that is no Hurl, or all that is Hurl and not supported, each with its line and column.
pub fn read(name: &str, text: &str) -> Result<Scenario, Unreadable> {
    let (_, text) = split_byte_order_mark(text);
    if text.len() > LONGEST {
        let why = format!("{name}: the file is longer than 4 MiB: divide it");
        return Err(Unreadable(vec![why]));
    }
    let told = |wrong: &Malformed| {
        let at = place(text.as_bytes(), wrong.offset);
        format!("{name}:{}:{}: {}", at.line, at.column, wrong.message)
    };
    let mut cursor = Cursor::new(text);
    let steps = steps(&mut cursor).map_err(|wrong| Unreadable(vec![told(&wrong)]))?;
    if !cursor.unsupported.is_empty() {
        return Err(Unreadable(cursor.unsupported.iter().map(told).collect()));
    }
    Ok(Scenario {
        name: name.to_owned(),
        folder: None,
        steps,
    })
}

fn steps(cursor: &mut Cursor<'_>) -> Read<Vec<Step>> {
    let mut steps = Vec::new();
    loop {
        cursor.blank();
        if cursor.is_end() {
            return Ok(steps);
        }
        if steps.len() == MOST_STEPS {
            return cursor.wrong(
                "there are more than 10000 requests: divide the file",
                cursor.at,
            );
        }
        steps.push(step(cursor)?);
    }
}

fn step(cursor: &mut Cursor<'_>) -> Read<Step> {
    let mut step = Step {
        line: cursor.line_of(cursor.at),
        ..Step::default()
    };
    let from = cursor.at;
    let method = cursor.while_is(|char| char.is_ascii_alphabetic());
    if method.is_empty() || method.chars().any(|char| char.is_ascii_lowercase()) {
        return cursor.wrong("a method such as `GET` is expected here", from);
    }
    if !cursor.spaces() {
        return cursor.expected("a space and the address");
    }
    method.clone_into(&mut step.ask.method);
    step.ask.url = text::value(cursor)?;
    if step.ask.url.is_empty() {
        return cursor.expected("the address");
    }
    cursor.end_of_line()?;
    step.ask.headers = key_values(cursor)?;
    sections::of_request(cursor, &mut step)?;
    step.ask.body = body::read(cursor)?;

    let before = cursor.at;
    cursor.blank();
    if cursor.rest().starts_with("HTTP") {
        step.expected = Some(expected(cursor)?);
    } else {
        cursor.at = before;
    }
    Ok(step)
}

fn expected(cursor: &mut Cursor<'_>) -> Read<Expected> {
    let mut expected = Expected::default();
    let from = cursor.at;
    let version = cursor.while_is(|char| !char.is_whitespace());
    expected.version = match version {
        "HTTP" => None,
        "HTTP/1.0" => Some("HTTP/1.0"),
        "HTTP/1.1" => Some("HTTP/1.1"),
        "HTTP/2" | "HTTP/3" => {
            cursor.not_supported("another version than HTTP/1.1", from);
            None
        }
        _ => {
            return cursor.wrong(
                "`HTTP` or a version such as `HTTP/1.1` is expected here",
                from,
            );
        }
    };
    if !cursor.spaces() {
        return cursor.expected("a space and the status");
    }
    if !cursor.take("*") {
        let from = cursor.at;
        let digits = cursor.while_is(|char| char.is_ascii_digit());
        expected.status = match digits.parse() {
            Ok(status) => Some(status),
            Err(_) => return cursor.wrong("a status or `*` is expected here", from),
        };
    }
    cursor.end_of_line()?;
    expected.headers = key_values(cursor)?;
    sections::of_answer(cursor, &mut expected)?;
    expected.body = body::read(cursor)?;
    Ok(expected)
}

/// Lines of `key: value`.
pub(super) fn key_values(cursor: &mut Cursor<'_>) -> Read<Vec<(Template, Template)>> {
    let mut pairs = Vec::new();
    while let Some(pair) = key_value(cursor)? {
        pairs.push(pair);
    }
    Ok(pairs)
}

/// A line of `key: value`; where there is none, nothing is taken.
pub(super) fn key_value(cursor: &mut Cursor<'_>) -> Read<Option<(Template, Template)>> {
    let Some(key) = key(cursor)? else {
        return Ok(None);
    };
    let value = text::value(cursor)?;
    cursor.end_of_line()?;
    Ok(Some((key, value)))
}

/// `key:` with the spaces after it; where there is none, nothing is taken.
pub(super) fn key(cursor: &mut Cursor<'_>) -> Read<Option<Template>> {
    let before = cursor.at;
    cursor.blank();
    let Some(key) = text::key(cursor)? else {
        cursor.at = before;
        return Ok(None);
    };
    cursor.spaces();
    if !cursor.take(":") {
        cursor.at = before;
        return Ok(None);
    }
    cursor.spaces();
    Ok(Some(key))
}
