//! Asks the running app for its contract at the paths where one is known to be served.
//!
//! A contract that anybody can ask the app for cannot be that of another version. It is looked for where
//! FastAPI, NestJS, springdoc, drf-spectacular, Fastify and others serve it, and it has to be OpenAPI or Swagger
//! that can be read: a page that shows one is none. A GraphQL API is asked for the names of its types.
//!
//! A contract that is only in the repository is what the code shows: the run tells nothing more of it, unless
//! the contract itself names a path at which it would be served, and nothing is there. An app that answers
//! nothing but pages has no API. A contract that is published elsewhere is not seen.

use std::time::Duration;

use serde_json::json;
use xii_model::Severity;

use crate::api::{Api, has_files};
use crate::client::Request;
use crate::contract::PATHS;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "contract-served",
    criteria: &["XIII.1"],
    phase: Phase::Idle,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(90),
    alone: false,
    run,
};

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        if let Some((path, contract)) = stage.contract().await? {
            let count = contract.operations().len();
            let format = if contract.format == "swagger" {
                "Swagger"
            } else {
                "OpenAPI"
            };
            let reason = format!(
                "{format} {} is served at {path} and describes {count} operation{}",
                contract.format_version,
                if count == 1 { "" } else { "s" }
            );
            if count == 0 {
                stage.could_not_tell(
                    "XIII.1",
                    format!("the contract at {path} describes no operation"),
                );
            } else {
                stage.holds("XIII.1", reason);
            }
            return Ok(());
        }
        if let Some(path) = graphql(stage).await? {
            stage.holds(
                "XIII.1",
                format!("the GraphQL schema is told by introspection at {path}"),
            );
            return Ok(());
        }
        if let Some((path, status)) = promised(stage).await? {
            stage.broken(
                "XIII.1",
                format!("the contract in the repository says that it is served at {path}, which answers {status}"),
            );
        } else if let Some(known) = has_files(stage) {
            stage.could_not_tell(
                "XIII.1",
                format!("none is served at a well-known path; in the repository, {known}"),
            );
        } else if only_pages(stage).await? {
            stage.not_applicable(
                "XIII.1",
                "it answers pages, and there is no API to describe",
            );
        } else {
            stage.could_not_tell(
                "XIII.1",
                format!("none is served at any of {} well-known paths", PATHS.len()),
            );
        }
        Ok(())
    })
}

/// A path at which the contract in the repository would be served by its own words, and the status there.
async fn promised(stage: &Stage) -> Result<Option<(String, u16)>, CouldNotTell> {
    let Some(api) = Api::in_repository(stage) else {
        return Ok(None);
    };
    let run = stage.healthy().await?;
    for path in PATHS {
        if api
            .contract
            .operation("GET", path)
            .is_none_or(|operation| operation.path.contains('{'))
        {
            continue;
        }
        if let Ok(answer) = stage.ask(&run, &Request::get(*path)).await
            && matches!(answer.status, 404 | 410)
        {
            return Ok(Some(((*path).to_owned(), answer.status)));
        }
    }
    Ok(None)
}

/// The path of a GraphQL API that tells its schema.
async fn graphql(stage: &Stage) -> Result<Option<String>, CouldNotTell> {
    let facts = &stage.app().facts.contracts;
    if !facts.iter().any(|fact| fact.format == "graphql") {
        return Ok(None);
    }
    let run = stage.healthy().await?;
    for path in ["/graphql", "/api/graphql", "/query"] {
        let request = Request::new("POST", path)
            .json(&json!({"query": "{ __schema { queryType { name } } }"}))
            .within(Duration::from_secs(5));
        if let Ok(answer) = stage.ask(&run, &request).await
            && let Some(body) = answer.json()
            && body.pointer("/data/__schema/queryType/name").is_some()
        {
            return Ok(Some(path.to_owned()));
        }
    }
    Ok(None)
}

/// Whether all that it answered well was pages, and no code says that there is more.
async fn only_pages(stage: &Stage) -> Result<bool, CouldNotTell> {
    let health = stage.health().await?;
    let routes = &stage.app().facts.routes;
    if routes
        .iter()
        .any(|route| route.scope.is_deployed() && looks_like_api(&route.path))
    {
        return Ok(false);
    }
    let played = stage.played().await?;
    let of_an_api = played.outcomes.iter().any(|outcome| {
        let answer = outcome.answer.as_ref();
        looks_like_api(&outcome.path) && answer.is_ok_and(|answer| answer.is_success())
    });
    if of_an_api || health.as_deref().is_some_and(looks_like_api) {
        return Ok(false);
    }
    let answers = played.outcomes.iter().filter_map(|outcome| {
        let answer = outcome.answer.as_ref().ok()?;
        let is_health = health.as_deref() == Some(outcome.path.as_str());
        (answer.is_success() && !is_health && !answer.body.is_empty()).then_some(answer)
    });
    let kinds: Vec<Option<String>> = answers.map(|answer| answer.media_type()).collect();
    let is_page = |kind: &Option<String>| {
        kind.as_deref().is_some_and(|kind| {
            matches!(kind, "text/html" | "application/xhtml+xml" | "text/css")
                || kind.starts_with("image/")
        })
    };
    Ok(!kinds.is_empty() && kinds.iter().all(is_page))
}

/// Whether a route's path is one that only an API would have.
fn looks_like_api(path: &str) -> bool {
    path.split('/')
        .any(|part| matches!(part, "api" | "v1" | "v2" | "v3" | "graphql" | "rest"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_shows_in_its_paths() {
        assert!(looks_like_api("/api/users"));
        assert!(looks_like_api("/v1/users"));
        assert!(!looks_like_api("/capital/v12"));
    }
}
