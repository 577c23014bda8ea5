//! Filters: what is made of a value.

use super::cursor::{Cursor, Read};
use super::query::{argument, checked, pattern};
use crate::scenario::plan::Filter;
use crate::scenario::template::Template;

/// The filters that come next, each behind a space.
pub(super) fn several(cursor: &mut Cursor<'_>) -> Read<Vec<Filter>> {
    let mut filters = Vec::new();
    loop {
        let before = cursor.at;
        if !cursor.spaces() {
            return Ok(filters);
        }
        match one(cursor)? {
            Some(filter) => filters.push(filter),
            None => {
                cursor.at = before;
                return Ok(filters);
            }
        }
    }
}

fn one(cursor: &mut Cursor<'_>) -> Read<Option<Filter>> {
    let at = cursor.at;
    let word = cursor.peek_word();
    cursor.at += word.len();
    Ok(Some(match word {
        "base64Decode" => Filter::Base64Decode,
        "base64Encode" => Filter::Base64Encode,
        "base64UrlSafeDecode" => Filter::Base64UrlSafeDecode,
        "base64UrlSafeEncode" => Filter::Base64UrlSafeEncode,
        "count" => Filter::Count,
        "daysAfterNow" => Filter::DaysAfterNow,
        "daysBeforeNow" => Filter::DaysBeforeNow,
        "first" => Filter::First,
        "format" | "dateFormat" => Filter::DateFormat(argument(cursor)?),
        "htmlEscape" => Filter::HtmlEscape,
        "jsonpath" => {
            let path = argument(cursor)?;
            checked(cursor, &path, at)?;
            Filter::JsonPath(path)
        }
        "last" => Filter::Last,
        "nth" => Filter::Nth(index(cursor)?),
        "regex" => Filter::Regex(pattern(cursor)?),
        "replace" => {
            cursor.spaces();
            if cursor.peek() == Some('/') {
                // Before `replaceRegex`, this did both.
                cursor.at -= 1;
                Filter::ReplaceRegex(pattern(cursor)?, argument(cursor)?)
            } else {
                cursor.at -= 1;
                Filter::Replace(argument(cursor)?, argument(cursor)?)
            }
        }
        "replaceRegex" => Filter::ReplaceRegex(pattern(cursor)?, argument(cursor)?),
        "split" => Filter::Split(argument(cursor)?),
        "toDate" => Filter::ToDate(argument(cursor)?),
        "toFloat" => Filter::ToFloat,
        "toHex" => Filter::ToHex,
        "toInt" => Filter::ToInt,
        "toString" => Filter::ToString,
        "urlDecode" => Filter::UrlDecode,
        "urlEncode" => Filter::UrlEncode,
        "urlQueryParam" => Filter::UrlQueryParam(argument(cursor)?),
        "utf8Decode" => Filter::Utf8Decode,
        "utf8Encode" => Filter::Utf8Encode,
        "decode" | "charsetDecode" => {
            let charset = argument(cursor)?;
            if !is_utf8(&charset) {
                cursor.not_supported("another character set than UTF-8", at);
            }
            Filter::Utf8Decode
        }
        "htmlUnescape" | "location" | "xpath" => {
            cursor.not_supported(&format!("the filter `{word}`"), at);
            if word == "xpath" {
                argument(cursor)?;
            }
            Filter::Count
        }
        _ => {
            cursor.at = at;
            return Ok(None);
        }
    }))
}

fn is_utf8(charset: &Template) -> bool {
    let charset = charset.without_holes().unwrap_or_default();
    ["utf-8", "utf8"].contains(&charset.to_ascii_lowercase().as_str())
}

fn index(cursor: &mut Cursor<'_>) -> Read<i64> {
    cursor.spaces();
    let at = cursor.at;
    let digits = cursor.while_is(|char| char.is_ascii_digit() || char == '-');
    match digits.parse() {
        Ok(index) => Ok(index),
        Err(_) => cursor.wrong("a place in the list, from 0, is expected here", at),
    }
}
