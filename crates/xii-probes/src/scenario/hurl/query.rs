//! Queries: where a value is taken from.

use super::cursor::{Cursor, Read};
use super::{filter, text};
use crate::scenario::evaluate::{compiled, json_path};
use crate::scenario::plan::{Pattern, Query, Selection};
use crate::scenario::template::Template;

/// A query and its filters.
pub(super) fn selection(cursor: &mut Cursor<'_>) -> Read<Selection> {
    let query = query(cursor)?;
    let filters = filter::several(cursor)?;
    Ok(Selection { query, filters })
}

fn query(cursor: &mut Cursor<'_>) -> Read<Query> {
    let at = cursor.at;
    let word = cursor.peek_word();
    cursor.at += word.len();
    Ok(match word {
        "status" => Query::Status,
        "version" => Query::Version,
        "url" => Query::Url,
        "ip" => Query::Ip,
        "body" => Query::Body,
        // What is asked for comes uncompressed.
        "bytes" | "rawbytes" => Query::Bytes,
        "duration" => Query::Duration,
        "sha256" => Query::Sha256,
        "header" => Query::Header(argument(cursor)?),
        "cookie" => {
            let name = argument(cursor)?;
            match cookie(&name) {
                Some((name, attribute)) => Query::Cookie(name, attribute),
                None => return cursor.wrong("there is no attribute of this name", at),
            }
        }
        "jsonpath" => {
            let from = cursor.at;
            let path = argument(cursor)?;
            checked(cursor, &path, from)?;
            Query::JsonPath(path)
        }
        "regex" => Query::Regex(pattern(cursor)?),
        "variable" => Query::Variable(argument(cursor)?),
        "xpath" | "certificate" | "redirects" | "md5" => {
            cursor.not_supported(&format!("the query `{word}`"), at);
            if matches!(word, "xpath" | "certificate") {
                argument(cursor)?;
            }
            Query::Status
        }
        _ => {
            return cursor.wrong(
                "a query such as `status` or `jsonpath` is expected here",
                at,
            );
        }
    })
}

/// A string in quotes behind a space.
pub(super) fn argument(cursor: &mut Cursor<'_>) -> Read<Template> {
    if !cursor.spaces() {
        return cursor.expected("a space and a string in quotes");
    }
    text::quoted(cursor)
}

/// A regular expression behind a space, between slashes or in quotes.
pub(super) fn pattern(cursor: &mut Cursor<'_>) -> Read<Pattern> {
    if !cursor.spaces() {
        return cursor.expected("a space and a pattern");
    }
    if let Some(regex) = text::regex(cursor)? {
        return Ok(Pattern::Written(regex));
    }
    let at = cursor.at;
    let pattern = text::quoted(cursor)?;
    if let Some(plain) = pattern.without_holes()
        && let Err(why) = compiled(&plain)
    {
        return cursor.wrong(why, at);
    }
    Ok(Pattern::Text(pattern))
}

/// Holds a path of JSON that has no holes against its grammar (RFC 9535).
pub(super) fn checked(cursor: &Cursor<'_>, path: &Template, at: usize) -> Read<()> {
    match path.without_holes().map(|plain| json_path(&plain)) {
        Some(Err(why)) => cursor.wrong(why, at),
        _ => Ok(()),
    }
}

/// The name of a cookie, and its attribute: `sid[HttpOnly]`.
fn cookie(name: &Template) -> Option<(Template, Option<String>)> {
    let Some((name, attribute)) = name.divided('[') else {
        return Some((name.clone(), None));
    };
    let attribute = attribute.without_holes()?;
    let attribute = attribute.strip_suffix(']')?.trim().to_ascii_lowercase();
    let known = [
        "value", "expires", "max-age", "domain", "path", "secure", "httponly", "samesite",
    ];
    known
        .contains(&attribute.as_str())
        .then_some((name, Some(attribute)))
}
