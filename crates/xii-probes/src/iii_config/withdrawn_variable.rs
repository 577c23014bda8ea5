//! Takes each required variable away in turn and starts the app without it.
//!
//! Required is what the code or the declaration calls so. The app should end at once, with an exit code that
//! is not zero, and name the variable: an app that starts without it fails later, in front of a user; one
//! that ends without naming it leaves its operator to guess.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use xii_model::Severity;

use crate::asked::names;
use crate::client::Request;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::provision::Needed;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "withdrawn-variable",
    criteria: &["III.4"],
    phase: Phase::Start,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(180),
    alone: false,
    run,
};

/// The most variables that are withdrawn.
const MOST: usize = 12;
/// The least and the most time that an app is given to notice.
const SPAN: (Duration, Duration) = (Duration::from_secs(4), Duration::from_secs(30));

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let required: Vec<String> = stage
            .provided()
            .given
            .iter()
            .filter(|one| matches!(one.required, Needed::Yes(_)))
            .map(|one| one.name.clone())
            .collect();
        if required.is_empty() {
            return Err(CouldNotTell::because(
                "neither the code nor a declaration says of a variable that it is required",
            ));
        }
        let ready = stage.readiness().await?;
        let within = (ready.after * 3 + Duration::from_secs(1)).clamp(SPAN.0, SPAN.1);
        let mut wrong = Vec::new();
        let mut right = Vec::new();
        for name in required.iter().take(MOST) {
            stage.note(format!("starting it without {name}"));
            let run = stage.start(Setup::web().without(name)).await?;
            let outcome = outcome(stage, &run, within).await;
            run.kill().await;
            match judge(&run, name, outcome) {
                Ok(()) => right.push(name.as_str()),
                Err(why) => wrong.push(why),
            }
        }
        let more = match required.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(" ({more} more were not tried)"),
        };
        match wrong.as_slice() {
            [] => stage.holds(
                "III.4",
                format!(
                    "without {} it ends at once and names what is missing{more}",
                    listed(&right)
                ),
            ),
            [one] => stage.broken("III.4", one.clone()),
            [one, rest @ ..] => {
                stage.broken("III.4", format!("{one}; {} more do the like", rest.len()))
            }
        }
        Ok(())
    })
}

/// What came of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It ended, with this code.
    Ended(Option<i32>),
    /// It answers requests.
    Serves,
    /// It neither ended nor answered.
    Hangs,
}

async fn outcome(stage: &Stage, run: &Run, within: Duration) -> Outcome {
    let end = Instant::now() + within;
    let client = stage.quiet_client_at(run.given_port);
    loop {
        if !run.runs() && run.survivors().is_empty() {
            let ended = run.ended(Duration::from_secs(2)).await;
            return Outcome::Ended(ended.and_then(|end| end.code));
        }
        if client
            .send(&Request::get("/").within(Duration::from_secs(2)))
            .await
            .is_ok()
        {
            // It may check its config only after it listens: that is late, and still at once.
            if run.ended(Duration::from_millis(700)).await.is_none() {
                return Outcome::Serves;
            }
            continue;
        }
        if Instant::now() >= end {
            return Outcome::Hangs;
        }
        sleep(Duration::from_millis(15)).await;
    }
}

fn judge(run: &Run, name: &str, outcome: Outcome) -> Result<(), String> {
    let named = run
        .record
        .lines(None)
        .iter()
        .any(|(_, line)| names(&String::from_utf8_lossy(&line.bytes), name));
    match outcome {
        Outcome::Ended(Some(0)) => Err(format!(
            "without {name} it exits with 0, as if all were well"
        )),
        Outcome::Ended(_) if named => Ok(()),
        Outcome::Ended(_) => {
            let said = run.record.complaint();
            let said = said.map_or_else(|| "nothing".to_owned(), |line| format!("`{line}`"));
            Err(format!(
                "without {name} it ends and does not name it; it said {said}"
            ))
        }
        Outcome::Serves => Err(format!(
            "without {name}, which is required, it starts and serves"
        )),
        Outcome::Hangs => Err(format!(
            "without {name} it runs on for {:.0} s, neither serving nor ending",
            run.age().as_secs_f64()
        )),
    }
}

fn listed(names: &[&str]) -> String {
    match names {
        [one] => (*one).to_owned(),
        [several @ .., last] => format!("{} or {last}", several.join(", ")),
        [] => String::new(),
    }
}
