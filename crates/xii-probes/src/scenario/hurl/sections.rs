//! The sections of a request and of an answer.

use super::cursor::{Cursor, Read};
use super::{entry, options, predicate, query, text};
use crate::scenario::plan::{Content, Expected, Part, Step};

/// The sections of a request.
pub(super) fn of_request(cursor: &mut Cursor<'_>, step: &mut Step) -> Read<()> {
    let mut seen = Vec::new();
    while let Some((name, at)) = title(cursor)? {
        match name {
            "QueryStringParams" | "Query" => step.ask.query = entry::key_values(cursor)?,
            "FormParams" | "Form" => step.ask.form = entry::key_values(cursor)?,
            "MultipartFormData" | "Multipart" => step.ask.parts = parts(cursor)?,
            "Cookies" => step.ask.cookies = entry::key_values(cursor)?,
            "BasicAuth" => step.ask.basic = entry::key_value(cursor)?,
            "Options" => options::read(cursor, &mut step.options, &mut step.ask)?,
            _ => return cursor.wrong("there is no section of this name in a request", at),
        }
        once(cursor, &mut seen, name, at)?;
    }
    Ok(())
}

/// The sections of an answer.
pub(super) fn of_answer(cursor: &mut Cursor<'_>, expected: &mut Expected) -> Read<()> {
    let mut seen = Vec::new();
    while let Some((name, at)) = title(cursor)? {
        match name {
            "Captures" => {
                while let Some(key) = entry::key(cursor)? {
                    let selection = query::selection(cursor)?;
                    cursor.spaces();
                    // What is captured is never shown here.
                    cursor.take_word("redact");
                    cursor.end_of_line()?;
                    expected.captures.push((key, selection));
                }
            }
            "Asserts" => {
                while let Some(assert) = predicate::assert(cursor)? {
                    expected.asserts.push(assert);
                }
            }
            _ => return cursor.wrong("there is no section of this name in an answer", at),
        }
        once(cursor, &mut seen, name, at)?;
    }
    Ok(())
}

/// `[Name]`, if one comes next. A list of JSON is none.
fn title<'a>(cursor: &mut Cursor<'a>) -> Read<Option<(&'a str, usize)>> {
    let before = cursor.at;
    cursor.blank();
    let at = cursor.at;
    if cursor.take("[") {
        let name = cursor.while_is(char::is_alphabetic);
        let is_json = ["true", "false", "null", ""].contains(&name);
        if !is_json && cursor.take("]") {
            cursor.end_of_line()?;
            return Ok(Some((name, at + 1)));
        }
    }
    cursor.at = before;
    Ok(None)
}

fn once<'a>(cursor: &Cursor<'_>, seen: &mut Vec<&'a str>, name: &'a str, at: usize) -> Read<()> {
    let long = match name {
        "Query" => "QueryStringParams",
        "Form" => "FormParams",
        "Multipart" => "MultipartFormData",
        name => name,
    };
    if seen.contains(&long) {
        return cursor.wrong("this section stands here twice", at);
    }
    seen.push(long);
    Ok(())
}

fn parts(cursor: &mut Cursor<'_>) -> Read<Vec<Part>> {
    let mut parts = Vec::new();
    while let Some(name) = entry::key(cursor)? {
        let content = if cursor.take("file,") {
            let file = text::file(cursor)?;
            cursor.spaces();
            let kind = cursor.while_is(|char| !matches!(char, '#' | '\n' | '\r'));
            let kind = kind.trim();
            Content::File(file, (!kind.is_empty()).then(|| kind.to_owned()))
        } else {
            Content::Text(text::value(cursor)?)
        };
        cursor.end_of_line()?;
        parts.push(Part { name, content });
    }
    Ok(parts)
}
