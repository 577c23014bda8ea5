//! Scaling out the workers also multiplies the clock that hands out their jobs.
//!
//! ## What it looks for
//!
//! `celery worker -B` or `--beat`, which puts the scheduler into every worker; a beat or clock process
//! of which a manifest runs more than one; and a clock inside a program that only takes work from a
//! queue. A queue that hands each job to one worker is evidence for the criterion.
//!
//! ## Why it matters
//!
//! Each copy of the clock enqueues every job. With four workers a bill is sent four times, and the
//! fault shows only on the day somebody scales out.
//!
//! ## What to do instead
//!
//! One clock, any number of workers:
//!
//! ```text
//! worker: celery -A app worker
//! beat: celery -A app beat
//! ```
//!
//! with `replicas: 1` and `strategy: Recreate` for the beat, so that a rollout does not overlap two of
//! them. In Node, keep the schedule in the queue (BullMQ's job schedulers), which runs each due job once.

use xii_model::{App, Confidence, Evidence, QueueConsumer, Severity};

use crate::command::start;
use crate::command::{self, Command};
use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "duplicate-scheduler",
    criteria: &["VIII.5"],
    severity: Severity::Warning,
    check,
};

/// Queues that hand a job to one of many consumers.
const EXCLUSIVE: [&str; 14] = [
    "celery",
    "rq",
    "bullmq",
    "bull",
    "bee-queue",
    "dramatiq",
    "huey",
    "arq",
    "amqplib",
    "pika",
    "agenda",
    "pg-boss",
    "graphile-worker",
    "kafkajs",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut clean = true;
    for start in start::all(app).iter().filter(|start| !start.development) {
        if start.programs(app).iter().any(is_worker_with_beat) {
            clean = false;
            claims
                .finding(
                    &start.at,
                    "this worker runs the beat scheduler as well: every worker that is added enqueues each scheduled job once more",
                )
                .confidence(Confidence::High)
                .subject("embedded beat")
                .help("run the scheduler as a process type of its own, with one instance:\n\n    worker: celery -A app worker\n    beat: celery -A app beat");
        }
    }
    for (at, count) in scaled_clocks(app) {
        clean = false;
        claims
            .finding(
                at,
                format!("{count} instances of a scheduler are declared: each of them enqueues every scheduled job, so each job runs {count} times"),
            )
            .severity(Severity::Error)
            .confidence(Confidence::High)
            .subject("replicas")
            .help("run one: `replicas: 1`, and `strategy: { type: Recreate }` so that a rollout does not overlap two");
    }
    if !app.serves() && app.works() {
        for job in &app.facts.scheduled_jobs {
            let timer = job.through.contains("setInterval") || job.through.contains("Timer");
            if job.scope.is_deployed() && job.in_process && !job.guarded && !timer {
                clean = false;
                claims
                    .finding(
                        &job.at,
                        format!("{} keeps the schedule inside the worker: every worker that is added runs the job once more", job.through),
                    )
                    .subject(job.through.clone())
                    .help("keep the schedule in the queue (a repeatable job) or in one process of its own, or take a lock in a backing service first");
                break;
            }
        }
    }
    if clean && let Some((at, through)) = exclusive(app) {
        claims.holds(
            "VIII.5",
            format!("{through} hands each job to one worker, however many there are"),
            at,
        );
    }
}

fn is_worker_with_beat(command: &Command) -> bool {
    command.program() == "celery"
        && command.has("worker")
        && (command.has("--beat")
            || command
                .words()
                .iter()
                .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('B')))
}

fn is_clock(commands: &[Command]) -> bool {
    commands
        .iter()
        .any(|command| command.program() == "celery" && command.has("beat"))
}

/// Processes that are a clock and of which more than one is declared.
fn scaled_clocks(app: &App) -> Vec<(&Evidence, u32)> {
    let services = app.facts.compose_services.iter().filter_map(|service| {
        let line = service.command.as_ref()?.line();
        let count = service.replicas.filter(|count| *count > 1)?;
        is_clock(&command::parse(&line)).then_some((&service.at, count))
    });
    let workloads = app.facts.workloads.iter().filter_map(|workload| {
        let count = workload.replicas.filter(|count| *count > 1)?;
        let clock = workload.containers.iter().any(|container| {
            container
                .command
                .as_ref()
                .is_some_and(|command| is_clock(&command::parse(&command.line())))
        });
        clock.then_some((&workload.at, count))
    });
    services.chain(workloads).collect()
}

/// A consumer of a queue that hands each job to one worker.
fn exclusive(app: &App) -> Option<(&Evidence, &str)> {
    app.facts
        .queue_consumers
        .iter()
        .filter(|consumer| consumer.scope.is_deployed())
        .find(|consumer: &&xii_model::Fact<QueueConsumer>| {
            let through = consumer.through.to_ascii_lowercase();
            EXCLUSIVE.iter().any(|name| through.contains(name))
        })
        .map(|consumer| (&consumer.at, consumer.through.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_inside_a_worker_is_told_from_one_of_its_own() {
        let told = |line: &str| command::parse(line).iter().any(is_worker_with_beat);
        assert!(told("celery -A app worker -B"));
        assert!(told("celery -A app worker --beat -l info"));
        assert!(told("python -m celery -A app worker -EB"));
        assert!(!told("celery -A app worker -l INFO --pool=prefork"));
        assert!(!told("celery -A app beat"));
        assert!(!told("celery worker -A app --hostname=B"));
    }
}
