//! A worker in Node is stopped without giving back the job that it holds.
//!
//! ## What it looks for
//!
//! Consumers of BullMQ, Bull, Bee-Queue, Agenda, pg-boss, amqplib and KafkaJS in an app where nothing
//! handles SIGTERM. The finding stands where the worker is made. Workers of Celery, RQ and Dramatiq
//! finish their job on SIGTERM by themselves, which is evidence for the criterion.
//!
//! ## Why it matters
//!
//! Node ends at once on SIGTERM. The job in hand stays locked until its lock runs out, then counts as
//! stalled and runs again from its start, and after a few deploys it counts as failed. A consumer of
//! Kafka that leaves without saying so holds up its group until the session times out.
//!
//! ## What to do instead
//!
//! ```js
//! process.on('SIGTERM', async () => {
//!   await worker.close(); // takes no new job and waits for the one in hand
//!   process.exit(0);
//! });
//! ```
//!
//! Bull: `await queue.close()`. Agenda: `await agenda.stop()`. KafkaJS: `await consumer.disconnect()`.
//! amqplib: `channel.cancel(tag)`, wait for the handler, then `connection.close()`. In NestJS,
//! `app.enableShutdownHooks()` lets `@nestjs/bullmq` close its workers.

use xii_model::{App, Confidence, Fact, Framework, QueueConsumer, Severity};

use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "abandoned-job",
    criteria: &["IX.3"],
    severity: Severity::Warning,
    check,
};

/// Libraries whose consumers end with the process unless they are closed, and how they are.
const CLOSED_BY: [(&str, &str); 7] = [
    ("bullmq", "await worker.close();"),
    ("bull", "await queue.close();"),
    ("bee-queue", "await queue.close(25_000);"),
    ("agenda", "await agenda.stop();"),
    ("pg-boss", "await boss.stop({ graceful: true });"),
    (
        "amqplib",
        "await channel.cancel(consumerTag); await connection.close();",
    ),
    ("kafkajs", "await consumer.disconnect();"),
];

/// Workers that finish the job in hand on SIGTERM.
const FINISHES: [&str; 5] = ["celery", "rq", "dramatiq", "huey", "arq"];

fn check(app: &App, claims: &mut Claims<'_>) {
    let handler = app.facts.signal_handlers.iter().find(|handler| {
        handler.scope.is_deployed() && handler.signals.iter().any(|signal| signal == "SIGTERM")
    });
    let consumers = app
        .facts
        .queue_consumers
        .iter()
        .filter(|consumer| consumer.scope.is_deployed());
    let mut open: Vec<(&Fact<QueueConsumer>, &str)> = Vec::new();
    for consumer in consumers {
        let through = consumer.through.to_ascii_lowercase();
        if FINISHES.contains(&through.as_str()) && consumer.acknowledges_late != Some(false) {
            claims.holds(
                "IX.3",
                format!("a worker of {through} finishes its job on SIGTERM"),
                &consumer.at,
            );
        } else if let Some((_, close)) = CLOSED_BY
            .iter()
            .find(|(name, _)| through == *name || through == format!("@nestjs/{name}"))
        {
            match handler {
                None => open.push((consumer, close)),
                Some(handler) if handler.does.closes_resources => claims.holds(
                    "IX.3",
                    format!("SIGTERM closes what takes jobs ({})", handler.through),
                    &handler.at,
                ),
                Some(_) => {}
            }
        }
    }
    let Some((first, close)) = open.first() else {
        return;
    };
    let help = if app.uses(Framework::Nest) {
        "in main.ts, so that @nestjs closes its workers on SIGTERM:\n\n    app.enableShutdownHooks();".to_owned()
    } else {
        format!(
            "process.on('SIGTERM', async () => {{\n      {close} // takes no new job, waits for the one in hand\n      process.exit(0);\n    }});"
        )
    };
    let draft = claims.finding(
        &first.at,
        format!(
            "this worker of {} is never closed on SIGTERM: each deploy abandons the job in hand, which runs again from its start only after its lock or session runs out",
            first.through
        ),
    );
    draft
        .confidence(Confidence::Medium)
        .subject(first.through.clone())
        .help(help);
    for (other, _) in open.iter().skip(1).take(4) {
        draft.related(&other.at, format!("{} as well", other.through));
    }
}
