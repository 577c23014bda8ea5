//! Which requests make bytes go to which resource.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::health::is_health;
use crate::client::Request;
use crate::engine::{CouldNotTell, Run, Stage};
use crate::scenario::{Played, play_on};

/// The most requests that are tried one by one.
const MOST: usize = 24;
/// How long the scenario may take.
const SCENARIO: Duration = Duration::from_secs(20);
/// How long one request may take.
const ONE: Duration = Duration::from_secs(8);
/// How often a request must make bytes go to a resource.
const TIMES: usize = 4;
/// The counts are written by another thread, which may be behind on a busy machine.
const QUIET: Duration = Duration::from_millis(3);
/// How long they are waited for to rest.
const UNREST: Duration = Duration::from_millis(150);

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
/// bytes go to which resource. What moved something is sent again: what went there by chance, or is
/// kept in a cache from then on, does not go there each time.
///
/// # Errors
/// When there is no scenario, since the app does not become ready.
pub async fn reach(stage: &Stage, run: &Run) -> Result<Reach, CouldNotTell> {
    let scenario = stage.scenario().await?;
    let client = stage.quiet_client_at(run.port());
    let played = play_on(&scenario, &client, SCENARIO).await;
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
        let mut before = steady(run).await;
        for _ in 0..TIMES {
            let Ok(answer) = client.send(&request).await else {
                status = None;
                break;
            };
            status = Some(answer.status);
            let after = steady(run).await;
            let grown: Vec<String> = before
                .iter()
                .zip(&after)
                .filter(|((_, before), (_, after))| after > before)
                .map(|((name, _), _)| name.clone())
                .collect();
            before = after;
            let both: Vec<String> = match moved {
                None => grown,
                Some(first) => first
                    .into_iter()
                    .filter(|name| grown.contains(name))
                    .collect(),
            };
            let none = both.is_empty();
            moved = Some(both);
            if none {
                break;
            }
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

/// The bytes that each resource was sent, once nothing is under way.
async fn steady(run: &Run) -> Vec<(String, u64)> {
    let end = Instant::now() + UNREST;
    let mut before = sent(run);
    loop {
        sleep(QUIET).await;
        let now = sent(run);
        if now == before || Instant::now() >= end {
            return now;
        }
        before = now;
    }
}

/// The bytes that each resource was sent.
fn sent(run: &Run) -> Vec<(String, u64)> {
    run.resources()
        .map(|(name, one)| (name.to_owned(), one.counts().to_resource))
        .collect()
}
