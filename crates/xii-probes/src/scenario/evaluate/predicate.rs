//! Predicates: what is claimed of a value.

use std::cmp::Ordering;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use serde_json::Value as Json;

use super::query::{Subject, selected};
use crate::scenario::files;
use crate::scenario::plan::{Assert, Kind, Operand, Test};
use crate::scenario::template::Variables;
use crate::scenario::value::{Value, kind};

/// What came of a claim: it is so, it is not so, or it cannot be asked of such a value.
type Claim = Result<bool, String>;

/// Holds an assert against an answer.
///
/// # Errors
///
/// Why it is not so, as words.
pub(in crate::scenario) fn checked(
    assert: &Assert,
    subject: Subject<'_>,
    folder: Option<&Path>,
) -> Result<(), String> {
    let told = |why: String| format!("`{}`: {why}", assert.words);
    let value = selected(&assert.selection, subject).map_err(told)?;
    let holds = match (&assert.test, &value) {
        (Test::Exists, value) => Ok(value.is_some()),
        (_, None) => return Err(told("there is no such value".to_owned())),
        (test, Some(value)) => claim(test, value, subject.variables, folder),
    };
    match holds {
        Ok(holds) if holds != assert.not => Ok(()),
        Ok(_) => Err(told(match value {
            Some(value) => format!("the value is {value}"),
            None => "there is no such value".to_owned(),
        })),
        Err(why) => Err(told(why)),
    }
}

fn claim(test: &Test, value: &Value, variables: &Variables, folder: Option<&Path>) -> Claim {
    let given = |operand: &Operand| given(operand, value, variables, folder);
    match test {
        Test::Equal(operand) => Ok(equal(value, &given(operand)?)),
        Test::NotEqual(operand) => Ok(!equal(value, &given(operand)?)),
        Test::Greater(operand) => order(value, &given(operand)?).map(Ordering::is_gt),
        Test::GreaterOrEqual(operand) => order(value, &given(operand)?).map(Ordering::is_ge),
        Test::Less(operand) => order(value, &given(operand)?).map(Ordering::is_lt),
        Test::LessOrEqual(operand) => order(value, &given(operand)?).map(Ordering::is_le),
        Test::StartsWith(operand) => {
            let (value, part) = parts(value, &given(operand)?)?;
            Ok(value.starts_with(&part))
        }
        Test::EndsWith(operand) => {
            let (value, part) = parts(value, &given(operand)?)?;
            Ok(value.ends_with(&part))
        }
        Test::Contains(operand) => match (value, given(operand)?) {
            (Value::Json(Json::Array(items)), part) => Ok(includes(items, &part)),
            (value, part) => {
                let (value, part) = parts(value, &part)?;
                Ok(memchr::memmem::find(&value, &part).is_some())
            }
        },
        Test::Includes(operand) => match value {
            Value::Json(Json::Array(items)) => Ok(includes(items, &given(operand)?)),
            _ => Err(format!(
                "`includes` wants a list, and this is {}",
                value.kind()
            )),
        },
        Test::Matches(pattern) => match value.as_text() {
            Some(text) => Ok(pattern.regex(variables)?.is_match(text)),
            None => Err(format!(
                "`matches` wants a string, and this is {}",
                value.kind()
            )),
        },
        Test::Exists => Ok(true),
        Test::IsEmpty => match value {
            Value::Json(Json::String(text)) => Ok(text.is_empty()),
            Value::Json(Json::Array(items)) => Ok(items.is_empty()),
            Value::Json(Json::Object(members)) => Ok(members.is_empty()),
            Value::Bytes(bytes) => Ok(bytes.is_empty()),
            _ => Err(format!("{} cannot be empty", value.kind())),
        },
        Test::Is(wanted) => Ok(is(value, *wanted)),
    }
}

/// What a claim names. A file is bytes where the value is, and else text.
fn given(
    operand: &Operand,
    value: &Value,
    variables: &Variables,
    folder: Option<&Path>,
) -> Result<Value, String> {
    match operand {
        Operand::Value(value) => Ok(value.clone()),
        Operand::Text(text) => Ok(Value::text(text.render(variables)?)),
        Operand::Hole(hole) => hole.value(variables),
        Operand::File(name) => {
            let bytes = files::read(folder, &name.render(variables)?)?;
            Ok(match value {
                Value::Bytes(_) => Value::Bytes(bytes),
                _ => Value::text(String::from_utf8_lossy(&bytes)),
            })
        }
    }
}

fn equal(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Json(one), Value::Json(two)) => equal_json(one, two),
        (Value::Date(date), Value::Json(Json::String(text)))
        | (Value::Json(Json::String(text)), Value::Date(date)) => text
            .parse::<jiff::Timestamp>()
            .is_ok_and(|other| other == *date),
        (one, two) => one == two,
    }
}

/// Whether two values of JSON are the same, 1 and 1.0 included.
fn equal_json(one: &Json, two: &Json) -> bool {
    match (one, two) {
        (Json::Number(one), Json::Number(two)) => one == two || one.as_f64() == two.as_f64(),
        (Json::Array(one), Json::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| equal_json(one, two))
        }
        (Json::Object(one), Json::Object(two)) => {
            one.len() == two.len()
                && one
                    .iter()
                    .all(|(key, one)| two.get(key).is_some_and(|two| equal_json(one, two)))
        }
        (one, two) => one == two,
    }
}

fn includes(items: &[Json], part: &Value) -> bool {
    match part {
        Value::Json(part) => items.iter().any(|item| equal_json(item, part)),
        Value::Bytes(_) | Value::Date(_) => false,
    }
}

fn order(one: &Value, two: &Value) -> Result<Ordering, String> {
    let order = match (one, two) {
        (Value::Date(one), Value::Date(two)) => Some(one.cmp(two)),
        _ => match (
            one.as_number(),
            two.as_number(),
            one.as_text(),
            two.as_text(),
        ) {
            (Some(one), Some(two), _, _) => one.partial_cmp(&two),
            (_, _, Some(one), Some(two)) => Some(one.cmp(two)),
            _ => None,
        },
    };
    order.ok_or_else(|| format!("{} has no order with {}", one.kind(), two.kind()))
}

/// Two texts, or two byte strings, as bytes.
fn parts(one: &Value, two: &Value) -> Result<(Vec<u8>, Vec<u8>), String> {
    match (one, two) {
        (Value::Bytes(one), Value::Bytes(two)) => Ok((one.clone(), two.clone())),
        _ => match (one.as_text(), two.as_text()) {
            (Some(one), Some(two)) => Ok((one.as_bytes().to_vec(), two.as_bytes().to_vec())),
            _ => Err(format!("{} holds no {}", one.kind(), two.kind())),
        },
    }
}

fn is(value: &Value, wanted: Kind) -> bool {
    let text = value.as_text().unwrap_or_default();
    let json = match value {
        Value::Json(json) => kind(json),
        Value::Bytes(_) | Value::Date(_) => "",
    };
    match wanted {
        Kind::Boolean => json == "a boolean",
        Kind::Collection => {
            matches!(json, "a list" | "an object") || matches!(value, Value::Bytes(_))
        }
        Kind::Date => matches!(value, Value::Date(_)),
        Kind::Float => json == "a float",
        Kind::Integer => json == "an integer",
        Kind::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
        Kind::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
        Kind::IsoDate => text.parse::<jiff::Timestamp>().is_ok(),
        Kind::List => json == "a list",
        Kind::Number => matches!(json, "a float" | "an integer"),
        Kind::Object => json == "an object",
        Kind::String => json == "a string",
        Kind::Uuid => is_uuid(text),
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
