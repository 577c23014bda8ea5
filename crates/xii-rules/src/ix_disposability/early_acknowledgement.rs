//! A worker tells the queue that a job is done before it has done it.
//!
//! ## What it looks for
//!
//! Consumers that acknowledge on receipt: Celery without `task_acks_late`, RabbitMQ consumers with
//! `noAck: true` or `auto_ack=True`, Kafka consumers that commit by the clock. One that acknowledges
//! after its work is evidence for the criterion.
//!
//! ## Why it matters
//!
//! What was acknowledged is gone from the queue. When the worker is killed in the middle (out of
//! memory, a lost machine, a job longer than the grace after SIGTERM) the job is lost, and no other
//! worker will do it.
//!
//! ## What to do instead
//!
//! Acknowledge when the work is done, and make the work safe to repeat. Celery:
//!
//! ```python
//! app.conf.task_acks_late = True
//! app.conf.task_reject_on_worker_lost = True  # also when the process is killed
//! app.conf.worker_prefetch_multiplier = 1
//! ```
//!
//! amqplib: `channel.consume(queue, handle, { noAck: false })` and `channel.ack(message)` at the end of
//! `handle`. pika: `auto_ack=False` and `basic_ack`. BullMQ and RQ do so by themselves.
//!
//! ## When it is fine
//!
//! Jobs that must not run twice and may be lost, such as a notification that is stale a minute later.

use std::collections::BTreeMap;

use xii_model::{App, Confidence, Fact, QueueConsumer, Severity};

use crate::{Claims, Rule, places, process_files};

pub(crate) const RULE: Rule = Rule {
    name: "early-acknowledgement",
    criteria: &["IX.3"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut early: BTreeMap<&str, Vec<&Fact<QueueConsumer>>> = BTreeMap::new();
    // Celery acknowledges early unless it is told otherwise, for all tasks or for one.
    let told = app.facts.queue_consumers.iter().any(|consumer| {
        consumer.scope.is_deployed()
            && consumer.through == "celery"
            && consumer.acknowledges_late == Some(true)
    });
    for consumer in &app.facts.queue_consumers {
        if !consumer.scope.is_deployed() || !process_files::stays(&consumer.at.path) {
            continue;
        }
        match consumer.acknowledges_late {
            Some(false) => early.entry(&consumer.through).or_default().push(consumer),
            Some(true) => claims.holds(
                "IX.3",
                format!("{} acknowledges a job after its work", consumer.through),
                &consumer.at,
            ),
            None if consumer.through == "celery" && !told => {
                early.entry(&consumer.through).or_default().push(consumer);
            }
            None => {}
        }
    }
    for (through, consumers) in early {
        let Some(first) = consumers.first() else {
            continue;
        };
        let celery = through.contains("celery");
        let (message, help) = if celery {
            (
                "Celery acknowledges a job when it starts, as `task_acks_late` is not set: SIGTERM lets the job end, but a worker that is killed before (grace over, out of memory) loses it".to_owned(),
                "where jobs may run twice:\n\n    app.conf.task_acks_late = True\n    app.conf.task_reject_on_worker_lost = True  # without it a killed process still counts as done",
            )
        } else {
            (
                format!(
                    "{through} is told that a message is done as soon as it is received: when this worker is stopped or killed in the middle, the job is lost"
                ),
                if through.contains("kafka") {
                    "commit the offset after the work:\n\n    await consumer.run({ autoCommit: false, eachMessage: async ({ topic, partition, message }) => { await handle(message); await consumer.commitOffsets([…]); } });"
                } else if places::is_pythonic(app) {
                    "acknowledge at the end of the callback:\n\n    channel.basic_consume(queue=name, on_message_callback=handle, auto_ack=False)\n    channel.basic_ack(method.delivery_tag)  # last line of handle"
                } else {
                    "acknowledge when the work is done:\n\n    channel.consume(queue, async (message) => { await handle(message); channel.ack(message); }, { noAck: false });"
                },
            )
        };
        let draft = claims.finding(&first.at, message);
        draft
            .confidence(if celery {
                Confidence::Medium
            } else {
                Confidence::High
            })
            .subject(through)
            .help(help);
        if !celery {
            draft.severity(Severity::Error);
        }
        for other in consumers.iter().skip(1).take(4) {
            let what = if celery {
                "another task"
            } else {
                "here as well"
            };
            draft.related(&other.at, what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{brief, fact};

    #[test]
    fn only_what_shows_is_said() {
        let mut app = App::default();
        for (line, through, acknowledges_late) in [
            (1, "celery", Some(false)),
            (2, "celery", Some(false)),
            (3, "amqplib", Some(false)),
            (4, "bullmq", Some(true)),
            (5, "kafkajs", None),
        ] {
            app.facts.push(fact(
                "tasks.x",
                line,
                QueueConsumer {
                    through: through.to_owned(),
                    acknowledges_late,
                },
            ));
        }
        assert_eq!(
            brief(&RULE, &app),
            [
                "tasks.x:3:1 IX.3 error/high",
                "tasks.x:1:1 IX.3 warning/medium",
                "holds IX.3 bullmq",
            ]
        );
    }
}
