//! An answer taken apart: what can be compared, each by where it stands.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::mask;
use super::play::Outcome;
use crate::client::Answer;

/// The most that is compared of one answer.
const MOST: usize = 20_000;
/// The longest part of a text that is kept, in characters.
const LONGEST: usize = 400;

/// What stands at one place of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// The words, with what is volatile masked.
    pub(super) words: String,
    /// The integer, when it is one.
    pub(super) integer: Option<i64>,
}

/// What an outcome says, by where it says it: `status`, `content-type`, `$.items[0].name`, `line 3`.
pub(super) fn leaves(outcome: &Outcome) -> BTreeMap<String, Leaf> {
    let mut leaves = Leaves(BTreeMap::new());
    match &outcome.answer {
        Err(miss) => leaves.put("answer", miss.kind()),
        Ok(answer) => {
            leaves.put("answer", "came");
            leaves.put("status", &answer.status.to_string());
            if let Some(kind) = answer.media_type() {
                leaves.put("content-type", &kind);
            }
            if let Some(location) = answer.field("location") {
                let path = super::ask::redirected(&outcome.path, location);
                let path = path.split(['?', '#']).next().unwrap_or_default();
                leaves.put("location", &mask::text(path));
            }
            let mut names: Vec<String> = answer
                .fields("set-cookie")
                .filter_map(|field| Some(field.split_once('=')?.0.trim().to_owned()))
                .collect();
            names.sort();
            names.dedup();
            if !names.is_empty() {
                leaves.put("set-cookie", &names.join(", "));
            }
            leaves.body(answer);
        }
    }
    leaves.0
}

struct Leaves(BTreeMap<String, Leaf>);

impl Leaves {
    fn put(&mut self, place: &str, words: &str) {
        self.leaf(place.to_owned(), words.to_owned(), None);
    }

    fn leaf(&mut self, place: String, mut words: String, integer: Option<i64>) {
        if self.0.len() < MOST {
            if let Some((end, _)) = words.char_indices().nth(LONGEST) {
                words.truncate(end);
            }
            self.0.insert(place, Leaf { words, integer });
        }
    }

    fn body(&mut self, answer: &Answer) {
        if let Some(json) = answer
            .json()
            .filter(|json| json.is_array() || json.is_object())
        {
            self.json("$".to_owned(), None, &json);
        } else if std::str::from_utf8(&answer.body).is_ok() {
            for (number, line) in answer.text().lines().enumerate() {
                self.put(
                    &format!("line {}", number + 1),
                    mask::text(line.trim()).as_str(),
                );
            }
        } else {
            // A picture or an archive.
            self.put("bytes", &answer.body.len().to_string());
        }
    }

    /// `name` is the member's, if it is one. serde_json bounds how deep this goes.
    fn json(&mut self, place: String, name: Option<&str>, json: &Json) {
        if name.is_some_and(mask::is_volatile) && !json.is_object() {
            return self.put(&place, "…");
        }
        match json {
            Json::Array(items) => {
                self.put(&format!("{place}.length"), &items.len().to_string());
                for (at, item) in items.iter().enumerate() {
                    self.json(format!("{place}[{at}]"), None, item);
                }
            }
            Json::Object(members) => {
                for (key, value) in members {
                    self.json(format!("{place}.{key}"), Some(key), value);
                }
                if members.is_empty() {
                    self.put(&place, "{}");
                }
            }
            Json::String(text) => self.put(&place, &format!("\"{}\"", mask::text(text))),
            Json::Number(number) if number.as_u64().is_some_and(is_moment) => {
                self.put(&place, "…");
            }
            other => self.leaf(place, other.to_string(), other.as_i64()),
        }
    }
}

/// Whether a number is a point in time of our days, in seconds or milliseconds since 1970.
fn is_moment(number: u64) -> bool {
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0);
    let near = |seconds: u64| seconds.abs_diff(now) < 366 * 86_400;
    near(number) || near(number / 1000)
}
