//! Sends SIGTERM to a worker that has a job in hand, and looks for the job.
//!
//! The scenario's own request gives the job, on a private queue where one can be had. As soon as the worker
//! names the job to a resource or in a line, SIGTERM goes to the process that was started; when that has ended,
//! everything that is left of it is killed, as a platform does: what a child in a session of its own would still
//! have finished counts for nothing. The job must then be done, or another worker must get it: it is started,
//! and given a second job, and when that is done the first one should be.
//!
//! A job that comes back only later, because its lease had ended, is not lost, and was not given back either.
//! Whether a job is done is read from the app's own route for it, or from the line that a worker ends with.
//! Where the scenario gives the workers nothing to do, nothing can be told.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, sleep};
use xii_model::Severity;

use crate::engine::{CouldNotTell, Need, Phase, Probe, Stage, Steps, To};
use crate::queue::{Hand, Job, Shop};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "returned-job",
    criteria: &["IX.3"],
    phase: Phase::Stop,
    needs: &[Need::Healthy, Need::Worker],
    severity: Severity::Error,
    limit: Duration::from_secs(240),
    // It may share the queue with others.
    alone: true,
    run,
};

/// How long a worker may take to have the job.
const TAKES: Duration = Duration::from_secs(20);
/// How often a job may be done too soon to be caught.
const TRIES: usize = 4;
/// How long the second job may take.
const SECOND: Duration = Duration::from_secs(25);
/// How long the first may take after the second.
const AFTER: Duration = Duration::from_secs(3);
/// How long a lease is waited for after that.
const LEASE: Duration = Duration::from_secs(75);
/// Between two looks at a worker that may have the job; it must be caught with it.
const STEP: Duration = Duration::from_millis(1);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let shop = Shop::open(stage).await?;
        if !shop.can_tell() {
            return Err(CouldNotTell::because(
                "neither a route nor a line of the worker tells that a job is done",
            ));
        }
        for _ in 0..TRIES {
            let job = shop.give(stage).await?;
            let hand = shop.hire(stage, 1, std::slice::from_ref(&job)).await?;
            let end = Instant::now() + TAKES;
            while !hand.knows(&job.id) && Instant::now() < end && hand.run.runs() {
                sleep(STEP).await;
            }
            if !hand.knows(&job.id) {
                hand.run.kill().await;
                return Err(CouldNotTell::because(
                    "the worker did not take the second job in time",
                ));
            }
            // Some name a job to their queue only when they are done with it.
            if shop.is_done(stage, &job, &[&hand]).await {
                hand.run.kill().await;
                stage.note("it was done before SIGTERM came: once more");
                continue;
            }
            let told = jiff::Timestamp::now();
            stage.note(format!("the worker has the job {} in hand", job.id));
            hand.run.signal(Signal::TERM, To::Leader);
            let ended = hand.run.ended(hand.run.grace).await;
            hand.run.kill().await;
            let how = ended.map_or_else(
                || "had to be killed after its grace".to_owned(),
                |end| end.words(),
            );
            if shop.is_done(stage, &job, &[&hand]).await {
                let too_soon = shop.done_line().is_some_and(|done| {
                    let shapes = hand.shapes(&job.id);
                    shapes.iter().any(|(at, shape)| shape == done && *at < told)
                });
                if too_soon {
                    stage.note("it was done before SIGTERM came: once more");
                    continue;
                }
                stage.holds(
                    "IX.3",
                    format!(
                        "SIGTERM came while the job was in hand; the worker finished it and {how}"
                    ),
                );
                shop.close().await;
                return Ok(());
            }
            look_for(stage, &shop, &job, &how).await?;
            shop.close().await;
            return Ok(());
        }
        Err(CouldNotTell(format!(
            "jobs are done too soon to be caught in hand: {TRIES} were tried"
        )))
    })
}

/// Another worker should get the job.
async fn look_for(
    stage: &mut Stage,
    shop: &Shop,
    job: &Job,
    how: &str,
) -> Result<(), CouldNotTell> {
    let gone = Instant::now();
    let second = shop.give(stage).await?;
    let jobs = [job.clone(), second.clone()];
    let hand = shop.hire(stage, 2, &jobs).await?;
    stage.note(format!("another worker, and a second job, {}", second.id));
    let second_done = until_done(stage, shop, &second, &hand, SECOND).await;
    let back = until_done(stage, shop, job, &hand, AFTER).await;
    if back {
        stage.holds(
            "IX.3",
            format!("on SIGTERM the worker {how}, and another got its job and did it"),
        );
    } else if !second_done {
        stage.could_not_tell(
            "IX.3",
            "another worker did not do a second job in time, so that it would not have done the first either",
        );
    } else if until_done(stage, shop, job, &hand, LEASE).await {
        stage.broken(
            "IX.3",
            format!(
                "on SIGTERM the worker {how} and did not give its job back: others got it only {:.0} s later, as after a lease",
                gone.elapsed().as_secs_f64()
            ),
        );
    } else {
        let told = shop.told(stage, job).await;
        // It came back, and something else went wrong with it.
        if told.to_ascii_lowercase().contains("=fail") {
            hand.run.kill().await;
            return Err(CouldNotTell(format!(
                "on SIGTERM the worker {how}; its job was had again, and it failed{told}"
            )));
        }
        stage.broken(
            "IX.3",
            format!(
                "on SIGTERM the worker {how}, and its job was neither done nor on the queue again {:.0} s later{told}",
                gone.elapsed().as_secs_f64()
            ),
        );
    }
    hand.run.kill().await;
    Ok(())
}

async fn until_done(stage: &Stage, shop: &Shop, job: &Job, hand: &Hand, within: Duration) -> bool {
    let end = Instant::now() + within;
    loop {
        if shop.is_done(stage, job, &[hand]).await {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        sleep(Duration::from_millis(25)).await;
    }
}
