//! Which requests make bytes go to which resource.

use std::time::Duration;

use super::health::is_health;
use crate::client::Request;
use crate::engine::{CouldNotTell, Run, Stage};
use crate::scenario::{Played, Variables, play};

/// The most requests that are tried one by one.
const MOST: usize = 24;
/// How long the scenario may take.
const SCENARIO: Duration = Duration::from_secs(20);
/// How long one request may take.
const ONE: Duration = Duration::from_secs(8);

/// A request that a resource was needed for.
#[derive(Clone, Debug)]
pub struct Needing {
    /// The variable that names the resource.
    pub resource: String,
    /// The request: safe, and sent without cookies.
    pub request: Request,
    /// The status of its answer while all is well.
    pub status: u16,
}

/// What was learned of an instance.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The scenario as it went while all is well.
    pub played: Played,
    /// For each resource a request that needs it, where there is one.
    pub needing: Vec<Needing>,
    /// Requests that need no resource.
    pub free: Vec<Request>,
    /// The resources that the instance has connected to.
    pub connected: Vec<String>,
}

impl Reach {
    /// The request that needs a resource.
    pub fn of(&self, resource: &str) -> Option<&Needing> {
        self.needing.iter().find(|one| one.resource == resource)
    }
}

/// Sends the scenario to an instance, and then its safe requests one by one, and looks which of them make
/// bytes go to which resource. Each is sent twice: what went there by chance, or was kept in a cache, does
/// not go there twice.
///
/// # Errors
/// When there is no scenario, since the app does not become ready.
pub async fn reach(stage: &Stage, run: &Run) -> Result<Reach, CouldNotTell> {
    let scenario = stage.scenario().await?;
    let client = stage.quiet_client_at(run.port());
    let played = play(
        &scenario,
        |_| client.clone(),
        &Variables::default(),
        SCENARIO,
    )
    .await;
    let mut paths: Vec<String> = Vec::new();
    for outcome in &played.outcomes {
        let good = outcome.status().is_some_and(|status| status < 400);
        if outcome.method == "GET" && good && !paths.contains(&outcome.path) {
            paths.push(outcome.path.clone());
        }
    }
    paths.push("/".to_owned());
    paths.extend(stage.health().await?);
    paths.dedup();
    // What tells of health may ask a resource only now and then: it comes last.
    paths.sort_by_key(|path| is_health(path));
    paths.truncate(MOST);
    paths.push("/no-such-path-of-this-app".to_owned());
    let mut reach = Reach {
        played,
        ..Reach::default()
    };
    for path in paths {
        let request = Request::get(&path).within(ONE);
        let mut moved: Option<Vec<String>> = None;
        let mut status = None;
        for _ in 0..2 {
            let before = sent(run);
            let Ok(answer) = client.send(&request).await else {
                status = None;
                break;
            };
            status = Some(answer.status);
            let after = sent(run);
            let grown: Vec<String> = before
                .iter()
                .zip(&after)
                .filter(|((_, before), (_, after))| after > before)
                .map(|((name, _), _)| name.clone())
                .collect();
            moved = Some(match moved {
                None => grown,
                Some(first) => {
                    let both = |name: &String| grown.contains(name);
                    first.into_iter().filter(both).collect()
                }
            });
        }
        let (Some(status), Some(moved)) = (status, moved) else {
            continue;
        };
        if moved.is_empty() && status < 500 && status != 429 {
            reach.free.push(request.clone());
        }
        for resource in moved {
            if status < 400 && reach.of(&resource).is_none() {
                reach.needing.push(Needing {
                    resource,
                    request: request.clone(),
                    status,
                });
            }
        }
    }
    reach.connected = run
        .resources()
        .filter(|(_, one)| one.counts().opened > 0)
        .map(|(name, _)| name.to_owned())
        .collect();
    Ok(reach)
}

/// The bytes that each resource was sent.
fn sent(run: &Run) -> Vec<(String, u64)> {
    run.resources()
        .map(|(name, one)| (name.to_owned(), one.counts().to_resource))
        .collect()
}
