//! Sends the scenario through one instance, through two, and to one that was started later, and compares the answers.
//!
//! Through two means that what changes something goes to the one and what reads goes to the other, each in its own copy of
//! the app, both with the same resources. What one request left behind must be found by the next wherever it arrives. The
//! answers that change by themselves are learned first, from three plays through one instance: dates, random ids, lists
//! that grow; and numbers that count, which must not fall when another instance answers.
//!
//! A difference counts when it stays for a second and is not of the session, which is `sessions-shared`'s. That pages are
//! merely worded differently is told and held against nobody. It holds when something was written through one instance and
//! read through the other: a scenario that changes nothing cannot show it.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use xii_model::Severity;

use crate::client::{Client, Request};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::scenario::{
    Learned, Outcome, Played, Scenario, Variables, compare, fallen, learn, play,
};
use crate::traffic::{SCENARIO, created, serve};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "state-shared",
    criteria: &["VI.3"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(180),
    alone: false,
    run,
};

/// Between the second and the third play: long enough to tell what counts from what tells the time.
const PAUSE: Duration = Duration::from_millis(1100);
/// How long what was written may take until another instance sees it.
const SPREAD: Duration = Duration::from_secs(1);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let scenario = stage.scenario().await?;
        if scenario.steps.is_empty() {
            return Err(CouldNotTell::because(
                "there is nothing to ask: give a scenario with --scenario",
            ));
        }
        let one = serve(stage, Setup::web().apart()).await?;
        let two = serve(stage, Setup::web().number(2).apart()).await?;
        let first = through(stage, &scenario, &one, &one).await;
        let second = through(stage, &scenario, &one, &one).await;
        // Time itself is measured: what counts must be told from what tells the time.
        sleep(PAUSE).await;
        let third = through(stage, &scenario, &one, &one).await;
        let learned = learn(&[&first, &second, &third]);
        stage.note(format!(
            "the scenario of {} steps, three times through {}",
            scenario.steps.len(),
            one.instance
        ));
        let both = through(stage, &scenario, &one, &two).await;
        stage.note(format!(
            "the same, changes to {} and the rest to {}",
            one.instance, two.instance
        ));
        let mut told = Told::default();
        told.differ(stage, &third, &both, &learned, &one, &two)
            .await;
        // What counts is asked of another instance without being changed in between.
        told.fall(&second, &both, &learned, "another instance");
        let made = created(stage, &one, &third).await;
        one.stop().await;
        two.stop().await;
        let later = serve(stage, Setup::web().number(3).apart()).await?;
        let mut lost = None;
        for one in &made {
            let answer = stage.client(&later).send(&one.read()).await;
            if answer.is_ok_and(|answer| [404, 410].contains(&answer.status)) {
                lost = Some(format!(
                    "what {} had created at {} is gone after a restart",
                    one.name, one.place
                ));
            }
        }
        if lost.is_none() {
            let after = through(stage, &scenario, &later, &later).await;
            told.fall(
                &third,
                &after,
                &learned,
                "an instance that was started later",
            );
        }
        later.stop().await;
        let written = written(&third, &both).map(|read| match made.first() {
            Some(one) => format!("{} made {}", one.name, one.place),
            None => read,
        });
        if let Some(broken) = told.broken.or(lost) {
            stage.broken("VI.3", broken);
        } else if let Some(unclear) = told.unclear {
            stage.could_not_tell("VI.3", unclear);
        } else if let Some(read) = written {
            stage.holds("VI.3", format!("what one instance had written another read the same, and one that was started later: {read}"));
        } else {
            stage.could_not_tell(
                "VI.3",
                format!("requests ({}) were answered the same by two instances and after a restart, but none of them changes anything: give a scenario with --scenario", third.outcomes.len()),
            );
        }
        Ok(())
    })
}

/// Plays the scenario: what changes something through one instance, what reads through another.
async fn through(stage: &Stage, scenario: &Scenario, writes: &Run, reads: &Run) -> Played {
    let client = |run: &Run| Client::new(stage.client(run).address());
    let (writes, reads) = (client(writes), client(reads));
    let pick = |step: usize| {
        let method = scenario
            .steps
            .get(step)
            .map(|step| step.ask.method.as_str());
        match method {
            Some("GET" | "HEAD" | "OPTIONS") => reads.clone(),
            _ => writes.clone(),
        }
    };
    play(scenario, pick, &Variables::default(), SCENARIO).await
}

/// What the comparisons came to.
#[derive(Debug, Default)]
struct Told {
    broken: Option<String>,
    unclear: Option<String>,
}

impl Told {
    /// What differs between a play through one instance and one through two.
    async fn differ(
        &mut self,
        stage: &Stage,
        one_play: &Played,
        two_play: &Played,
        learned: &Learned,
        one: &Run,
        two: &Run,
    ) {
        let unsteady = learned.unsteady();
        for difference in compare(one_play, two_play, learned) {
            let here = one_play
                .outcomes
                .iter()
                .find(|outcome| outcome.step == difference.step);
            let there = two_play
                .outcomes
                .iter()
                .find(|outcome| outcome.step == difference.step);
            let (Some(here), Some(there)) = (here, there) else {
                continue;
            };
            if unsteady.contains(&difference.step) || is_of_itself(&there.path) {
                continue;
            }
            if here.method == "GET" && is_of_session(stage, one, here).await {
                continue;
            }
            stage.note(format!(
                "{}: {} is {} through one instance and {} through two",
                difference.name, difference.what, difference.left, difference.right
            ));
            let lost = here.is_good()
                && there
                    .status()
                    .is_some_and(|status| [404, 410].contains(&status));
            if lost && there.method == "GET" && stays(stage, one, two, there).await {
                self.broken.get_or_insert(format!(
                    "GET {} is there on {}, which wrote it, and {} on {}",
                    there.path, one.instance, difference.right, two.instance
                ));
            } else {
                self.unclear.get_or_insert(format!(
                    "{} is not the same through two instances: {} is {} and not {}",
                    difference.name, difference.what, difference.right, difference.left
                ));
            }
        }
    }

    /// Counters that fell.
    fn fall(&mut self, earlier: &Played, later: &Played, learned: &Learned, whom: &str) {
        for one in fallen(earlier, later, learned) {
            let path = later
                .outcomes
                .iter()
                .find(|outcome| outcome.step == one.step);
            if path.is_some_and(|outcome| is_of_itself(&outcome.path)) {
                continue;
            }
            self.broken.get_or_insert(format!(
                "{} counts in memory: {} was {} and is {} on {whom}",
                one.name, one.what, one.left, one.right
            ));
        }
    }
}

/// Whether a page tells of the instance itself, which differs by nature.
fn is_of_itself(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [
        "metric", "health", "status", "stats", "debug", "version", "live", "ready", "ping",
        "uptime",
    ]
    .iter()
    .any(|word| path.contains(word))
}

/// Whether only the session shows what was read: without its cookies it is another thing on the same instance.
async fn is_of_session(stage: &Stage, run: &Run, outcome: &Outcome) -> bool {
    let client = Client::new(stage.client(run).address());
    let without = client.send(&Request::get(&outcome.path)).await;
    without.map(|answer| answer.status).ok() != outcome.status()
}

/// Whether what one instance has stays unknown to another.
async fn stays(stage: &Stage, one: &Run, two: &Run, outcome: &Outcome) -> bool {
    let (here, there) = (Client::new(stage.client(one).address()), stage.client(two));
    let request = Request::get(&outcome.path);
    if !here
        .send(&request)
        .await
        .is_ok_and(|answer| answer.is_success())
    {
        return false;
    }
    let end = Instant::now() + SPREAD;
    loop {
        match there.send(&request).await {
            Ok(answer) if [404, 410].contains(&answer.status) => {}
            _ => return false,
        }
        if Instant::now() > end {
            return true;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// A step that read well through another instance after one that changed something, in words.
fn written(one: &Played, both: &Played) -> Option<String> {
    let changed = both
        .outcomes
        .iter()
        .position(|outcome| !is_reading(outcome) && is_good(outcome))?;
    let rest = both.outcomes.iter().zip(&one.outcomes).skip(changed);
    let names: Vec<String> = rest
        .filter(|(there, here)| is_reading(there) && is_good(there) && is_good(here))
        .map(|(there, _)| format!("{} {}", there.method, there.path))
        .collect();
    names.into_iter().next()
}

fn is_reading(outcome: &Outcome) -> bool {
    matches!(outcome.method.as_str(), "GET" | "HEAD" | "OPTIONS")
}

fn is_good(outcome: &Outcome) -> bool {
    outcome.is_good() && outcome.status().is_some_and(|status| status < 400)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Answer, Miss};

    fn outcome(step: usize, method: &str, status: u16) -> Outcome {
        Outcome {
            step,
            name: format!("{method} /{step}"),
            method: method.to_owned(),
            path: format!("/{step}"),
            answer: match status {
                0 => Err(Miss::Reset),
                status => Ok(Answer {
                    status,
                    version: "HTTP/1.1",
                    headers: hyper::HeaderMap::new(),
                    body: bytes::Bytes::new(),
                    truncated: false,
                    took: Duration::ZERO,
                    first_byte: Duration::ZERO,
                }),
            },
            failed: Vec::new(),
        }
    }

    fn played(outcomes: Vec<Outcome>) -> Played {
        Played {
            outcomes,
            ..Played::default()
        }
    }

    #[test]
    fn it_needs_a_change_and_a_reading_after_it() {
        let reading = || played(vec![outcome(0, "GET", 200), outcome(1, "GET", 200)]);
        assert_eq!(written(&reading(), &reading()), None);
        let writing = || played(vec![outcome(0, "POST", 201), outcome(1, "GET", 200)]);
        assert_eq!(written(&writing(), &writing()).as_deref(), Some("GET /1"));
        let refused = || played(vec![outcome(0, "POST", 401), outcome(1, "GET", 200)]);
        assert_eq!(written(&refused(), &refused()), None);
        let failing = played(vec![outcome(0, "POST", 201), outcome(1, "GET", 0)]);
        assert_eq!(written(&writing(), &failing), None);
    }

    #[test]
    fn what_tells_of_the_instance_is_left_alone() {
        assert!(is_of_itself("/metrics") && is_of_itself("/api/Health"));
        assert!(!is_of_itself("/orders/7"));
    }
}
