//! Queries: a value taken from an answer.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::filter::filtered;
use super::pattern::found;
use crate::client::Answer;
use crate::scenario::plan::{Query, Selection};
use crate::scenario::template::Variables;
use crate::scenario::value::Value;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct Subject<'a> {
    pub(in crate::scenario) answer: &'a Answer,
    /// The address that was asked in the end.
    pub(in crate::scenario) url: &'a str,
    /// The app's address.
    pub(in crate::scenario) ip: std::net::IpAddr,
    pub(in crate::scenario) variables: &'a Variables,
}

/// The value of a query with its filters; none when the answer has no such thing.
pub(in crate::scenario) fn selected(
    selection: &Selection,
    subject: Subject<'_>,
) -> Result<Option<Value>, String> {
    let value = taken(&selection.query, subject)?;
    filtered(value, &selection.filters, subject.variables)
}

fn taken(query: &Query, subject: Subject<'_>) -> Result<Option<Value>, String> {
    let Subject {
        answer, variables, ..
    } = subject;
    let number = |number: u64| Some(Value::Json(number.into()));
    Ok(match query {
        Query::Status => number(answer.status.into()),
        Query::Version => Some(Value::text(answer.version.trim_start_matches("HTTP/"))),
        Query::Url => Some(Value::text(subject.url)),
        Query::Ip => Some(Value::text(subject.ip.to_string())),
        Query::Body => Some(Value::text(whole(answer)?.text())),
        Query::Bytes => Some(Value::Bytes(whole(answer)?.body.to_vec())),
        Query::Duration => number(u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX)),
        Query::Sha256 => Some(Value::Bytes(Sha256::digest(&whole(answer)?.body).to_vec())),
        Query::Header(name) => {
            let name = name.render(variables)?;
            let mut values: Vec<Json> = answer.fields(&name).map(Json::String).collect();
            match values.len() {
                0 => None,
                1 => values.pop().map(Value::Json),
                _ => Some(Value::Json(Json::Array(values))),
            }
        }
        Query::Cookie(name, attribute) => {
            let name = name.render(variables)?;
            cookie(answer, &name, attribute.as_deref())
        }
        Query::JsonPath(path) => {
            let json = whole(answer)?.json();
            let json = json.ok_or_else(|| "the body is no JSON".to_owned())?;
            found(&path.render(variables)?, &json)?.map(Value::Json)
        }
        Query::Regex(pattern) => {
            let regex = pattern.regex(variables)?;
            let text = whole(answer)?.text();
            let group = regex.captures(&text).and_then(|groups| groups.get(1));
            group.map(|group| Value::text(group.as_str()))
        }
        Query::Variable(name) => variables.get(&name.render(variables)?).cloned(),
    })
}

fn whole(answer: &Answer) -> Result<&Answer, String> {
    if answer.truncated {
        return Err("the body is longer than what is kept of it".to_owned());
    }
    Ok(answer)
}

/// The value of a cookie that the answer sets, or an attribute of it.
fn cookie(answer: &Answer, name: &str, attribute: Option<&str>) -> Option<Value> {
    let field = answer.fields("set-cookie").find(|field| {
        field
            .split_once('=')
            .is_some_and(|(other, _)| other.trim() == name)
    })?;
    let mut parts = field.split(';').map(str::trim);
    let (_, value) = parts.next()?.split_once('=')?;
    let Some(attribute) = attribute.filter(|attribute| *attribute != "value") else {
        return Some(Value::text(value.trim()));
    };
    let (key, value) = parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(attribute))?;
    let value = value.trim();
    Some(
        match (key.to_ascii_lowercase().as_str(), value.parse::<i64>()) {
            ("secure" | "httponly", _) => Value::Json(Json::Bool(true)),
            ("max-age", Ok(seconds)) => Value::Json(seconds.into()),
            _ => Value::text(value),
        },
    )
}
