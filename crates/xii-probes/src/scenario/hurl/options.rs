//! `[Options]`: how a request is asked.

use std::time::Duration;

use super::cursor::{Cursor, Read};
use super::{entry, predicate, text};
use crate::scenario::plan::{Ask, Operand, Options};
use crate::scenario::template::Template;

/// How often a request without end is tried again at most.
const WITHOUT_END: u32 = 600;
/// The most often that a request is repeated or redirected.
const MOST: u32 = 1000;
/// How often a redirection is followed when nothing is said.
const REDIRECTS: u32 = 50;

/// The options that come next.
pub(super) fn read(cursor: &mut Cursor<'_>, options: &mut Options, ask: &mut Ask) -> Read<()> {
    let mut follows = None;
    let mut most_redirects = REDIRECTS;
    loop {
        let before = cursor.at;
        cursor.blank();
        let at = cursor.at;
        let name =
            cursor.while_is(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '.'));
        cursor.spaces();
        if name.is_empty() || !cursor.take(":") {
            cursor.at = before;
            break;
        }
        cursor.spaces();
        match name {
            "skip" => options.skip = flag(cursor)?,
            "delay" => options.delay = span(cursor, "ms")?,
            "retry" => options.retry = count(cursor, WITHOUT_END)?,
            "retry-interval" => options.retry_interval = span(cursor, "ms")?,
            "repeat" => options.repeat = Some(count(cursor, MOST)?),
            "location" => follows = Some(flag(cursor)?),
            "max-redirs" => most_redirects = count(cursor, MOST)?,
            "max-time" => options.within = span(cursor, "s")?,
            "variable" => options.variables.push(variable(cursor)?),
            "header" => match entry::key(cursor)? {
                Some(key) => ask.headers.push((key, text::value(cursor)?)),
                None => return cursor.expected("a header field such as `Accept: text/html`"),
            },
            "user" => {
                let user = text::value(cursor)?;
                ask.basic = Some(divided(cursor, user, at)?);
            }
            // These change what is shown, how a certificate is checked, or what is so anyway.
            "verbose" | "very-verbose" | "insecure" | "http1.1" | "ipv4" | "path-as-is" => {
                flag(cursor)?;
            }
            "verbosity" => {
                text::value(cursor)?;
            }
            _ if KNOWN.contains(&name) => {
                cursor.not_supported(&format!("the option `{name}`"), at);
                text::value(cursor)?;
            }
            _ => return cursor.wrong("there is no option of this name", at),
        }
        cursor.end_of_line()?;
    }
    if follows == Some(true) {
        options.redirects = most_redirects;
    }
    Ok(())
}

/// What Hurl knows besides.
const KNOWN: &[&str] = &[
    "aws-sigv4",
    "cacert",
    "cert",
    "compressed",
    "connect-timeout",
    "connect-to",
    "digest",
    "fail-with-body",
    "http1.0",
    "http2",
    "http2-prior-knowledge",
    "http3",
    "ipv6",
    "key",
    "limit-rate",
    "location-trusted",
    "negotiate",
    "netrc",
    "netrc-file",
    "netrc-optional",
    "no-header",
    "no-jsonpath-coercion",
    "ntlm",
    "output",
    "pinnedpubkey",
    "proxy",
    "resolve",
    "tls-max",
    "tls-min",
    "unix-socket",
];

/// Whether a variable stands where a plain value is wanted; it is noted, and taken.
fn hole(cursor: &mut Cursor<'_>) -> Read<bool> {
    let at = cursor.at;
    let found = text::hole(cursor)?.is_some();
    if found {
        cursor.not_supported("a variable in this option", at);
    }
    Ok(found)
}

fn flag(cursor: &mut Cursor<'_>) -> Read<bool> {
    if cursor.take_word("true") {
        return Ok(true);
    }
    if cursor.take_word("false") || hole(cursor)? {
        return Ok(false);
    }
    cursor.expected("`true` or `false`")
}

fn count(cursor: &mut Cursor<'_>, most: u32) -> Read<u32> {
    if hole(cursor)? {
        return Ok(0);
    }
    if cursor.take("-1") {
        return Ok(most);
    }
    let at = cursor.at;
    match cursor.while_is(|char| char.is_ascii_digit()).parse::<u32>() {
        Ok(number) => Ok(number.min(most)),
        Err(_) => cursor.wrong("a number, or -1 for no end, is expected here", at),
    }
}

fn span(cursor: &mut Cursor<'_>, unit: &str) -> Read<Option<Duration>> {
    if hole(cursor)? {
        return Ok(None);
    }
    text::duration(cursor, unit).map(Some)
}

fn variable(cursor: &mut Cursor<'_>) -> Read<(String, Operand)> {
    let at = cursor.at;
    let name = cursor.while_is(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-'));
    cursor.spaces();
    if name.is_empty() || !cursor.take("=") {
        return cursor.wrong("`name=value` is expected here", at);
    }
    cursor.spaces();
    let before = cursor.at;
    // `count=3 books` is text although it begins with a number.
    if let Ok(value) = predicate::operand(cursor) {
        cursor.spaces();
        if matches!(cursor.peek(), None | Some('\n' | '\r' | '#')) {
            return Ok((name.to_owned(), value));
        }
    }
    cursor.at = before;
    Ok((name.to_owned(), Operand::Text(text::value(cursor)?)))
}

/// `name:password`.
fn divided(cursor: &Cursor<'_>, user: Template, at: usize) -> Read<(Template, Template)> {
    match user.divided(':') {
        Some(both) => Ok(both),
        None => cursor.wrong("`name:password` is expected here", at),
    }
}
