//! One round through an instance: what it answers, and which resources each request uses.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::lever::says_how_long;
use crate::client::{Client, Request};
use crate::engine::{CouldNotTell, Run, Setup, Stage};
use crate::scenario::{Played, Variables, play};

/// The most paths of the code that are asked for besides the scenario.
const MOST_ROUTES: usize = 24;
/// How long one of them may take.
const WITHIN: Duration = Duration::from_secs(5);
/// Between two askings of an instance that is not warm yet.
const STEP: Duration = Duration::from_millis(50);
/// How long the scenario may take.
pub(crate) const SCENARIO: Duration = Duration::from_secs(30);

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    /// The method.
    pub(crate) method: String,
    /// The path, with the query.
    pub(crate) path: String,
    /// The status of the answer.
    pub(crate) status: u16,
    /// How long it took.
    pub(crate) took: Duration,
    /// The resources that were sent bytes meanwhile.
    pub(crate) used: Vec<String>,
}

impl Visit {
    /// Whether it can be asked again as it is, and says something.
    pub(crate) fn is_plain(&self) -> bool {
        self.method == "GET"
            && self.status < 500
            && ![401, 403, 404, 405, 429].contains(&self.status)
    }
}

/// The bytes that each resource was sent.
type Sent = Vec<(String, u64)>;

/// The round that was made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tour {
    /// What was asked and answered: a path once, but for those that were not the same thing.
    pub(crate) visits: Vec<Visit>,
    /// How the scenario went.
    pub(crate) played: Played,
}

/// Sends the scenario to an instance, and asks for every route of the code that can be asked for as it is written, and for
/// what the contract offers to anybody.
///
/// # Errors
/// When the app does not become ready in the environment given.
pub(crate) async fn tour(stage: &Stage, run: &Run) -> Result<Tour, CouldNotTell> {
    let scenario = stage.scenario().await?;
    let client = Client::new(stage.client(run).address());
    // What each resource had been sent before a step.
    let before: RefCell<Vec<Sent>> = RefCell::default();
    let pick = |_| {
        before.borrow_mut().push(bytes(run));
        client.clone()
    };
    let played = play(&scenario, pick, &Variables::default(), SCENARIO).await;
    let mut before = before.into_inner();
    before.push(bytes(run));
    let mut visits = Vec::new();
    // A step that is repeated is picked as often as it is sent.
    for (outcome, pair) in played.outcomes.iter().zip(before.windows(2)) {
        let [sent, then] = pair else {
            continue;
        };
        if let Ok(answer) = &outcome.answer {
            visits.push(Visit {
                method: outcome.method.clone(),
                path: outcome.path.clone(),
                status: answer.status,
                took: answer.took,
                used: grown(sent, then),
            });
        }
    }
    for path in routes(stage).into_iter().chain(operations(stage).await?) {
        if visits.iter().any(|one| one.path == path) {
            continue;
        }
        let sent = bytes(run);
        if let Ok(answer) = client.send(&Request::get(&path).within(WITHIN)).await {
            visits.push(Visit {
                method: "GET".to_owned(),
                path,
                status: answer.status,
                took: answer.took,
                used: grown(&sent, &bytes(run)),
            });
        }
    }
    let mut seen = HashSet::new();
    visits.retain(|one| seen.insert((one.method.clone(), one.path.clone())));
    Ok(Tour { visits, played })
}

/// What the contract lets anybody ask for without changing anything, with parameters made up.
async fn operations(stage: &Stage) -> Result<Vec<String>, CouldNotTell> {
    let Some((_, contract)) = stage.contract().await? else {
        return Ok(Vec::new());
    };
    let free = contract
        .operations()
        .iter()
        .filter(|one| one.method == "GET" && one.is_public());
    let paths = free.filter_map(|one| {
        let path = one.request()?.path;
        // One that says how long the answer is to take is worth to be given.
        let long = one
            .parameters
            .iter()
            .find(|parameter| !parameter.required && says_how_long(&parameter.name));
        Some(match long {
            Some(parameter) => format!(
                "{path}{}{}=1",
                if path.contains('?') { '&' } else { '?' },
                parameter.name
            ),
            None => path,
        })
    });
    Ok(paths.take(MOST_ROUTES).collect())
}

/// Starts an instance and waits until it serves: what says that it is ready too early is another probe's concern, and
/// would look here like something else.
///
/// # Errors
/// When it does not become ready; the reason says why.
pub(crate) async fn serve(stage: &Stage, setup: Setup) -> Result<Run, CouldNotTell> {
    let run = stage.serve(setup).await?;
    warm(stage, &run).await?;
    Ok(run)
}

/// Waits until an instance that is ready answers `/` without an error, where the shared one does.
///
/// # Errors
/// When the app does not become ready in the environment given.
pub(crate) async fn warm(stage: &Stage, run: &Run) -> Result<(), CouldNotTell> {
    let request = Request::get("/").within(WITHIN);
    let ask = async |run: &Run| {
        let answer = Client::new(stage.client(run).address())
            .send(&request)
            .await;
        answer.is_ok_and(|answer| answer.status < 500)
    };
    let end = Instant::now() + WITHIN;
    while !ask(run).await {
        let usual = stage.healthy().await?;
        if Instant::now() > end || !run.runs() || !ask(&usual).await {
            break;
        }
        sleep(STEP).await;
    }
    Ok(())
}

/// The bytes that each resource was sent so far.
fn bytes(run: &Run) -> Sent {
    run.resources()
        .map(|(name, one)| (name.to_owned(), one.counts().to_resource))
        .collect()
}

/// The resources that were sent more.
fn grown(before: &Sent, now: &Sent) -> Vec<String> {
    let pairs = before.iter().zip(now);
    pairs
        .filter(|((_, before), (_, now))| now > before)
        .map(|((name, _), _)| name.clone())
        .collect()
}

/// The routes of the code that can be asked for as they are written.
fn routes(stage: &Stage) -> Vec<String> {
    let mut paths = vec!["/".to_owned()];
    for route in &stage.app().facts.routes {
        let plain = route.path.starts_with('/')
            && !route.path.contains([':', '{', '<', '*', '(', '$', ' ']);
        let reads = route.method == "GET" || route.method == "*";
        // Leaving is asked for with GET by some.
        let leaves = ["logout", "signout", "delete", "remove"]
            .iter()
            .any(|word| route.path.contains(word));
        if route.scope.is_deployed() && plain && reads && !leaves && !paths.contains(&route.path) {
            paths.push(route.path.clone());
        }
    }
    paths.truncate(MOST_ROUTES);
    paths
}
