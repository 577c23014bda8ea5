//! Lets each resource take connections and answer nothing, and looks what else stands still.
//!
//! A resource that is slow to the point of silence is worse than one that is gone: nothing fails, everything
//! waits. Requests that need the resource are sent, 2 at once, then 8, then 32, because a stall shows only when
//! more requests wait than there are workers. Each must end with an answer within 15 s; and while they wait,
//! a route that needs no resource must answer within 2 s.
//!
//! Not seen: resources that no safe request needs, and a stall in the middle of an answer.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};
use xii_model::Severity;

use crate::client::{Client, Miss, Request};
use crate::engine::{Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::reach::{Needing, Reach, reach};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "stalled-resource",
    criteria: &["IV.4"],
    phase: Phase::Stress,
    needs: &[Need::Healthy, Need::Resource],
    severity: Severity::Warning,
    limit: Duration::from_secs(240),
    // How long requests wait is measured.
    alone: true,
    run,
};

/// The most resources that are stalled.
const MOST: usize = 4;
/// How many requests wait at once.
const WAITING: [usize; 3] = [2, 8, 32];
/// Within which a request that needs the resource must end.
const BUDGET: Duration = Duration::from_secs(15);
/// Within which another must be answered.
const OTHERS: Duration = Duration::from_secs(2);
/// How long the waiting requests have to reach the app before the others are sent.
const ARRIVE: Duration = Duration::from_millis(150);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let names: Vec<String> = stage
            .resources()
            .iter()
            .map(|(one, _)| one.name.clone())
            .take(MOST)
            .collect();
        let mut held = Vec::new();
        let mut unused = Vec::new();
        let mut wrong = Vec::new();
        let mut alone = false;
        for name in &names {
            let run = stage.serve(Setup::web()).await?;
            let reach = reach(stage, &run).await?;
            let Some(needing) = reach.of(name) else {
                unused.push(name.as_str());
                run.kill().await;
                continue;
            };
            alone |= reach.free.is_empty();
            match stall(stage, &run, &reach, needing).await {
                Ok(longest) => held.push(format!(
                    "{name} stalled: requests ended within {:.1} s",
                    longest.as_secs_f64()
                )),
                Err(why) => wrong.push(why),
            }
            run.kill().await;
        }
        if let Some(first) = wrong.first() {
            stage.broken("IV.4", first.clone());
        } else if !unused.is_empty() || held.is_empty() {
            let held = if held.is_empty() {
                String::new()
            } else {
                format!("; {}", held.join("; "))
            };
            stage.could_not_tell(
                "IV.4",
                format!(
                    "no request that could be sent needs {}{held}",
                    unused.join(", ")
                ),
            );
        } else if alone {
            stage.holds(
                "IV.4",
                format!("{}; every route needs a resource", held.join("; ")),
            );
        } else {
            stage.holds(
                "IV.4",
                format!("{}, and others were answered", held.join("; ")),
            );
        }
        Ok(())
    })
}

/// The longest time that a request took; or why it is broken.
async fn stall(
    stage: &Stage,
    run: &Run,
    reach: &Reach,
    needing: &Needing,
) -> Result<Duration, String> {
    let name = needing.resource.as_str();
    let Some(interposer) = run.resource(name) else {
        return Ok(Duration::ZERO);
    };
    let quiet = stage.quiet_client_at(run.port());
    // Both must be quick while all is well, or their slowness shows nothing.
    let other = quick(&quiet, &reach.free).await;
    stage.note(format!("{name} takes connections and answers nothing"));
    interposer.stall();
    let mut longest = Duration::ZERO;
    for waiting in WAITING {
        let request = needing.request.clone().within(BUDGET);
        let waiters = async {
            let all = (0..waiting).map(|_| async {
                let begun = Instant::now();
                (quiet.send(&request).await, begun.elapsed())
            });
            join_all(all).await
        };
        let others = async {
            sleep(ARRIVE).await;
            let Some(other) = &other else { return None };
            let begun = Instant::now();
            match quiet.send(&other.clone().within(OTHERS)).await {
                Err(Miss::TimedOut) => Some(other.path.clone()),
                _ if begun.elapsed() > OTHERS => Some(other.path.clone()),
                _ => None,
            }
        };
        let (ended, blocked) = tokio::join!(waiters, others);
        let slowest = ended
            .iter()
            .map(|(_, took)| *took)
            .max()
            .unwrap_or_default();
        longest = longest.max(slowest);
        let hung = ended
            .iter()
            .filter(|(one, _)| *one == Err(Miss::TimedOut))
            .count();
        stage.note(format!(
            "{waiting} × GET {}: the slowest took {:.1} s",
            needing.request.path,
            slowest.as_secs_f64()
        ));
        let broke = !run.runs();
        if broke {
            return Err(format!("it ended while {name} answered nothing"));
        }
        if hung > 0 {
            let blocked = match blocked {
                Some(path) => format!(
                    ", and GET {path}, which needs no resource, was not answered within 2 s"
                ),
                None => String::new(),
            };
            return Err(format!(
                "{name} answered nothing, and {hung} of {waiting} requests for {} hung for {} s{blocked}",
                needing.request.path,
                BUDGET.as_secs()
            ));
        }
        if let Some(path) = blocked {
            return Err(format!(
                "while {waiting} requests waited for {name}, GET {path}, which needs no resource, was not answered within {} s",
                OTHERS.as_secs()
            ));
        }
    }
    interposer.restore();
    Ok(longest)
}

/// A request that needs no resource and is answered at once.
async fn quick(client: &Client, free: &[Request]) -> Option<Request> {
    for request in free {
        let begun = Instant::now();
        if client.send(request).await.is_ok() && begun.elapsed() < OTHERS / 4 {
            return Some(request.clone());
        }
    }
    None
}
