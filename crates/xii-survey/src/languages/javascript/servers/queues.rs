//! Consumers of queues.

use xii_model::{Facts, QueueConsumer};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::Seen;

/// A consumer: the path of its call, the library, and whether it acknowledges after the work.
const CONSUMERS: [(&str, &str, Option<bool>); 17] = [
    ("bullmq.Worker", "bullmq", Some(true)),
    ("bull().process", "bull", Some(true)),
    ("bull.default().process", "bull", Some(true)),
    ("bee-queue().process", "bee-queue", Some(true)),
    ("kafkajs.Kafka().consumer().run", "kafkajs", Some(true)),
    ("sqs-consumer.Consumer.create", "sqs-consumer", Some(true)),
    ("pg-boss().work", "pg-boss", Some(true)),
    ("graphile-worker.run", "graphile-worker", Some(true)),
    ("@nestjs/bull.Process", "@nestjs/bull", Some(true)),
    ("@nestjs/bullmq.Processor", "@nestjs/bullmq", Some(true)),
    (
        "@nestjs/microservices.MessagePattern",
        "@nestjs/microservices",
        None,
    ),
    (
        "@nestjs/microservices.EventPattern",
        "@nestjs/microservices",
        None,
    ),
    ("kue.createQueue().process", "kue", Some(true)),
    ("rsmq-worker", "rsmq", None),
    ("node-resque.Worker", "node-resque", Some(true)),
    ("@temporalio/worker.Worker.create", "temporal", Some(true)),
    ("faktory-worker.register", "faktory", Some(true)),
];

/// `taskQueue().process(…)`: a queue that another file makes, known by its name only.
fn is_job_queue(path: &str) -> bool {
    path.strip_suffix(".process")
        .map(|object| object.trim_end_matches("()"))
        .and_then(|object| object.rsplit(['.', '/']).next())
        .is_some_and(|name| name.to_lowercase().ends_with("queue"))
}

/// Reads consumers.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        let path = call.path.as_str();
        let known = CONSUMERS.iter().find(|(pattern, _, _)| fits(pattern, path));
        if let Some((_, through, late)) = known {
            let consumer = QueueConsumer {
                through: (*through).to_owned(),
                acknowledges_late: *late,
            };
            facts.push(seen.fact(call.id, consumer));
        } else if is_job_queue(path) && !seen.tree.args(call.id).is_empty() {
            let consumer = QueueConsumer {
                through: "a job queue".to_owned(),
                acknowledges_late: None,
            };
            facts.push(seen.fact(call.id, consumer));
        } else if path.ends_with(".consume") && (seen.has("amqp")) {
            let no_ack = seen
                .option(call.id, &["noAck"])
                .and_then(|flag| seen.flag(flag));
            let acknowledges = seen.calls.iter().any(|call| call.path.ends_with(".ack"));
            let consumer = QueueConsumer {
                through: "amqplib".to_owned(),
                acknowledges_late: match no_ack {
                    Some(true) => Some(false),
                    _ => acknowledges.then_some(true),
                },
            };
            facts.push(seen.fact(call.id, consumer));
        }
    }
}
