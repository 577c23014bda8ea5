//! Starts the app several times and measures how long it takes until it answers.
//!
//! From the launch of the process to the first successful answer of its readiness route, or of any route
//! where it has none. The slowest of three starts counts: a platform restarts an app when it must, not
//! when it suits the app. What a start waited for a processor, because the machine was busy, does not count
//! against the app. The budget is `start-within` of `[prove]` in xii.toml, 10 s unless it is declared.
//!
//! A start command that builds first is found by `build-at-run-time` as well: both findings have one cause.

use std::time::Duration;

use tokio::time::sleep;
use xii_model::Severity;
use xii_runtime::formation::How;

use crate::client::Request;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::signals::seconds;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "start-budget",
    criteria: &["IX.1"],
    phase: Phase::Start,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(300),
    // It measures time.
    alone: true,
    run,
};

/// How many starts are measured, the shared one besides.
const STARTS: usize = 2;
/// A start that waited for a processor for this part of its budget says nothing.
const BUSY: u32 = 4;
/// What is good, whatever the budget is.
const GOOD: Duration = Duration::from_secs(3);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let budget = stage.settings().start_within;
        let declared = match stage
            .web()
            .and_then(|web| web.ready.as_ref())
            .map(|check| &check.how)
        {
            Some(How::Http(path)) => Some(path.clone()),
            _ => None,
        };
        let first = stage.readiness().await?;
        let mut slowest = first.after;
        let mut own = first.after.saturating_sub(first.held_up);
        for _ in 0..STARTS {
            // What one that was killed left behind is another probe's concern.
            let run = stage.start(Setup::web().apart()).await?;
            let ready = stage.ready(&run).await;
            let ready = ready.map_err(|why| {
                CouldNotTell(format!("{} did not become ready: {why}", run.instance))
            })?;
            slowest = slowest.max(ready.after);
            own = own.max(ready.after.saturating_sub(ready.held_up));
            if let Some(path) = &declared {
                match says_yes(stage, &run, path, budget).await {
                    Some(after) => {
                        slowest = slowest.max(after);
                        own = own.max(after.saturating_sub(run.held_up()));
                    }
                    None => {
                        let held_up = run.held_up();
                        run.kill().await;
                        if held_up > budget / BUSY {
                            return Err(CouldNotTell(format!(
                                "this machine is too busy to tell: of its start it waited {} for a processor",
                                seconds(held_up)
                            )));
                        }
                        let budget = seconds(budget);
                        let reason = format!(
                            "{path}, which is declared to say when it is ready, had not said so {budget} after its start, its budget"
                        );
                        stage.broken("IX.1", reason);
                        return Ok(());
                    }
                }
            }
            run.kill().await;
            if own > budget {
                break;
            }
        }
        let is_over = |time: Duration| time > stage.settings().start_within;
        let (over, busy) = (is_over(own), is_over(slowest));
        let (took, budget) = (seconds(slowest), seconds(budget));
        if busy && !over {
            stage.could_not_tell(
                "IX.1",
                format!(
                    "it was ready after {took}, and {} of this it waited for a processor: this machine is too busy to tell whether it keeps to its budget of {budget}",
                    seconds(slowest.saturating_sub(own))
                ),
            );
        } else if over {
            stage.broken(
                "IX.1",
                format!("it was ready after {took}, and its start budget is {budget}"),
            );
        } else if slowest > GOOD {
            stage.holds(
                "IX.1",
                format!(
                    "it was ready after {took}, within its budget of {budget}; 3 s would be good"
                ),
            );
        } else {
            stage.holds(
                "IX.1",
                format!(
                    "it was ready after {took} at most, of {} starts",
                    STARTS + 1
                ),
            );
        }
        Ok(())
    })
}

/// How long after its start the readiness route that is declared said yes; none when it did not within its
/// budget.
async fn says_yes(stage: &Stage, run: &Run, path: &str, budget: Duration) -> Option<Duration> {
    let client = stage.quiet_client_at(run.port());
    loop {
        let request = Request::get(path).within(Duration::from_secs(2));
        if client
            .send(&request)
            .await
            .is_ok_and(|answer| answer.status < 400)
        {
            return Some(run.age());
        }
        if run.age() > budget || !run.runs() {
            return None;
        }
        sleep(Duration::from_millis(20)).await;
    }
}
