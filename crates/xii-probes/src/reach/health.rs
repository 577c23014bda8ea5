//! Where an app tells of its health.

use xii_model::{App, Fact, Health, HealthKind};
use xii_runtime::formation::How;

use crate::client::Request;
use crate::engine::{CouldNotTell, Run, Stage};

/// Words of a path that tells of health.
const WORDS: [&str; 14] = [
    "health",
    "healthz",
    "healthcheck",
    "ready",
    "readyz",
    "readiness",
    "live",
    "livez",
    "liveness",
    "status",
    "ping",
    "up",
    "heartbeat",
    "alive",
];

/// Paths that are tried besides those that the code and the contract name.
const USUAL: [&str; 12] = [
    "/health/ready",
    "/healthz/ready",
    "/readyz",
    "/ready",
    "/health",
    "/healthz",
    "/api/health",
    "/health/live",
    "/livez",
    "/actuator/health",
    "/health/services",
    "/status",
];

/// Whether a path looks like one that tells of health.
pub fn is_health(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let words = path.split(['/', '-', '_', '.']);
    words
        .map(str::to_ascii_lowercase)
        .any(|word| WORDS.contains(&word.as_str()))
}

/// The path by which a platform learns whether an instance should get requests: the one that is declared, or
/// that the code calls so, or whose name says it. A route that may be about life alone is none.
///
/// # Errors
/// When the app does not become ready.
pub async fn readiness_route(stage: &Stage) -> Result<Option<String>, CouldNotTell> {
    let declared = stage.web().and_then(|web| web.ready.as_ref());
    if let Some(How::Http(path)) = declared.map(|check| &check.how) {
        return Ok(Some(path.clone()));
    }
    let known = stage.health().await?;
    let told = stage.app().facts.health.iter().find_map(|one| {
        let path = one.path.clone()?;
        let ready = one.scope.is_deployed() && one.kind == HealthKind::Readiness;
        (ready && !is_guessed(stage.app(), one)).then_some(path)
    });
    Ok(told.or(known.filter(|path| path.to_ascii_lowercase().contains("ready"))))
}

/// Whether the path of a health route is only the part of it that the code shows.
pub fn is_guessed(app: &App, health: &Fact<Health>) -> bool {
    let mut unsure = app.facts.routes.iter().filter(|route| !route.certain);
    unsure.any(|route| {
        route.at.path == health.at.path
            && route.at.start == health.at.start
            && Some(&route.what.path) == health.what.path.as_ref()
    })
}

/// All routes of health that an instance really has, with what the code, the contract and custom say.
///
/// # Errors
/// When the app does not become ready.
pub async fn health_routes(stage: &Stage, run: &Run) -> Result<Vec<String>, CouldNotTell> {
    let nonsense = stage.nonsense().await?;
    let mut paths: Vec<String> = readiness_route(stage).await?.into_iter().collect();
    paths.extend(stage.health().await?);
    let facts = stage.app().facts.health.iter();
    paths.extend(
        facts
            .filter(|one| one.scope.is_deployed())
            .filter_map(|one| one.path.clone()),
    );
    if let Some((_, contract)) = stage.contract().await? {
        let safe = contract.operations().iter().filter(|one| one.is_safe());
        let requests = safe.filter_map(|one| one.request());
        paths.extend(requests.map(|one| one.path).filter(|path| is_health(path)));
    }
    paths.extend(USUAL.map(str::to_owned));
    let client = stage.quiet_client_at(run.port());
    let mut found: Vec<String> = Vec::new();
    for path in paths {
        if found.contains(&path) || found.len() >= 6 {
            continue;
        }
        if let Ok(answer) = client.send(&Request::get(&path)).await
            && answer.is_success()
            && nonsense.is_real(&answer, &path)
        {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::is_health;

    #[test]
    fn a_path_of_health_is_known_by_its_words() {
        for path in [
            "/health",
            "/api/healthz?full=1",
            "/_health",
            "/health/live",
            "/ready",
        ] {
            assert!(is_health(path), "{path}");
        }
        for path in ["/", "/upload", "/wealth", "/orders/1", "/groups"] {
            assert!(!is_health(path), "{path}");
        }
    }
}
