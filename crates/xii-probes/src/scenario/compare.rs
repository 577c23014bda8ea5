//! Whether two plays of one scenario went the same way.

use std::collections::{BTreeMap, BTreeSet};

use super::leaves::{Leaf, leaves};
use super::play::Played;
use super::value::cut;

/// The most differences that are told.
const MOST: usize = 50;

/// A place at which two plays differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the step, from 0.
    pub step: usize,
    /// The step's name.
    pub name: String,
    /// Where: `status`, `set-cookie`, `$.items[0].name`, `line 3`.
    pub what: String,
    /// What stands there in the one.
    pub left: String,
    /// What stands there in the other.
    pub right: String,
}

/// Where an app answers otherwise each time by itself, learned from plays through one instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Places whose words change: uptimes, random values, lists that grow. By outcome and place.
    volatile: BTreeSet<(usize, String)>,
    /// Places whose number grows by as much from play to play, however long that takes: what counts.
    counters: BTreeMap<(usize, String), i64>,
}

impl Learned {
    /// Whether what stands there is not compared.
    fn masks(&self, outcome: usize, place: &str) -> bool {
        let key = |place: &str| (outcome, place.to_owned());
        self.counters.contains_key(&key(place))
            || self.volatile.contains(&key(place))
            // Within a list that changes its length, nothing stands where it stood.
            || place.char_indices().any(|(at, char)| {
                char == '[' && self.volatile.contains(&key(&format!("{}.length", &place[..at])))
            })
    }

    /// The steps whose status changed by itself: they cannot be played twice, and show nothing.
    pub fn unsteady(&self) -> BTreeSet<usize> {
        let status = self
            .volatile
            .iter()
            .filter(|(_, place)| place == "status" || place == "answer");
        status.map(|(outcome, _)| *outcome).collect()
    }

    /// How many places count: see [`fallen`].
    pub fn counters(&self) -> usize {
        self.counters.len()
    }
}

/// Learns from plays of one scenario through one instance, one after the other, which places change by themselves.
///
/// With three plays and a pause of two seconds or more between the last two, what counts is told from what tells the
/// time: a number that grows by the same in both spans is a counter, which is state; an uptime grows with the span.
pub fn learn(plays: &[&Played]) -> Learned {
    let mut learned = Learned::default();
    let Some((first, others)) = plays.split_first() else {
        return learned;
    };
    for (number, outcome) in first.outcomes.iter().enumerate() {
        let before = leaves(outcome);
        let after: Vec<_> = others
            .iter()
            .map(|play| play.outcomes.get(number).map(leaves).unwrap_or_default())
            .collect();
        let places: BTreeSet<&String> = before
            .keys()
            .chain(after.iter().flat_map(|leaves| leaves.keys()))
            .collect();
        for place in places {
            let series: Vec<Option<&Leaf>> = std::iter::once(before.get(place))
                .chain(after.iter().map(|leaves| leaves.get(place)))
                .collect();
            if series.windows(2).all(|pair| pair[0] == pair[1]) {
                continue;
            }
            match step(&series) {
                Some(step) => {
                    learned.counters.insert((number, place.clone()), step);
                }
                None => {
                    learned.volatile.insert((number, place.clone()));
                }
            }
        }
    }
    learned
}

/// By how much a series grows each time, when that is always the same and there are two spans or more.
fn step(series: &[Option<&Leaf>]) -> Option<i64> {
    let numbers: Vec<i64> = series
        .iter()
        .map(|leaf| leaf.and_then(|leaf| leaf.integer))
        .collect::<Option<_>>()?;
    let steps: Option<Vec<i64>> = numbers
        .windows(2)
        .map(|pair| pair[1].checked_sub(pair[0]))
        .collect();
    match steps?.as_slice() {
        [first, rest @ ..] if !rest.is_empty() && *first > 0 => {
            rest.iter().all(|step| step == first).then_some(*first)
        }
        _ => None,
    }
}

/// Where two plays of one scenario differ. What is volatile by its form or its name is masked (dates, ids of 16 signs
/// and more, tokens, spans of time, addresses of instances), and so is what `learned` knows to change by itself.
pub fn compare(left: &Played, right: &Played, learned: &Learned) -> Vec<Difference> {
    let mut differences = Vec::new();
    let longer = left.outcomes.len().max(right.outcomes.len());
    for number in 0..longer {
        let (one, two) = (left.outcomes.get(number), right.outcomes.get(number));
        let Some(either) = one.or(two) else {
            continue;
        };
        let left = one.map(leaves).unwrap_or_default();
        let right = two.map(leaves).unwrap_or_default();
        let places: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        let mut found: Vec<Difference> = places
            .into_iter()
            .filter(|place| !learned.masks(number, place) && left.get(*place) != right.get(*place))
            .map(|place| Difference {
                step: either.step,
                name: either.name.clone(),
                what: place.clone(),
                left: words(left.get(place)),
                right: words(right.get(place)),
            })
            .collect();
        // Another status has another body: that says nothing more.
        let leading = ["answer", "status"].iter().find_map(|leading| {
            found
                .iter()
                .position(|difference| difference.what == *leading)
        });
        if let Some(at) = leading {
            found = vec![found.swap_remove(at)];
        }
        differences.append(&mut found);
        if differences.len() >= MOST {
            differences.truncate(MOST);
            break;
        }
    }
    differences
}

/// Counters of a later play that are not above those of an earlier one: a count that an instance keeps for itself, and
/// loses with a restart. The earlier one may be any of those that were learned from.
pub fn fallen(earlier: &Played, later: &Played, learned: &Learned) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (number, place) in learned.counters.keys() {
        let (Some(one), Some(two)) = (earlier.outcomes.get(*number), later.outcomes.get(*number))
        else {
            continue;
        };
        let (left, right) = (leaves(one), leaves(two));
        let (left, right) = (left.get(place), right.get(place));
        let numbers = left
            .and_then(|leaf| leaf.integer)
            .zip(right.and_then(|leaf| leaf.integer));
        if numbers.is_some_and(|(before, after)| after <= before) && differences.len() < MOST {
            differences.push(Difference {
                step: one.step,
                name: one.name.clone(),
                what: place.clone(),
                left: words(left),
                right: words(right),
            });
        }
    }
    differences
}

fn words(leaf: Option<&Leaf>) -> String {
    leaf.map_or_else(|| "nothing".to_owned(), |leaf| cut(&leaf.words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Answer;
    use crate::scenario::Outcome;
    use std::time::Duration;

    fn played(answers: &[(u16, &str, &str)]) -> Played {
        let outcomes = answers
            .iter()
            .enumerate()
            .map(|(step, (status, fields, body))| {
                let mut headers = hyper::HeaderMap::new();
                for (name, value) in fields.lines().filter_map(|line| line.split_once(": ")) {
                    let name: hyper::header::HeaderName = name.parse().expect("a name");
                    headers.append(name, value.parse().expect("a value"));
                }
                Outcome {
                    step,
                    name: format!("GET /{step}"),
                    method: "GET".to_owned(),
                    path: format!("/{step}"),
                    answer: Ok(Answer {
                        status: *status,
                        version: "HTTP/1.1",
                        headers,
                        body: (*body).to_owned().into(),
                        truncated: false,
                        took: Duration::ZERO,
                        first_byte: Duration::ZERO,
                    }),
                    failed: Vec::new(),
                }
            });
        Played {
            outcomes: outcomes.collect(),
            ..Played::default()
        }
    }

    fn whats(differences: &[Difference]) -> Vec<&str> {
        differences
            .iter()
            .map(|difference| difference.what.as_str())
            .collect()
    }

    #[test]
    fn what_differs_is_named_and_what_is_volatile_is_not() {
        let one = played(&[(
            200,
            "content-type: application/json\nset-cookie: sid=a; Path=/\nx-request-id: 1",
            r#"{"at": "2026-11-20T14:00:00Z", "id": "0123456789abcdef0123", "pid": 7, "name": "a", "list": [1, 2], "epoch": 1795183200}"#,
        )]);
        let same = played(&[(
            200,
            "content-type: application/json; charset=utf-8\nset-cookie: sid=b; Path=/\nx-request-id: 2",
            r#"{"at": "2026-11-20T15:01:00Z", "id": "fedcba98765432100123", "pid": 9, "name": "a", "list": [1, 2], "epoch": 1795183200}"#,
        )]);
        assert_eq!(compare(&one, &same, &Learned::default()), []);
        let other = played(&[(
            200,
            "content-type: text/html",
            r#"{"at": "2026-11-20T15:01:00Z", "id": 3, "pid": 9, "name": "b", "list": [1], "epoch": 1795183200}"#,
        )]);
        let differences = compare(&one, &other, &Learned::default());
        assert_eq!(
            whats(&differences),
            [
                "$.id",
                "$.list.length",
                "$.list[1]",
                "$.name",
                "content-type",
                "set-cookie"
            ]
        );
        assert_eq!(
            (differences[3].left.as_str(), differences[3].right.as_str()),
            ("\"a\"", "\"b\"")
        );
    }

    #[test]
    fn another_status_says_it_all() {
        let one = played(&[(200, "", "a"), (302, "location: /home?x=1", "")]);
        let two = played(&[
            (401, "", "b\nc"),
            (302, "location: http://localhost:3000/login", ""),
        ]);
        let differences = compare(&one, &two, &Learned::default());
        assert_eq!(whats(&differences), ["status", "location"]);
        assert_eq!(
            (differences[1].left.as_str(), differences[1].right.as_str()),
            ("/home", "/login")
        );
    }

    #[test]
    fn counters_are_told_from_clocks() {
        let play = |visits: u32, clock: u32, items: &str| {
            let body =
                format!(r#"{{"visits": {visits}, "seconds_up": {clock}, "items": {items}}}"#);
            played(&[(200, "", body.as_str())])
        };
        let plays = [
            play(4, 10, "[1]"),
            play(5, 10, "[1, 2]"),
            play(6, 12, "[1, 2, 3]"),
        ];
        let learned = learn(&plays.each_ref());
        assert_eq!(learned.counters(), 1);
        assert!(learned.unsteady().is_empty());
        // Neither is a difference by itself.
        let later = play(9, 20, "[7, 8]");
        assert_eq!(compare(&plays[0], &later, &learned), []);
        assert_eq!(fallen(&plays[2], &later, &learned), []);
        // What begins anew is lost.
        let restarted = play(1, 0, "[]");
        assert_eq!(
            whats(&fallen(&plays[2], &restarted, &learned)),
            ["$.visits"]
        );
        // With two plays there is no telling.
        assert_eq!(learn(&[&plays[0], &plays[1]]).counters(), 0);
    }

    #[test]
    fn a_step_that_cannot_be_played_twice_is_named() {
        let one = played(&[(200, "", ""), (201, "", "")]);
        let two = played(&[(200, "", ""), (409, "", "")]);
        let learned = learn(&[&one, &two]);
        assert_eq!(learned.unsteady().into_iter().collect::<Vec<_>>(), [1]);
        assert_eq!(compare(&one, &two, &learned), []);
    }

    #[test]
    fn a_step_without_an_answer_differs_from_one_with() {
        let one = played(&[(200, "", "")]);
        let mut two = played(&[(200, "", "")]);
        two.outcomes[0].answer = Err(crate::client::Miss::Reset);
        let differences = compare(&one, &two, &Learned::default());
        assert_eq!(whats(&differences), ["answer"]);
        assert_eq!(differences[0].right, "reset");
        let none = Played::default();
        assert_eq!(
            whats(&compare(&one, &none, &Learned::default())),
            ["answer"]
        );
    }
}
