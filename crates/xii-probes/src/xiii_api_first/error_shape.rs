//! Provokes errors of the caller's and of the app's, and holds their shape against what is documented.
//!
//! What is asked for is not there, is asked without a token, and comes with a body that is no JSON; then each
//! resource is cut, one after the other, and the operations that change nothing are asked again. An error has a
//! documented shape when it is `application/problem+json` (RFC 9457) or fits the schema that the contract declares
//! for its status. An error of an operation that the contract describes has to; what the app answers to a path that
//! it does not have is the framework's, and is told and no more.
//!
//! A limit of rates (429) is waited for, and what is left of it is not judged. Without a contract only
//! `problem+json` can be told to be documented.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use xii_model::Severity;

use crate::api::{Api, shape};
use crate::client::{Answer, Client, Request};
use crate::contract::{ErrorShape, Operation};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Setup, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "error-shape",
    criteria: &["XIII.4"],
    phase: Phase::Stress,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// The most operations that are asked for each kind of error.
const MOST: usize = 12;
/// How long an app that says 429 is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an answer may take while a resource is cut.
const WHILE_CUT: Duration = Duration::from_secs(4);
/// How long the operations may be asked while one resource is cut.
const ALL_WHILE_CUT: Duration = Duration::from_secs(12);

/// An error that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    /// What was asked.
    what: String,
    status: u16,
    /// The contract describes the operation.
    described: bool,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Documented(&'static str),
    Not(String),
    Untold(String),
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let api = Api::of(stage).await?;
        let mut seen = Vec::new();
        callers_errors(stage, api.as_ref(), &mut seen).await?;
        own_errors(stage, api.as_ref(), &mut seen).await?;
        judge(stage, api.as_ref(), &seen);
        Ok(())
    })
}

/// Takes in an answer when it is an error.
fn take(api: Option<&Api>, seen: &mut Vec<Seen>, request: &Request, answer: &Answer) {
    if answer.status < 400 || answer.status == 429 || request.method == "HEAD" {
        return;
    }
    let operation = api.and_then(|api| api.contract.operation(&request.method, &request.path));
    let found = match api {
        Some(api) => shape(&api.contract, operation, answer),
        None => Ok(ErrorShape::of(answer)),
    };
    let shape = match found {
        Ok(ErrorShape::Problem) => Shape::Documented("problem+json"),
        Ok(ErrorShape::Declared) => Shape::Documented("the contract's schema"),
        Ok(ErrorShape::Other(why)) => Shape::Not(why),
        Err(why) => Shape::Untold(why),
    };
    let path = request.path.split('?').next().unwrap_or_default();
    let path = operation.map_or(path, |operation| operation.path.as_str());
    let one = Seen {
        what: format!("{} {path}", request.method),
        status: answer.status,
        described: operation.is_some(),
        shape,
    };
    if !seen.contains(&one) {
        seen.push(one);
    }
}

async fn ask(
    client: &Client,
    api: Option<&Api>,
    seen: &mut Vec<Seen>,
    request: &Request,
) -> Option<u16> {
    let answer = client.send_patiently(request, PATIENCE).await.ok()?;
    take(api, seen, request, &answer);
    Some(answer.status)
}

/// Errors that whoever asks has made: 400, 401, 404, 405, 422.
async fn callers_errors(
    stage: &Stage,
    api: Option<&Api>,
    seen: &mut Vec<Seen>,
) -> Result<(), CouldNotTell> {
    let played = stage.played().await?;
    for outcome in &played.outcomes {
        if let Ok(answer) = &outcome.answer {
            take(
                api,
                seen,
                &Request::new(&outcome.method, &outcome.path),
                answer,
            );
        }
    }
    let run = stage.healthy().await?;
    let client = stage.client(&run);
    let operations = api.map_or(&[][..], |api| api.contract.operations());
    let base = operations
        .iter()
        .find_map(|one| one.path.strip_prefix('/')?.split_once('/'))
        .filter(|(first, _)| matches!(*first, "api" | "v1" | "rest"))
        .map_or_else(String::new, |(first, _)| format!("/{first}"));
    ask(
        &client,
        api,
        seen,
        &Request::get(format!("{base}/xii-no-such-thing")),
    )
    .await;
    let with_parameters = operations
        .iter()
        .filter(|one| one.method == "GET" && one.path.contains('{'));
    for operation in with_parameters.take(MOST) {
        if let Some(request) = operation.request() {
            ask(&client, api, seen, &request).await;
        }
    }
    for operation in operations.iter().filter(|one| !one.is_public()).take(MOST) {
        if let Some(request) = operation.request() {
            let mut request = request;
            request.body = Vec::new();
            ask(&client, api, seen, &request).await;
        }
    }
    for operation in operations.iter().filter(|one| takes_json(one)).take(MOST) {
        if let Some(mut request) = operation.request() {
            request.body = b"{\"xii".to_vec();
            ask(&client, api, seen, &request).await;
            // A body of JSON that is not what is wanted.
            request.body = json!({"xii": null}).to_string().into_bytes();
            ask(&client, api, seen, &request).await;
        }
    }
    Ok(())
}

/// Whether an operation that anybody may ask wants a body of JSON.
fn takes_json(operation: &Operation) -> bool {
    let wants = |body: &crate::contract::Body| body.required && body.media_type.ends_with("json");
    operation.is_public()
        && operation.method == "POST"
        && operation.body.as_ref().is_some_and(wants)
}

/// Errors that the app has while a resource is cut.
async fn own_errors(
    stage: &Stage,
    api: Option<&Api>,
    seen: &mut Vec<Seen>,
) -> Result<(), CouldNotTell> {
    if stage.resources().is_empty() {
        return Ok(());
    }
    let mut requests: Vec<Request> = Vec::new();
    let scenario = stage.played().await?;
    for outcome in &scenario.outcomes {
        if outcome.method == "GET" && outcome.answer.as_ref().is_ok_and(|one| one.is_success()) {
            requests.push(Request::get(&outcome.path));
        }
    }
    let operations = api.map_or(&[][..], |api| api.contract.operations());
    requests.extend(
        operations
            .iter()
            .filter(|one| one.method == "GET" && one.is_public())
            .filter_map(Operation::request),
    );
    let mut known = std::collections::BTreeSet::new();
    requests.retain(|one| known.insert(one.path.clone()));
    let run = stage.serve(Setup::web()).await?;
    let client = stage.client(&run);
    for (name, interposer) in run.resources() {
        stage.note(format!("cutting {name}"));
        interposer.cut();
        let end = Instant::now() + ALL_WHILE_CUT;
        for request in requests.iter().take(MOST * 2) {
            if Instant::now() > end {
                break;
            }
            let request = request.clone().within(WHILE_CUT);
            if let Ok(answer) = client.send(&request).await {
                take(api, seen, &request, &answer);
            }
        }
        interposer.restore();
    }
    run.kill().await;
    Ok(())
}

fn judge(stage: &mut Stage, api: Option<&Api>, seen: &[Seen]) {
    let words = |one: &Seen, why: &str| format!("{} answered {}: {why}", one.what, one.status);
    let mut documented: BTreeMap<u16, &str> = BTreeMap::new();
    let mut undocumented: BTreeMap<u16, String> = BTreeMap::new();
    let mut aside: Option<String> = None;
    for one in seen {
        match &one.shape {
            Shape::Documented(how) => {
                documented.entry(one.status).or_insert(how);
            }
            Shape::Not(why) if one.described => {
                undocumented
                    .entry(one.status)
                    .or_insert_with(|| words(one, why));
            }
            Shape::Not(why) | Shape::Untold(why) => aside = aside.or_else(|| Some(words(one, why))),
        }
    }
    let statuses = documented
        .keys()
        .map(u16::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    if !undocumented.is_empty() {
        let all: Vec<&String> = undocumented.values().collect();
        let more = match all.len() - 1 {
            0 => String::new(),
            1 => ", and 1 more status".to_owned(),
            more => format!(", and {more} more statuses"),
        };
        let name = api.map_or_else(String::new, Api::name);
        stage.broken(
            "XIII.4",
            format!("errors are not as {name} documents them: {}{more}", all[0]),
        );
    } else if !documented.is_empty() {
        let mut hows: Vec<&str> = documented.values().copied().collect();
        hows.sort_unstable();
        hows.dedup();
        let mut reason = format!(
            "errors with {statuses} have the shape of {}",
            hows.join(" or ")
        );
        if let Some(aside) = aside {
            reason.push_str(&format!("; {aside}"));
        }
        stage.holds("XIII.4", reason);
    } else if api.is_none() {
        stage.could_not_tell(
            "XIII.4",
            match aside {
                Some(aside) => format!("no contract documents the shape of errors; {aside}"),
                None => "no contract documents the shape of errors, and none was seen".to_owned(),
            },
        );
    } else {
        stage.could_not_tell(
            "XIII.4",
            aside.unwrap_or_else(|| "no error was seen of any operation".to_owned()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Place;
    use crate::client::tiny::{app, run as on_runtime};
    use crate::contract::Contract;

    const DOCUMENT: &str = r##"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {
        "/items/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}], "responses": {
            "200": {"description": ""},
            "404": {"description": "", "content": {"application/json": {"schema": {"type": "object", "required": ["error"]}}}}}}},
        "/plain": {"get": {"responses": {"200": {"description": ""}}}}
    }}"##;

    #[test]
    fn an_error_is_held_against_what_is_declared_for_it_or_for_its_status() {
        on_runtime(async {
            let api = Api {
                contract: Contract::read(DOCUMENT).expect("a contract"),
                place: Place::File("openapi.json".to_owned()),
            };
            let json = "Content-Type: application/json".to_owned();
            let client = app(move |seen| match seen.path.as_str() {
                "/items/1" => (404, json.clone(), r#"{"error": "gone"}"#.to_owned()),
                "/items/2" => (404, json.clone(), r#"{"message": "gone"}"#.to_owned()),
                "/items/3" => (
                    500,
                    "Content-Type: application/problem+json".to_owned(),
                    r#"{"title": "broken", "status": 500}"#.to_owned(),
                ),
                "/items/4" => (429, String::new(), String::new()),
                // No error is declared for it, but its shape is that of another's.
                "/plain" => (404, json.clone(), r#"{"error": "gone"}"#.to_owned()),
                _ => (
                    404,
                    "Content-Type: text/html".to_owned(),
                    "<h1>gone</h1>".to_owned(),
                ),
            })
            .await;
            let of = async |path: &str| {
                let (mut seen, request) = (Vec::new(), Request::get(path));
                let answer = client.send(&request).await.expect("an answer");
                take(Some(&api), &mut seen, &request, &answer);
                seen.pop()
            };
            let shape = async |path: &str| of(path).await.map(|one| (one.described, one.shape));
            let schema = Shape::Documented("the contract's schema");
            assert_eq!(shape("/items/1").await, Some((true, schema.clone())));
            let other = shape("/items/2").await;
            assert!(matches!(other, Some((true, Shape::Not(_)))), "{other:?}");
            let problem = Shape::Documented("problem+json");
            assert_eq!(shape("/items/3").await, Some((true, problem)));
            assert_eq!(of("/items/4").await, None);
            assert_eq!(shape("/plain").await, Some((true, schema)));
            let unknown = shape("/elsewhere").await;
            assert!(
                matches!(unknown, Some((false, Shape::Not(_)))),
                "{unknown:?}"
            );
        });
    }
}
