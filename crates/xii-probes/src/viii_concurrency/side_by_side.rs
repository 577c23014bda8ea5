//! Starts three instances side by side, each in its own copy of the app, and sends requests to all of them.
//!
//! All have the same resources, as the instances of a deploy have. Each must become ready, and answer what the
//! instance answers that runs since the proof began. One that does not is started once more when the others have
//! ended: only what fails beside others and not alone speaks against the app. An app that listens on a fixed port
//! cannot be run twice on one machine, but can in containers: that is VII.1's to say, and nothing is told here.
//!
//! Lock files in a folder that all instances share, such as `/tmp`, do exclude each other here, where in containers
//! they would not.

use std::time::Duration;

use futures_util::future::join_all;
use xii_model::Severity;

use crate::client::{Amount, Client, Request, Tally, flood};
use crate::engine::{CouldNotTell, Need, NotReady, Phase, Probe, Run, Setup, Stage, Steps};
use crate::traffic::warm;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "side-by-side",
    criteria: &["VIII.3"],
    phase: Phase::Stress,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(240),
    alone: false,
    run,
};

/// How many instances are started.
const INSTANCES: u32 = 3;
/// How many requests each is sent, by four at once.
const REQUESTS: u64 = 40;

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let shared = stage.healthy().await?;
        if let Some(port) = stage.fixed_port() {
            stage.could_not_tell("VIII.3", format!("it listens on {port} whatever PORT says, so that no second instance can be beside it on this machine"));
            return Ok(());
        }
        let path = path(stage, &shared).await?;
        let mut runs = Vec::new();
        for number in 1..=INSTANCES {
            let setup = Setup::web().number(number).apart();
            runs.push(stage.start(setup).await?);
        }
        let ready = join_all(runs.iter().map(|run| stage.ready(run))).await;
        let failed = runs
            .iter()
            .zip(ready)
            .find_map(|(run, ready)| Some((run.instance.clone(), ready.err()?)));
        if let Some((instance, why)) = failed {
            join_all(runs.iter().map(Run::kill)).await;
            return one_failed(stage, instance.to_string(), why).await;
        }
        for run in &runs {
            warm(stage, run).await?;
        }
        let one_port = runs.iter().any(|run| run.port() == shared.port())
            || runs
                .iter()
                .skip(1)
                .any(|run| Some(run.port()) == runs.first().map(Run::port));
        if one_port {
            let port = shared.port();
            stage.could_not_tell(
                "VIII.3",
                format!("all instances listen on port {port} at once, so that which of them answers cannot be seen"),
            );
            return Ok(());
        }
        let request = Request::get(&path);
        let expected = Client::new(stage.client(&shared).address())
            .send(&request)
            .await;
        let expected = expected
            .map_err(|miss| CouldNotTell(format!("GET {path} on the first instance was {miss}")))?
            .status;
        let clients: Vec<Client> = runs.iter().map(|run| stage.client(run)).collect();
        let tallies = join_all(
            clients
                .iter()
                .map(|client| flood(client, &request, 4, Amount::Count(REQUESTS))),
        )
        .await;
        let mut fault = None;
        for (run, tally) in runs.iter().zip(&tallies) {
            stage.note_of(run, format!("was sent {tally} of GET {path}"));
            // One that leads nobody any more may have left a server behind: that is another probe's.
            if let Some(end) = run.end().filter(|_| run.survivors().is_empty()) {
                fault = fault.or(Some(format!(
                    "{} {} under load beside the others",
                    run.instance,
                    end.words()
                )));
            } else if differs(tally, expected) {
                fault = fault.or(Some(format!(
                    "{} did not serve beside the others: GET {path} was answered with {expected} by one instance, and of {tally} here",
                    run.instance
                )));
            }
        }
        join_all(runs.iter().map(Run::stop)).await;
        match fault {
            Some(fault) => stage.broken("VIII.3", fault),
            None => stage.holds("VIII.3", format!("{INSTANCES} instances ran beside the first, and each answered {REQUESTS} requests")),
        }
        Ok(())
    })
}

/// Whether not even half of the answers are what one instance answers: a limit on requests is no fault, nor is a
/// slow machine.
fn differs(tally: &Tally, expected: u16) -> bool {
    let fits =
        |status: u16| status == expected || status == 429 || (status < 500 && expected < 500);
    let good: u64 = tally
        .answers
        .iter()
        .filter(|(status, _)| fits(**status))
        .map(|(_, count)| count)
        .sum();
    good * 2 < tally.sent()
}

/// A page that says something: `/`, or the health route where `/` is an error.
async fn path(stage: &Stage, shared: &Run) -> Result<String, CouldNotTell> {
    let root = Client::new(stage.client(shared).address())
        .send(&Request::get("/"))
        .await;
    match (root, stage.health().await?) {
        (Ok(answer), _) if answer.status < 400 => Ok("/".to_owned()),
        (_, Some(health)) => Ok(health),
        (Ok(_), None) => Ok("/".to_owned()),
        (Err(miss), None) => Err(CouldNotTell(format!("GET / is {miss}"))),
    }
}

/// Whether an instance fails because of the others: alone beside the first it is tried again.
async fn one_failed(
    stage: &mut Stage,
    instance: String,
    why: NotReady,
) -> Result<(), CouldNotTell> {
    stage.note("the same once more, with only the first instance beside it");
    let setup = Setup::web().number(INSTANCES + 1);
    let again = stage.start(setup.apart()).await?;
    let alone = stage.ready(&again).await;
    again.kill().await;
    match alone {
        // Time runs out on a busy machine as well.
        Ok(_) if !matches!(why, NotReady::Ended(..)) && !conflict(&why) => stage.could_not_tell(
            "VIII.3",
            format!(
                "{instance} serves alone and was not ready in time beside {INSTANCES} others: {why}"
            ),
        ),
        Ok(_) => stage.broken(
            "VIII.3",
            format!("{instance} does not serve beside {INSTANCES} others: {why}"),
        ),
        Err(_) if conflict(&why) => stage.broken(
            "VIII.3",
            format!("a second instance does not serve beside the first: {why}"),
        ),
        Err(_) => stage.could_not_tell(
            "VIII.3",
            format!("no other instance became ready, and why does not show: {why}"),
        ),
    }
    Ok(())
}

/// Whether what an instance said speaks of another one.
fn conflict(why: &NotReady) -> bool {
    let (NotReady::Ended(_, Some(said)) | NotReady::Silent(_, Some(said))) = why else {
        return false;
    };
    let said = said.to_ascii_lowercase();
    [
        "eaddrinuse",
        "address already in use",
        "address in use",
        "already running",
        "another instance",
        "another process",
        "locked",
        "lock file",
        "lockfile",
        "port is taken",
        "in use",
    ]
    .iter()
    .any(|words| said.contains(words))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::engine::Ended;

    fn tally(answers: &[(u16, u64)], refused: u64) -> Tally {
        Tally {
            answers: answers.iter().copied().collect(),
            misses: BTreeMap::from([("refused", refused)]),
            latencies: Vec::new(),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn an_instance_serves_when_most_is_as_elsewhere() {
        assert!(!differs(&tally(&[(200, 40)], 0), 200));
        assert!(!differs(&tally(&[(200, 5), (429, 35)], 0), 200));
        assert!(!differs(&tally(&[(302, 40)], 0), 200));
        assert!(differs(&tally(&[(500, 40)], 0), 200));
        assert!(differs(&tally(&[(200, 1)], 39), 200));
        assert!(!differs(&tally(&[(500, 40)], 0), 500));
    }

    #[test]
    fn a_conflict_is_known_by_its_words() {
        let end = Ended {
            code: Some(1),
            signal: None,
            after: Duration::ZERO,
        };
        let said = |words: &str| NotReady::Ended(end, Some(words.to_owned()));
        assert!(conflict(&said(
            "Error: listen EADDRINUSE: address already in use :::3000"
        )));
        assert!(conflict(&said("database is locked")));
        assert!(!conflict(&said("Error: connect ECONNREFUSED")));
        assert!(!conflict(&NotReady::Mute(Duration::ZERO)));
    }
}
