//! Lets several workers have one queue, and looks whether each job was done by one of them, once.
//!
//! Jobs are given by the scenario's own request before the workers start, on a private queue where one can be
//! had, so that all want the first at the same time. Which worker had a job is seen from what it names to its
//! resources and in its lines. Done twice is a job about which two workers, or one of them twice, wrote the line
//! that ends a job; who only looks at a job and leaves it to another does not.
//!
//! Where the scenario gives the workers nothing to do, or one of them took all, nothing can be told.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use xii_model::Severity;

use crate::engine::{Need, Phase, Probe, Stage, Steps};
use crate::queue::{Hand, Job, Shop};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "job-done-once",
    criteria: &["VIII.5"],
    phase: Phase::Stress,
    needs: &[Need::Healthy, Need::Worker],
    severity: Severity::Error,
    limit: Duration::from_secs(180),
    // It may share the queue with others.
    alone: true,
    run,
};

/// How many workers there are.
const WORKERS: u32 = 3;
/// How many jobs.
const JOBS: usize = 9;
/// How long they may take together.
const ALL: Duration = Duration::from_secs(40);
/// How long a second doing may lag behind.
const LAG: Duration = Duration::from_millis(600);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let shop = Shop::open(stage).await?;
        let mut jobs: Vec<Job> = Vec::new();
        for _ in 0..JOBS {
            jobs.push(shop.give(stage).await?);
        }
        stage.note(format!("gave {JOBS} jobs, and starts {WORKERS} workers"));
        let mut hands: Vec<Hand> = Vec::new();
        for number in 1..=WORKERS {
            hands.push(shop.hire(stage, number, &jobs).await?);
        }
        let end = Instant::now() + ALL;
        while !all_done(stage, &shop, &jobs, &hands).await && Instant::now() < end {
            sleep(Duration::from_millis(25)).await;
        }
        // Time itself is what shows that nobody does it once more.
        sleep(LAG).await;
        judge(stage, &shop, &jobs, &hands).await;
        for hand in &hands {
            hand.run.kill().await;
        }
        shop.close().await;
        Ok(())
    })
}

/// Whether each job was done, or, where that cannot be told, whether each was had.
async fn all_done(stage: &Stage, shop: &Shop, jobs: &[Job], hands: &[Hand]) -> bool {
    let all: Vec<&Hand> = hands.iter().collect();
    for job in jobs {
        let done = if shop.can_tell() {
            // A job that two have done may look otherwise than one that is done once.
            shop.is_done(stage, job, &all).await || ends(shop, job, hands).iter().sum::<usize>() > 0
        } else {
            hands.iter().any(|hand| hand.knows(&job.id))
        };
        if !done {
            return false;
        }
    }
    true
}

/// How often each worker wrote the line that ends a job.
fn ends(shop: &Shop, job: &Job, hands: &[Hand]) -> Vec<usize> {
    let done = shop.done_line();
    hands
        .iter()
        .map(|hand| {
            let shapes = hand.shapes(&job.id);
            shapes
                .iter()
                .filter(|(_, shape)| Some(shape.as_str()) == done)
                .count()
        })
        .collect()
}

async fn judge(stage: &mut Stage, shop: &Shop, jobs: &[Job], hands: &[Hand]) {
    let mut twice = Vec::new();
    let mut shared = 0;
    let mut undone = 0;
    let mut part: Vec<usize> = vec![0; hands.len()];
    let all: Vec<&Hand> = hands.iter().collect();
    for job in jobs {
        let ends = ends(shop, job, hands);
        if ends.iter().sum::<usize>() > 1 {
            let who: Vec<String> = hands
                .iter()
                .zip(&ends)
                .filter(|(_, ends)| **ends > 0)
                .map(|(hand, _)| hand.run.instance.to_string())
                .collect();
            twice.push((job.id.clone(), who));
            continue;
        }
        let had: Vec<usize> = (0..hands.len())
            .filter(|at| hands[*at].knows(&job.id))
            .collect();
        match had.as_slice() {
            [] => undone += 1,
            [one] => part[*one] += 1,
            // The one that ended it had it.
            _ => match ends.iter().position(|count| *count > 0) {
                Some(at) => part[at] += 1,
                None => shared += 1,
            },
        }
        if shop.can_tell() && !had.is_empty() && !shop.is_done(stage, job, &all).await {
            undone += 1;
        }
    }
    let workers = part.iter().filter(|count| **count > 0).count();
    let parts: Vec<String> = part.iter().map(ToString::to_string).collect();
    if let Some((id, who)) = twice.first() {
        stage.broken(
            "VIII.5",
            format!(
                "{} of {} jobs were done more than once; {id} by {}",
                twice.len(),
                jobs.len(),
                who.join(" and ")
            ),
        );
    } else if undone > 0 {
        stage.could_not_tell(
            "VIII.5",
            format!(
                "{undone} of {} jobs were not seen to be done in {} s",
                jobs.len(),
                ALL.as_secs()
            ),
        );
    } else if shared > 0 {
        stage.could_not_tell(
            "VIII.5",
            format!("{shared} jobs were known to several workers, and who did them was not seen"),
        );
    } else if workers < 2 {
        stage.could_not_tell(
            "VIII.5",
            "one worker took all jobs, so that nobody was in its way",
        );
    } else {
        stage.holds(
            "VIII.5",
            format!(
                "{} jobs were each done once, by {} workers ({})",
                jobs.len(),
                hands.len(),
                parts.join(", ")
            ),
        );
    }
}
