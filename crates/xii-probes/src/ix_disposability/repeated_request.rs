//! Sends a request twice that is declared to be safe to repeat, and sees whether it acts once.
//!
//! Declared means named by `idempotent` of `[prove]` in xii.toml, such as `POST /orders`, or sent by the scenario with an
//! `Idempotency-Key`. The step of the scenario that sends it is sent twice in a row, with the same body and the same key;
//! where the scenario gives no key, the probe adds one. Both answers must name the same thing, by `Location` or by the id
//! in the body; or the second is refused as a repetition (409, 422), which acts once as well.

use std::time::Duration;

use xii_model::Severity;

use crate::client::Client;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Stage, Steps};
use crate::scenario::{Outcome, Scenario, Step, Template, Variables, play};
use crate::traffic::{SCENARIO, id, place};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "repeated-request",
    criteria: &["IX.7"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(60),
    alone: false,
    run,
};

/// The header that names a request for good (draft-ietf-httpapi-idempotency-key-header).
const KEY: &str = "Idempotency-Key";

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let declared = stage.settings().idempotent.clone();
        let scenario = stage.scenario().await?;
        let chosen: Vec<usize> = (0..scenario.steps.len())
            .filter(|at| {
                scenario
                    .steps
                    .get(*at)
                    .is_some_and(|step| is_declared(step, &declared))
            })
            .collect();
        if chosen.is_empty() {
            match declared.first() {
                Some(name) => stage.could_not_tell("IX.7", format!("`{name}` is declared to be safe to repeat, and no step of the scenario sends it")),
                None => stage.not_applicable("IX.7", "no request is declared to be safe to repeat (`idempotent` in [prove] of xii.toml)"),
            }
            return Ok(());
        }
        let run = stage.healthy().await?;
        let client = Client::new(stage.client(&run).address());
        let mut once = Vec::new();
        for at in chosen {
            let twice = twice(&scenario, at);
            stage.note(format!(
                "{} is sent twice with the same key",
                name(&twice, at)
            ));
            let played = play(&twice, |_| client.clone(), &Variables::default(), SCENARIO).await;
            let both: Vec<&Outcome> = played
                .outcomes
                .iter()
                .filter(|outcome| outcome.step == at)
                .collect();
            let [first, second] = both[..] else {
                return Err(CouldNotTell(format!(
                    "{} was not sent twice",
                    name(&twice, at)
                )));
            };
            match judge(first, second) {
                Said::Once(why) => once.push(why),
                Said::Twice(why) => {
                    stage.broken("IX.7", why);
                    return Ok(());
                }
                Said::Unclear(why) => {
                    stage.could_not_tell("IX.7", why);
                    return Ok(());
                }
            }
        }
        stage.holds("IX.7", once.join("; "));
        Ok(())
    })
}

/// Whether a step sends what is declared to be safe to repeat, or says so itself by a key.
fn is_declared(step: &Step, declared: &[String]) -> bool {
    if matches!(step.ask.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        return false;
    }
    let path = path(&step.ask.url);
    let named = declared.iter().any(|one| {
        let (method, wanted) = one.trim().split_once(' ').unwrap_or(("POST", one));
        method.eq_ignore_ascii_case(&step.ask.method) && fits(wanted.trim(), &path)
    });
    named || has_key(step)
}

fn has_key(step: &Step) -> bool {
    step.ask
        .headers
        .iter()
        .any(|(name, _)| name.source().eq_ignore_ascii_case(KEY))
}

/// The path of a step's address as it is written, without origin and query.
fn path(url: &Template) -> String {
    let url = url.source();
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => url.find('/').map_or("/", |at| &url[at..]),
    };
    rest.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Whether a path is the declared one; what stands in braces there fits any part.
fn fits(declared: &str, path: &str) -> bool {
    let parts = |path: &str| {
        path.trim_end_matches('/')
            .split('/')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (declared, path) = (parts(declared), parts(path));
    declared.len() == path.len()
        && declared
            .iter()
            .zip(&path)
            .all(|(wanted, part)| wanted == part || wanted.starts_with(['{', ':']))
}

/// The scenario up to a step, which is sent twice with one key.
fn twice(scenario: &Scenario, at: usize) -> Scenario {
    let mut twice = scenario.clone();
    twice.steps.truncate(at + 1);
    if let Some(step) = twice.steps.last_mut() {
        step.options.repeat = Some(2);
        step.options.retry = 0;
        step.options.skip = false;
        if !has_key(step) {
            let key = format!("xii-prove-{}-{at}", std::process::id());
            step.ask
                .headers
                .push((Template::plain(KEY), Template::plain(&key)));
        }
    }
    twice
}

fn name(scenario: &Scenario, at: usize) -> String {
    scenario.steps.get(at).map_or_else(String::new, |step| {
        format!("{} {}", step.ask.method, path(&step.ask.url))
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Said {
    Once(String),
    Twice(String),
    Unclear(String),
}

fn judge(first: &Outcome, second: &Outcome) -> Said {
    let name = match first.path.as_str() {
        "" => first.name.clone(),
        path => format!("{} {path}", first.method),
    };
    let (one, two) = match (&first.answer, &second.answer) {
        (Ok(one), Ok(two)) => (one, two),
        (Err(miss), _) | (_, Err(miss)) => {
            return Said::Unclear(format!("{name} sent twice: {miss}"));
        }
    };
    if !one.is_success() {
        return Said::Unclear(format!(
            "{name} is answered with {}, so that there is nothing to repeat",
            one.status
        ));
    }
    if [409, 422].contains(&two.status) {
        return Said::Once(format!(
            "{name} sent again with the same key is refused with {}",
            two.status
        ));
    }
    if !two.is_success() {
        return Said::Unclear(format!(
            "{name} sent again with the same key is answered with {} after {}",
            two.status, one.status
        ));
    }
    let thing = |outcome: &Outcome| place(outcome).or_else(|| id(outcome.answer.as_ref().ok()?));
    match (thing(first), thing(second)) {
        (Some(one), Some(two)) if one == two => Said::Once(format!(
            "{name} sent twice with the same key made one thing, {one}"
        )),
        (Some(one), Some(two)) => Said::Twice(format!(
            "{name} sent twice with the same key acted twice: it made {one} and {two}"
        )),
        _ if one.body == two.body => Said::Unclear(format!(
            "{name} sent twice is answered twice with the same, which does not say whether it acted twice"
        )),
        _ => Said::Unclear(format!(
            "{name} sent twice is answered differently, and neither answer names what it made"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Answer;

    fn outcome(status: u16, body: &str) -> Outcome {
        Outcome {
            step: 0,
            name: "POST /orders".to_owned(),
            method: "POST".to_owned(),
            path: "/orders".to_owned(),
            answer: Ok(Answer {
                status,
                version: "HTTP/1.1",
                headers: hyper::HeaderMap::new(),
                body: body.to_owned().into(),
                truncated: false,
                took: Duration::ZERO,
                first_byte: Duration::ZERO,
            }),
            failed: Vec::new(),
        }
    }

    #[test]
    fn one_thing_or_two() {
        let said = |one, two: (u16, &str)| judge(&outcome(201, one), &outcome(two.0, two.1));
        assert!(matches!(
            said(r#"{"id":1}"#, (201, r#"{"id":1}"#)),
            Said::Once(_)
        ));
        assert!(matches!(
            said(r#"{"id":1}"#, (200, r#"{"id":1}"#)),
            Said::Once(_)
        ));
        assert!(matches!(said(r#"{"id":1}"#, (409, "{}")), Said::Once(_)));
        assert!(matches!(
            said(r#"{"id":1}"#, (201, r#"{"id":2}"#)),
            Said::Twice(_)
        ));
        assert!(matches!(said("{}", (201, "{}")), Said::Unclear(_)));
        assert!(matches!(said(r#"{"id":1}"#, (500, "")), Said::Unclear(_)));
        assert!(matches!(
            judge(&outcome(401, ""), &outcome(401, "")),
            Said::Unclear(_)
        ));
    }

    #[test]
    fn what_is_declared_is_found_in_the_scenario() {
        let step = |url: &str| Step::plain("POST", url);
        let declared = ["POST /orders".to_owned(), "put /orders/{id}".to_owned()];
        assert!(is_declared(
            &step("http://localhost:8080/orders?x=1"),
            &declared
        ));
        assert!(!is_declared(&step("/orders/7"), &declared));
        assert!(is_declared(&Step::plain("PUT", "/orders/7"), &declared));
        assert!(!is_declared(
            &Step::plain("GET", "/orders"),
            &["GET /orders".to_owned()]
        ));
    }

    #[test]
    fn the_key_is_added_where_there_is_none() {
        let scenario = Scenario {
            steps: vec![Step::plain("POST", "/a"), Step::plain("POST", "/b")],
            ..Scenario::default()
        };
        let twice = twice(&scenario, 0);
        assert_eq!(twice.steps.len(), 1);
        assert!(has_key(&twice.steps[0]));
        assert_eq!(twice.steps[0].options.repeat, Some(2));
    }
}
