//! Asks every safe operation of the contract, and holds each answer against what the contract says of it.
//!
//! The contract is the one that the app serves, or else the one in its repository. Every operation that changes
//! nothing is asked with the parameters that the contract gives as examples or that fit its schemas, and with a good
//! token where it wants one and one can be had; the answers to the scenario's own requests are held against it as
//! well. Status, media type and body have to be declared: the body by its JSON Schema.
//!
//! Some undeclared answers are not the app's fault and are only told: a refusal (401, 403), a limit (429), and what
//! made-up parameters may lead to (400, 404, 409, 422). 404 for a path that has no parameters breaks the criterion
//! where the app serves the contract: it does not have what it says. Operations that change something are judged
//! only by the scenario.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use xii_model::Severity;

use crate::api::{Api, has_files};
use crate::client::{Answer, Client, Request};
use crate::contract::Operation;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Stage, Steps};
use crate::tokens::Bearer;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "kept-contract",
    criteria: &["XIII.3"],
    // It may make an account to have a token, which others would see.
    phase: Phase::After,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// The most operations that are asked.
const MOST: usize = 150;
/// How long all of them together may take.
const WITHIN: Duration = Duration::from_secs(60);
/// How long an app that says 429 is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// How an answer stands to the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fits {
    /// It is as declared, and a success.
    Well,
    /// It is as declared, and an error or a redirection.
    Declared,
    /// It is not.
    Not(String),
    /// There is no telling, and why.
    Untold(String),
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let Some(api) = Api::of(stage).await? else {
            if let Some(known) = has_files(stage) {
                return Err(CouldNotTell(format!(
                    "no contract was found in the run; in the repository, {known}"
                )));
            }
            stage.not_applicable("XIII.3", "there is no contract that could be kept");
            return Ok(());
        };
        let run = stage.healthy().await?;
        let client = stage.client(&run);
        let mut told: BTreeMap<String, Vec<Fits>> = BTreeMap::new();
        let played = stage.played().await?;
        for outcome in &played.outcomes {
            if let Ok(answer) = &outcome.answer
                && let Some(operation) = api.contract.operation(&outcome.method, &outcome.path)
            {
                let fits = fits(&api, operation, answer);
                told.entry(operation.name()).or_default().push(fits);
            }
        }
        let safe: Vec<Operation> = api
            .contract
            .operations()
            .iter()
            .filter(|one| one.is_safe() && one.method != "OPTIONS")
            .take(MOST)
            .cloned()
            .collect();
        let bearer = match safe.iter().any(|one| !one.is_public()) {
            true => Bearer::find(stage, Some(&api)).await.ok(),
            false => None,
        };
        let end = Instant::now() + WITHIN;
        let mut unasked = 0;
        for operation in &safe {
            let request = operation.request().filter(|_| Instant::now() < end);
            let Some(answer) = asked(&client, request, operation, bearer.as_ref()).await else {
                unasked += 1;
                continue;
            };
            let fits = fits(&api, operation, &answer);
            told.entry(operation.name()).or_default().push(fits);
        }
        judge(stage, &api, &told, unasked);
        Ok(())
    })
}

/// What an operation answers; nothing when it cannot be asked, or does not come to an end.
async fn asked(
    client: &Client,
    request: Option<Request>,
    operation: &Operation,
    bearer: Option<&Bearer>,
) -> Option<Answer> {
    let mut request = request?;
    if let Some(bearer) = bearer.filter(|_| !operation.is_public()) {
        request = bearer.showing(request, &bearer.token);
    }
    let request = request.within(Duration::from_secs(5));
    client.send_patiently(&request, PATIENCE).await.ok()
}

fn fits(api: &Api, operation: &Operation, answer: &Answer) -> Fits {
    if answer.status == 304 {
        return Fits::Declared;
    }
    if operation.response(answer.status).is_none() {
        return undeclared(api, operation, answer.status);
    }
    match api.contract.validate(operation, answer) {
        Err(why) => Fits::Untold(why),
        Ok(faults) => match faults.first() {
            Some(fault) => Fits::Not(format!("answered {}: {fault}", answer.status)),
            None if answer.is_success() => Fits::Well,
            None => Fits::Declared,
        },
    }
}

/// What is to be made of a status that is not declared.
fn undeclared(api: &Api, operation: &Operation, status: u16) -> Fits {
    let words = format!("answered {status}, which is not declared");
    match status {
        401 | 403 | 429 => Fits::Untold(words),
        404 if !operation.path.contains('{') && operation.method == "GET" && api.is_served() => {
            Fits::Not(words)
        }
        // A safe request that is as the contract wants it, but for what was made up.
        400..500 => Fits::Untold(words),
        // The way to another path is followed by whoever asks; most servers add or take a slash so.
        300..400 => Fits::Untold(words),
        // A resource that could not be had may be the reason.
        500.. => Fits::Untold(words),
        _ => Fits::Not(words),
    }
}

fn judge(stage: &mut Stage, api: &Api, told: &BTreeMap<String, Vec<Fits>>, unasked: usize) {
    let name = api.name();
    let faults: Vec<String> = told
        .iter()
        .filter_map(|(operation, all)| {
            all.iter().find_map(|one| match one {
                Fits::Not(fault) => Some(format!("{operation} {fault}")),
                _ => None,
            })
        })
        .collect();
    let with = |wanted: &Fits| told.values().filter(|all| all.contains(wanted)).count();
    let well = with(&Fits::Well);
    let untold = told.iter().find_map(|(operation, all)| {
        all.iter().find_map(|one| match one {
            Fits::Untold(why) => Some(format!("{operation} {why}")),
            _ => None,
        })
    });
    if let Some(first) = faults.first() {
        let more = match faults.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more do not keep to it"),
        };
        stage.broken("XIII.3", format!("{name} is not kept: {first}{more}"));
    } else if well == 0 {
        let seen = untold
            .unwrap_or_else(|| format!("no operation of {} gave an answer", told.len() + unasked));
        stage.could_not_tell(
            "XIII.3",
            format!("no answer can be held against {name}: {seen}"),
        );
    } else {
        let mut reason = format!(
            "{well} operation{} answered as {name} says",
            if well == 1 { "" } else { "s" }
        );
        let rest = told.len() - well + unasked;
        if rest > 0 {
            reason.push_str(&format!("; of {rest} more no good answer was seen"));
        }
        if let Some(untold) = untold {
            reason.push_str(&format!("; {untold}"));
        }
        stage.holds("XIII.3", reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Place;
    use crate::client::tiny::{app, json, run as on_runtime};
    use crate::contract::Contract;

    const DOCUMENT: &str = r##"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {
        "/good": {"get": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}}}}},
        "/items/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}], "responses": {"200": {"description": ""}}}},
        "/gone": {"get": {"responses": {"200": {"description": ""}}}}
    }}"##;

    #[test]
    fn an_answer_fits_or_does_not_or_does_not_tell() {
        on_runtime(async {
            let api = Api {
                contract: Contract::read(DOCUMENT).expect("a contract"),
                place: Place::Served("/openapi.json".to_owned()),
            };
            let client = app(|seen| match seen.path.as_str() {
                "/good" => json(r#"{"a": 1}"#),
                "/good?bad" => json("[]"),
                "/good?created" => (201, String::new(), String::new()),
                "/good?busy" => (503, String::new(), String::new()),
                _ => (404, String::new(), String::new()),
            })
            .await;
            let of = async |path: &str| {
                let answer = client.send(&Request::get(path)).await.expect("an answer");
                let operation = api.contract.operation("GET", path).expect("declared");
                fits(&api, operation, &answer)
            };
            assert_eq!(of("/good").await, Fits::Well);
            assert!(matches!(of("/good?bad").await, Fits::Not(_)));
            assert!(matches!(of("/good?created").await, Fits::Not(_)));
            assert!(matches!(of("/good?busy").await, Fits::Untold(_)));
            assert!(matches!(of("/items/1").await, Fits::Untold(_)));
            assert!(matches!(of("/gone").await, Fits::Not(_)));
        });
    }
}
