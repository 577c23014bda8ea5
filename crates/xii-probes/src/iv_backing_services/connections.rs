//! Loads the app, counts its connections to each resource, and looks whether they end with it.
//!
//! The same request is sent from 20 connections at once and then from 60. An app with a pool opens a few
//! connections and uses them again. One that opens a connection for every request, that keeps each, or that has
//! as many as there are callers, however many, exhausts the resource: databases allow a hundred. Services that
//! are called over HTTP are judged by the connections that stay alone. Then SIGTERM is sent, and all must be
//! closed when the app has ended.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, sleep};
use xii_model::{ResourceKind, Severity};

use crate::client::{Amount, Tally, flood};
use crate::engine::{Need, Phase, Probe, Run, Setup, Stage, Steps, To};
use crate::interposer::Interposer;
use crate::reach::{Needing, reach};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "connections",
    criteria: &["IV.5"],
    phase: Phase::Stress,
    needs: &[Need::Healthy, Need::Resource],
    severity: Severity::Warning,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// The most resources that are looked at.
const MOST: usize = 4;
/// Callers at once, and their requests in all.
const LOADS: [(usize, u64); 2] = [(20, 60), (60, 180)];
/// A load that shows whether there is a bound at all, when there seemed to be none.
const HEAVY: (usize, u64) = (150, 450);
/// How long connections are given to be closed after a load.
const SETTLES: Duration = Duration::from_millis(1500);
/// How long after the end.
const ENDS: Duration = Duration::from_secs(2);

/// What a load did.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    callers: u64,
    /// Requests that were answered well.
    good: u64,
    /// Connections opened meanwhile.
    opened: u64,
    /// The most that were open at once.
    peak: u64,
    /// How many were open after it, once it had settled.
    left: u64,
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let resources: Vec<(String, ResourceKind)> = stage
            .resources()
            .iter()
            .map(|(one, _)| (one.name.clone(), one.kind.clone()))
            .take(MOST)
            .collect();
        let run = stage.serve(Setup::web()).await?;
        let reach = reach(stage, &run).await?;
        let mut wrong = Vec::new();
        let mut held = Vec::new();
        let mut open = Vec::new();
        for (name, kind) in &resources {
            let (Some(needing), Some(interposer)) = (reach.of(name), run.resource(name)) else {
                open.push(format!("no request that could be sent needs {name}"));
                continue;
            };
            let mut loads = Vec::new();
            for load in LOADS {
                loads.push(send(stage, &run, interposer, needing, load).await);
            }
            if matches!(verdict(&loads, kind), Outcome::Unbounded(_)) {
                loads.push(send(stage, &run, interposer, needing, HEAVY).await);
            }
            match verdict(&loads, kind) {
                Outcome::Wrong(why) | Outcome::Unbounded(why) => {
                    wrong.push(format!("{name}: {why}"))
                }
                Outcome::Held(peak) => held.push(format!("{name}: {peak} at most")),
                Outcome::Untold(why) => open.push(format!("{name}: {why}")),
            }
        }
        let closed = closed(&run).await;
        if let Some(first) = wrong.first() {
            stage.broken("IV.5", first.clone());
            return Ok(());
        }
        match closed {
            Err(why) => open.push(why),
            Ok(Some(name)) => {
                stage.broken(
                    "IV.5",
                    format!("connections to {name} outlive the app's end"),
                );
                return Ok(());
            }
            Ok(None) => {}
        }
        if open.is_empty() {
            stage.holds(
                "IV.5",
                format!(
                    "connections under load, {}; all closed at the end",
                    held.join(", ")
                ),
            );
        } else {
            open.extend(held);
            stage.could_not_tell("IV.5", open.join("; "));
        }
        Ok(())
    })
}

async fn send(
    stage: &Stage,
    run: &Run,
    interposer: &Interposer,
    needing: &Needing,
    (callers, requests): (usize, u64),
) -> Load {
    let client = stage.quiet_client_at(run.port());
    let before = interposer.counts();
    let mut peak = before.open;
    let flooding = flood(&client, &needing.request, callers, Amount::Count(requests));
    tokio::pin!(flooding);
    let tally: Tally = loop {
        tokio::select! {
            tally = &mut flooding => break tally,
            () = sleep(Duration::from_millis(3)) => peak = peak.max(interposer.counts().open),
        }
    };
    let left = settled(interposer).await;
    let after = interposer.counts();
    let good = tally
        .answers
        .get(&needing.status)
        .copied()
        .unwrap_or_default();
    let load = Load {
        callers: callers as u64,
        good,
        opened: after.opened - before.opened,
        peak,
        left,
    };
    stage.note(format!(
        "{callers} at once, {tally}: {} connections to {} opened, {} at once, {} stayed",
        load.opened, needing.resource, load.peak, load.left
    ));
    load
}

/// How many are open once that no longer changes.
async fn settled(interposer: &Interposer) -> u64 {
    let end = Instant::now() + SETTLES;
    let mut open = interposer.counts().open;
    let mut since = Instant::now();
    while Instant::now() < end && since.elapsed() < SETTLES / 5 {
        sleep(Duration::from_millis(10)).await;
        let now = interposer.counts().open;
        if now != open {
            (open, since) = (now, Instant::now());
        }
    }
    open
}

/// What the loads show.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Wrong(String),
    /// As many as there were callers, as far as was tried.
    Unbounded(String),
    /// The most that were open at once.
    Held(u64),
    Untold(String),
}

fn verdict(loads: &[Load], kind: &ResourceKind) -> Outcome {
    let (Some(first), Some(last)) = (loads.first(), loads.last()) else {
        return Outcome::Untold("nothing was sent".to_owned());
    };
    let good: u64 = loads.iter().map(|one| one.good).sum();
    let opened: u64 = loads.iter().map(|one| one.opened).sum();
    if good < 40 {
        return Outcome::Untold(format!(
            "only {good} requests were answered well under load"
        ));
    }
    let stayed = last.left.saturating_sub(first.left);
    let since: u64 = loads.iter().skip(1).map(|one| one.good).sum();
    if stayed > 60 && stayed * 2 > since {
        return Outcome::Wrong(format!(
            "{opened} connections for {good} requests, and {} stay open",
            last.left
        ));
    }
    let http = matches!(
        kind,
        ResourceKind::Http | ResourceKind::Search | ResourceKind::ObjectStore
    );
    if !http && opened * 10 >= good * 8 {
        return Outcome::Wrong(format!(
            "{opened} connections were opened for {good} requests"
        ));
    }
    let peak = loads.iter().map(|one| one.peak).max().unwrap_or_default();
    let grows = |one: &Load| one.peak * 10 >= one.callers * 9;
    if !http && grows(last) && loads.iter().filter(|one| grows(one)).count() > 1 {
        return Outcome::Unbounded(format!(
            "{} connections at once with {} callers, {} with {}",
            first.peak, first.callers, last.peak, last.callers
        ));
    }
    Outcome::Held(peak)
}

/// Ends it, and says whose connections are open after that.
async fn closed(run: &Run) -> Result<Option<String>, String> {
    run.signal(Signal::TERM, To::Leader);
    let ended = run.ended(run.grace.min(Duration::from_secs(12))).await;
    let over = ended.is_some() && run.survivors().is_empty();
    if !over {
        run.kill().await;
        return Err(
            "it did not end on SIGTERM, so that its connections at the end were not seen"
                .to_owned(),
        );
    }
    let end = Instant::now() + ENDS;
    loop {
        let open = run.resources().find(|(_, one)| one.counts().open > 0);
        match open {
            None => return Ok(None),
            Some((name, _)) if Instant::now() >= end => return Ok(Some(name.to_owned())),
            Some(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(callers: u64, good: u64, opened: u64, peak: u64, left: u64) -> Load {
        Load {
            callers,
            good,
            opened,
            peak,
            left,
        }
    }

    #[test]
    fn loads_show_whether_there_is_a_pool() {
        let redis = ResourceKind::Redis;
        let judge = |loads: &[Load]| verdict(loads, &redis);
        assert_eq!(
            judge(&[load(20, 60, 3, 4, 4), load(60, 180, 0, 4, 4)]),
            Outcome::Held(4)
        );
        let leaks = [load(20, 60, 60, 60, 60), load(60, 180, 180, 240, 240)];
        assert!(matches!(judge(&leaks), Outcome::Wrong(why) if why.contains("stay open")));
        let unpooled = [load(20, 60, 60, 18, 0), load(60, 180, 180, 40, 0)];
        assert!(matches!(judge(&unpooled), Outcome::Wrong(_)));
        let grows = [load(20, 60, 20, 20, 20), load(60, 180, 40, 60, 60)];
        assert!(matches!(judge(&grows), Outcome::Unbounded(_)));
        assert_eq!(verdict(&grows, &ResourceKind::Http), Outcome::Held(60));
        let limited = [load(20, 3, 3, 3, 3), load(60, 1, 1, 3, 3)];
        assert!(matches!(judge(&limited), Outcome::Untold(_)));
    }
}
