//! What a request left behind, and where it can be read again.

use crate::client::{Answer, Client, Request};
use crate::engine::{Run, Stage};
use crate::scenario::{Outcome, Played};

/// The most that is looked at.
const MOST: usize = 8;

/// Something that the scenario created and that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Created {
    /// The request that created it: `POST /notes`.
    pub(crate) name: String,
    /// The status that acknowledged it.
    pub(crate) status: u16,
    /// Where it is.
    pub(crate) place: String,
}

impl Created {
    /// The request that reads it.
    pub(crate) fn read(&self) -> Request {
        Request::get(&self.place)
    }
}

/// What a play of the scenario created on an instance and can be read there without a cookie.
pub(crate) async fn created(stage: &Stage, run: &Run, played: &Played) -> Vec<Created> {
    let client = Client::new(stage.client(run).address());
    let mut found: Vec<Created> = Vec::new();
    for outcome in played.outcomes.iter().filter(|one| one.method == "POST") {
        let Some(place) = place(outcome) else {
            continue;
        };
        if found.len() >= MOST || found.iter().any(|one| one.place == place) {
            continue;
        }
        let created = Created {
            name: format!("{} {}", outcome.method, outcome.path),
            status: outcome.status().unwrap_or_default(),
            place,
        };
        // What can not be read here and now says nothing elsewhere and later.
        let read = client.send(&created.read()).await;
        if read.is_ok_and(|answer| answer.is_success()) {
            found.push(created);
        }
    }
    found
}

/// Where an answer says that what was created can be read: its `Location`, or the path with the id that it tells.
pub(crate) fn place(outcome: &Outcome) -> Option<String> {
    let answer = outcome.answer.as_ref().ok()?;
    if ![200, 201, 202].contains(&answer.status) {
        return None;
    }
    if let Some(location) = answer.field("location") {
        return path_of(location);
    }
    let id = id(answer)?;
    let path = outcome.path.split(['?', '#']).next().unwrap_or_default();
    Some(format!("{}/{id}", path.trim_end_matches('/')))
}

/// The path of a `Location`, which may be a whole address (RFC 9110, section 10.2.2).
fn path_of(location: &str) -> Option<String> {
    let rest = match location.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => location,
    };
    rest.starts_with('/').then(|| rest.to_owned())
}

/// The id that an answer in JSON tells of what was created.
pub(crate) fn id(answer: &Answer) -> Option<String> {
    let json = answer.json()?;
    let inner = match json.get("data") {
        Some(inner) if inner.is_object() => inner,
        _ => &json,
    };
    let id = ["id", "_id", "uuid"]
        .iter()
        .find_map(|name| inner.get(name))?;
    let text = match id {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let plain = !text.is_empty()
        && text.len() <= 100
        && text
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "-_.".contains(one));
    plain.then_some(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn outcome(status: u16, location: Option<&str>, body: &str) -> Outcome {
        let mut headers = hyper::HeaderMap::new();
        if let Some(location) = location {
            headers.insert("location", location.parse().expect("it is a value"));
        }
        Outcome {
            step: 0,
            name: "POST /notes".to_owned(),
            method: "POST".to_owned(),
            path: "/notes?x=1".to_owned(),
            answer: Ok(Answer {
                status,
                version: "HTTP/1.1",
                headers,
                body: body.to_owned().into(),
                truncated: false,
                took: Duration::ZERO,
                first_byte: Duration::ZERO,
            }),
            failed: Vec::new(),
        }
    }

    #[test]
    fn a_place_is_told_or_made_of_the_id() {
        let told = |location, body| place(&outcome(201, location, body));
        assert_eq!(told(Some("/notes/7"), "").as_deref(), Some("/notes/7"));
        assert_eq!(
            told(Some("http://localhost:80/notes/7"), "").as_deref(),
            Some("/notes/7")
        );
        assert_eq!(told(None, r#"{"id": 7}"#).as_deref(), Some("/notes/7"));
        assert_eq!(
            told(None, r#"{"data": {"_id": "a-b"}}"#).as_deref(),
            Some("/notes/a-b")
        );
        assert_eq!(told(None, r#"{"id": "../x"}"#), None);
        assert_eq!(told(None, r#"{"name": "x"}"#), None);
        assert_eq!(told(Some("notes/7"), ""), None);
        assert_eq!(place(&outcome(400, Some("/notes/7"), "")), None);
    }
}
