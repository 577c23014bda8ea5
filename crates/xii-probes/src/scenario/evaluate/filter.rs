//! Filters: what is made of a value.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value as Json;

use super::{dates, pattern};
use crate::scenario::plan::Filter;
use crate::scenario::template::Variables;
use crate::scenario::value::Value;

/// What `urlEncode` leaves: the unreserved characters of RFC 3986, and `/`.
const LEFT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// A value with filters put on it one after the other. Nothing stays nothing.
pub(in crate::scenario) fn filtered(
    mut value: Option<Value>,
    filters: &[Filter],
    variables: &Variables,
) -> Result<Option<Value>, String> {
    for filter in filters {
        match value {
            Some(given) => value = one(&given, filter, variables)?,
            None => return Ok(None),
        }
    }
    Ok(value)
}

fn one(value: &Value, filter: &Filter, variables: &Variables) -> Result<Option<Value>, String> {
    let text = |what: &str| match value.as_text() {
        Some(text) => Ok(text),
        None => Err(format!(
            "`{what}` wants a string, and this is {}",
            value.kind()
        )),
    };
    let bytes = |what: &str| match value {
        Value::Bytes(bytes) => Ok(bytes.as_slice()),
        _ => Err(format!(
            "`{what}` wants bytes, and this is {}",
            value.kind()
        )),
    };
    let list = |what: &str| match value {
        Value::Json(Json::Array(items)) => Ok(items.as_slice()),
        _ => Err(format!(
            "`{what}` wants a list, and this is {}",
            value.kind()
        )),
    };
    let date = |what: &str| match value {
        Value::Date(date) => Ok(*date),
        _ => Err(format!(
            "`{what}` wants a date, and this is {}",
            value.kind()
        )),
    };
    let item = |item: Option<&Json>| item.cloned().map(Value::Json);
    let base64 = "the text is no base64".to_owned();
    Ok(Some(match filter {
        Filter::Base64Decode => {
            let digits = text("base64Decode")?.trim_end_matches('=');
            Value::Bytes(BASE64_NOPAD.decode(digits.as_bytes()).map_err(|_| base64)?)
        }
        Filter::Base64UrlSafeDecode => {
            let digits = text("base64UrlSafeDecode")?.trim_end_matches('=');
            Value::Bytes(
                BASE64URL_NOPAD
                    .decode(digits.as_bytes())
                    .map_err(|_| base64)?,
            )
        }
        Filter::Base64Encode => Value::text(BASE64.encode(bytes("base64Encode")?)),
        Filter::Base64UrlSafeEncode => {
            Value::text(BASE64URL_NOPAD.encode(bytes("base64UrlSafeEncode")?))
        }
        Filter::Count => Value::Json(count(value)?.into()),
        Filter::First => return Ok(item(list("first")?.first())),
        Filter::Last => return Ok(item(list("last")?.last())),
        Filter::Nth(place) => {
            let items = list("nth")?;
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let at = if *place < 0 { length + place } else { *place };
            return Ok(item(usize::try_from(at).ok().and_then(|at| items.get(at))));
        }
        Filter::DateFormat(format) => Value::text(dates::formatted(
            date("dateFormat")?,
            &format.render(variables)?,
        )?),
        Filter::ToDate(format) => {
            Value::Date(dates::parsed(text("toDate")?, &format.render(variables)?)?)
        }
        Filter::DaysAfterNow => {
            Value::Json(dates::days(Timestamp::now(), date("daysAfterNow")?).into())
        }
        Filter::DaysBeforeNow => {
            Value::Json(dates::days(date("daysBeforeNow")?, Timestamp::now()).into())
        }
        Filter::HtmlEscape => {
            let text = text("htmlEscape")?;
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            Value::text(text.replace('>', "&gt;"))
        }
        Filter::JsonPath(path) => {
            let json = match value {
                Value::Json(Json::String(text)) => serde_json::from_str(text)
                    .map_err(|_| "`jsonpath` wants JSON, and this text is none".to_owned())?,
                Value::Json(json) => json.clone(),
                other => {
                    return Err(format!(
                        "`jsonpath` wants JSON, and this is {}",
                        other.kind()
                    ));
                }
            };
            return Ok(pattern::found(&path.render(variables)?, &json)?.map(Value::Json));
        }
        Filter::Regex(pattern) => {
            let regex = pattern.regex(variables)?;
            let group = regex
                .captures(text("regex")?)
                .and_then(|groups| groups.get(1));
            return Ok(group.map(|group| Value::text(group.as_str())));
        }
        Filter::Replace(old, new) => {
            let (old, new) = (old.render(variables)?, new.render(variables)?);
            Value::text(bounded(text("replace")?.replace(&old, &new))?)
        }
        Filter::ReplaceRegex(pattern, new) => {
            let (regex, new) = (pattern.regex(variables)?, new.render(variables)?);
            Value::text(bounded(
                regex.replace_all(text("replaceRegex")?, new).into_owned(),
            )?)
        }
        Filter::Split(at) => {
            let at = at.render(variables)?;
            let parts = text("split")?.split(at.as_str());
            Value::Json(Json::Array(
                parts.map(|part| Json::String(part.to_owned())).collect(),
            ))
        }
        Filter::ToFloat => {
            let number = match value.as_number() {
                Some(number) => Some(number),
                None => text("toFloat")?.trim().parse().ok(),
            };
            let number = number.and_then(serde_json::Number::from_f64);
            Value::Json(Json::Number(
                number.ok_or_else(|| "the text is no number".to_owned())?,
            ))
        }
        Filter::ToInt => {
            let number = match value {
                Value::Json(Json::Number(number)) if number.is_f64() => {
                    // What does not fit is cut to what does.
                    number.as_f64().map(|number| number as i64)
                }
                Value::Json(Json::Number(_)) => return Ok(Some(value.clone())),
                _ => text("toInt")?.trim().parse().ok(),
            };
            Value::Json(
                number
                    .ok_or_else(|| "the text is no integer".to_owned())?
                    .into(),
            )
        }
        Filter::ToHex => Value::text(HEXLOWER.encode(bytes("toHex")?)),
        Filter::ToString => Value::text(value.rendered()),
        Filter::UrlDecode => {
            let decoded = percent_decode_str(text("urlDecode")?).decode_utf8();
            let decoded = decoded.map_err(|_| "the decoded text is not UTF-8".to_owned())?;
            Value::text(decoded)
        }
        Filter::UrlEncode => Value::text(utf8_percent_encode(text("urlEncode")?, LEFT).to_string()),
        Filter::UrlQueryParam(name) => {
            let name = name.render(variables)?;
            return Ok(parameter(text("urlQueryParam")?, &name).map(Value::text));
        }
        Filter::Utf8Decode => {
            let text = std::str::from_utf8(bytes("utf8Decode")?);
            Value::text(text.map_err(|_| "the bytes are not UTF-8".to_owned())?)
        }
        Filter::Utf8Encode => Value::Bytes(text("utf8Encode")?.as_bytes().to_vec()),
    }))
}

/// How many items or bytes there are.
fn count(value: &Value) -> Result<usize, String> {
    match value {
        Value::Json(Json::Array(items)) => Ok(items.len()),
        Value::Json(Json::Object(members)) => Ok(members.len()),
        Value::Bytes(bytes) => Ok(bytes.len()),
        _ => Err(format!(
            "`count` wants a list or bytes, and this is {}",
            value.kind()
        )),
    }
}

/// The value of a parameter of an address' query.
fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next()?;
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        (plain(key) == name).then(|| plain(value))
    })
}

fn bounded(text: String) -> Result<String, String> {
    if text.len() > 16 << 20 {
        return Err("the text gets too long".to_owned());
    }
    Ok(text)
}
