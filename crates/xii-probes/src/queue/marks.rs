//! What a job is known by, and how its state is read.

use serde_json::Value as Json;

use crate::client::Answer;

/// The most ids that one answer may have.
const MOST: usize = 6;

/// What an answer calls things by: the places of its ids and the ids. A place is a JSON pointer (RFC 6901), or
/// `location`. A short number is one as well if `shown` says that something is asked for by it: many queues count.
pub fn ids(answer: &Answer, shown: &dyn Fn(&str) -> bool) -> Vec<(String, String)> {
    let names = |text: &str| is_id(text) || is_count(text) && shown(text);
    let mut found = Vec::new();
    if let Some(json) = answer.json() {
        collect(&json, String::new(), &names, &mut found);
    }
    if let Some(location) = answer.field("location") {
        let last = location.split(['?', '#']).next().unwrap_or_default();
        let last = last.rsplit('/').next().unwrap_or_default();
        if names(last) && !found.iter().any(|(_, id)| id == last) {
            found.push(("location".to_owned(), last.to_owned()));
        }
    }
    found.truncate(MOST);
    found
}

fn collect(
    json: &Json,
    place: String,
    names: &dyn Fn(&str) -> bool,
    found: &mut Vec<(String, String)>,
) {
    match json {
        Json::String(text) if names(text) && found.len() < MOST => {
            found.push((place, text.clone()));
        }
        Json::Number(number) if names(&number.to_string()) && found.len() < MOST => {
            found.push((place, number.to_string()));
        }
        Json::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(value, format!("{place}/{name}"), names, found);
            }
        }
        // What is in a list is not what the answer is about.
        _ => {}
    }
}

/// Long enough, and mixed enough, to be nothing else than what it names.
fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (8..=64).contains(&text.len())
        && text.bytes().all(fits)
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether an id is a number as a queue counts its jobs, and may as well be any other.
pub(super) fn is_count(id: &str) -> bool {
    (1..8).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// What names a job on the way to its queue. A count is found at the end of a key, as Bull and others on Redis make
/// them of it (RESP: <https://redis.io/docs/latest/develop/reference/protocol-spec/>).
pub(super) fn needle(id: &str) -> Vec<u8> {
    match is_count(id) {
        true => format!(":{id}\r\n").into_bytes(),
        false => id.as_bytes().to_vec(),
    }
}

/// The words of a line without what is another each time: only those without a digit are kept.
pub fn line_shape(line: &str) -> String {
    let words = line.split(|c: char| !c.is_alphanumeric());
    let words =
        words.filter(|word| !word.is_empty() && !word.contains(|c: char| c.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}

/// What an answer says of a job, without what is another for each: words, truth values and small numbers.
pub fn state(answer: &Answer, id: &str) -> String {
    let mut told = vec![answer.status.to_string()];
    match answer.json() {
        Some(json) => leaves(&json, "", id, &mut told),
        None => told.push(line_shape(&answer.text())),
    }
    told.join(", ")
}

/// Whether what is said of a job has a word for one that is not done, as queues and their users call it.
pub(super) fn is_at_work(state: &str) -> bool {
    const WORDS: [&str; 12] = [
        "pending",
        "waiting",
        "queued",
        "enqueued",
        "scheduled",
        "delayed",
        "active",
        "running",
        "started",
        "processing",
        "progress",
        "working",
    ];
    let mut values = state.split(", ").filter_map(|part| part.split_once('='));
    values.any(|(_, value)| WORDS.contains(&value.to_ascii_lowercase().as_str()))
}

fn leaves(json: &Json, name: &str, id: &str, told: &mut Vec<String>) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                leaves(value, name, id, told);
            }
        }
        Json::Array(values) => values
            .iter()
            .take(20)
            .for_each(|value| leaves(value, name, id, told)),
        Json::String(text) if !text.contains(|c: char| c.is_ascii_digit()) && text.len() < 60 => {
            told.push(format!("{name}={text}"));
        }
        Json::Number(number)
            if number.as_u64().is_some_and(|number| number < 100) && number.to_string() != id =>
        {
            told.push(format!("{name}={number}"));
        }
        Json::Bool(value) => told.push(format!("{name}={value}")),
        Json::Null => told.push(format!("{name}=null")),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(body: &str) -> Answer {
        Answer {
            status: 202,
            version: "HTTP/1.1",
            headers: [(
                "location".parse().expect("a name"),
                "/jobs/0f3a9b21c4d5?x".parse().expect("a value"),
            )]
            .into_iter()
            .collect(),
            body: body.to_owned().into(),
            truncated: false,
            took: Duration::ZERO,
            first_byte: Duration::ZERO,
        }
    }

    #[test]
    fn ids_are_found_in_a_body_and_in_its_location() {
        let found = ids(
            &answer(
                r#"{"task": {"id": "c56a4180-65aa-42ec-a945-5fd21dec0538"}, "state": "waiting"}"#,
            ),
            &|_| false,
        );
        let expected = [
            ("/task/id", "c56a4180-65aa-42ec-a945-5fd21dec0538"),
            ("location", "0f3a9b21c4d5"),
        ];
        assert_eq!(
            found,
            expected.map(|(place, id)| (place.to_owned(), id.to_owned()))
        );
    }

    #[test]
    fn a_count_is_an_id_where_something_is_asked_for_by_it() {
        let counted = answer(r#"{"id": "7", "queue": 12, "of": 30}"#);
        assert!(
            ids(&counted, &|_| false)
                .iter()
                .all(|(place, _)| place == "location")
        );
        let found = ids(&counted, &|text| text == "7" || text == "12");
        let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["/id", "/queue", "location"]);
        assert_eq!(needle("7"), b":7\r\n");
        let one = state(&answer(r#"{"id": 7, "state": "done"}"#), "7");
        assert_eq!(one, state(&answer(r#"{"id": 8, "state": "done"}"#), "8"));
    }

    #[test]
    fn lines_of_two_jobs_have_one_shape() {
        assert_eq!(
            line_shape(r#"{"time":"2026-01-01T00:00:00Z","message":"job done","job":"a1b2c3d4"}"#),
            line_shape(r#"{"time":"2026-02-03T10:20:30Z","message":"job done","job":"99b2c3d4"}"#),
        );
        assert_ne!(line_shape("job done a1"), line_shape("job taken a1"));
    }

    #[test]
    fn what_is_at_work_is_not_done() {
        let told = |text: &str| state(&answer(text), "a1b2c3d4");
        assert!(is_at_work(&told(
            r#"{"task_status": "PENDING", "task_result": null}"#
        )));
        assert!(is_at_work(&told(r#"{"state": "active", "progress": 3}"#)));
        assert!(!is_at_work(&told(
            r#"{"task_status": "SUCCESS", "active": true}"#
        )));
    }

    #[test]
    fn a_state_is_what_is_alike_for_all_jobs() {
        let one = state(
            &answer(r#"{"id": "a1b2c3d4", "state": "done", "runs": 1, "at": 1763600000}"#),
            "a1b2c3d4",
        );
        let two = state(
            &answer(r#"{"id": "e5f6a7b8", "state": "done", "runs": 1, "at": 1763600999}"#),
            "e5f6a7b8",
        );
        assert_eq!(one, two);
        let other = state(
            &answer(r#"{"id": "e5f6a7b8", "state": "running", "runs": 0, "at": 1}"#),
            "e5f6a7b8",
        );
        assert_ne!(one, other);
    }
}
