//! Cuts each resource for some seconds while requests go on, and counts how often the app tries it.
//!
//! Whoever comes is reset at once, and counted. Four requests a second are sent that need the resource. What an
//! app with a breaker or with back-off tries falls, or is little from the start. What tries again and again
//! without a pause, ten times a second and more, hammers: it keeps a resource from coming up again, all the
//! more with many instances. One try for each request that wants the resource is neither: the load decides.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, sleep_until};
use xii_model::Severity;

use crate::client::Client;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::reach::{Needing, reach};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "hammered-resource",
    criteria: &["IV.7"],
    phase: Phase::Stress,
    needs: &[Need::Healthy, Need::Resource],
    severity: Severity::Note,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// The most resources that are cut.
const MOST: usize = 4;
/// How long the resource is away.
const AWAY: Duration = Duration::from_secs(8);
/// The first and the last part of it, which are compared.
const PART: Duration = Duration::from_secs(3);
/// Between two requests.
const STEP: Duration = Duration::from_millis(250);
/// Tries a second that are hammering when they do not fall.
const HAMMERS: f64 = 10.0;
/// Tries a second that are few, whether or not they fall.
const FEW: f64 = 1.5;

/// How often it was tried.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tries {
    /// A second, in the first part.
    first: f64,
    /// A second, in the last part.
    last: f64,
    /// All of them.
    all: u64,
    /// Requests a second that were sent in the last part.
    asked: f64,
}

/// What that shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Falls,
    Few,
    Hammers,
    /// As often as there were requests.
    AsAsked,
    /// It does not fall, and is not much.
    Steady,
    /// It never tried.
    Never,
}

impl Tries {
    fn manner(self) -> Manner {
        if self.all == 0 {
            Manner::Never
        } else if self.last <= FEW {
            Manner::Few
        } else if self.last <= self.first / 2.0 {
            Manner::Falls
        } else if self.last >= HAMMERS && self.last > self.asked * 2.0 {
            Manner::Hammers
        } else if self.last <= self.asked * 2.0 {
            Manner::AsAsked
        } else {
            Manner::Steady
        }
    }
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let names: Vec<String> = stage
            .resources()
            .iter()
            .map(|(one, _)| one.name.clone())
            .take(MOST)
            .collect();
        let all = {
            let stage: &Stage = stage;
            join_all(names.iter().map(|name| one(stage, name))).await
        };
        let mut held = Vec::new();
        let mut hammered = Vec::new();
        let mut open = Vec::new();
        for (name, tries) in names.iter().zip(all) {
            let Some(tries) = tries? else {
                open.push(format!("no request that could be sent needs {name}"));
                continue;
            };
            let rates = format!(
                "{:.1} tries a second at first, {:.1} later",
                tries.first, tries.last
            );
            match tries.manner() {
                Manner::Hammers => {
                    hammered.push(format!("{name} was dead, and was tried on and on: {rates}"));
                }
                Manner::Falls | Manner::Few => held.push(format!("{name}: {rates}")),
                Manner::AsAsked => open.push(format!(
                    "each request tries {name} once, whether or not it is dead ({rates})"
                )),
                Manner::Steady => open.push(format!(
                    "tries of {name} do not become fewer, and are not many ({rates})"
                )),
                Manner::Never => open.push(format!("{name} was not tried while it was dead")),
            }
        }
        if let Some(first) = hammered.first() {
            stage.broken("IV.7", first.clone());
        } else if open.is_empty() {
            stage.holds("IV.7", held.join("; "));
        } else {
            open.extend(held);
            stage.could_not_tell("IV.7", open.join("; "));
        }
        Ok(())
    })
}

/// Counts on an instance of its own; none when no request needs the resource.
async fn one(stage: &Stage, name: &str) -> Result<Option<Tries>, CouldNotTell> {
    let run = stage.serve(Setup::web()).await?;
    let reach = reach(stage, &run).await?;
    let Some(needing) = reach.of(name) else {
        run.kill().await;
        return Ok(None);
    };
    let tries = count(stage, &run, needing).await;
    run.kill().await;
    Ok(tries)
}

async fn count(stage: &Stage, run: &Run, needing: &Needing) -> Option<Tries> {
    let interposer = run.resource(&needing.resource)?;
    let client = stage.quiet_client_at(run.port());
    let before = interposer.counts().attempts;
    stage.note(format!(
        "cut {}; four requests a second go on",
        needing.resource
    ));
    interposer.cut();
    let began = Instant::now();
    let asked = ask(&client, needing, began).await;
    let all = interposer.counts().attempts - before;
    let moments: Vec<Duration> = interposer
        .attempts()
        .into_iter()
        .filter_map(|at| Instant::from_std(at).checked_duration_since(began))
        .collect();
    interposer.restore();
    let part = PART.as_secs_f64();
    let first = moments.iter().filter(|at| **at < PART).count() as f64 / part;
    let last = moments
        .iter()
        .filter(|at| **at >= AWAY - PART && **at < AWAY)
        .count() as f64
        / part;
    stage.note_of(
        run,
        format!(
            "tried {} {all} times: {first:.1} times a second at first, {last:.1} later",
            needing.resource
        ),
    );
    Some(Tries {
        first,
        last,
        all,
        asked,
    })
}

/// Sends requests at a steady pace, whether or not those before have ended, and says how many a second there
/// were in the last part.
async fn ask(client: &Client, needing: &Needing, began: Instant) -> f64 {
    let number = AWAY.as_millis() / STEP.as_millis();
    let request = needing.request.clone().within(AWAY);
    let all = (0..number as u32).map(|at| {
        let request = &request;
        async move {
            sleep_until(began + STEP * at).await;
            // What is answered is not asked here.
            let _ = client.send(request).await;
        }
    });
    // What hangs is not waited for: the time is over for all at once.
    tokio::select! {
        _ = join_all(all) => sleep(AWAY.saturating_sub(began.elapsed())).await,
        () = sleep_until(began + AWAY) => {}
    }
    1.0 / STEP.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manner_is_read_from_the_rates() {
        let manner = |first, last| {
            Tries {
                first,
                last,
                all: 99,
                asked: 4.0,
            }
            .manner()
        };
        assert_eq!(manner(50.0, 49.0), Manner::Hammers);
        assert_eq!(manner(20.0, 9.0), Manner::Falls);
        assert_eq!(manner(3.0, 0.7), Manner::Few);
        assert_eq!(manner(4.0, 4.0), Manner::AsAsked);
        assert_eq!(manner(9.0, 9.0), Manner::Steady);
        assert_eq!(
            Tries {
                first: 0.0,
                last: 0.0,
                all: 0,
                asked: 4.0
            }
            .manner(),
            Manner::Never
        );
    }
}
