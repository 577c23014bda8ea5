//! Work that is delivered again after a crash, and nothing that makes doing it twice harmless.
//!
//! ## What it looks for
//!
//! What makes a repetition safe: idempotency keys, unique constraints, upserts, transactions, ids of
//! jobs. Each is evidence for the criterion. A worker whose queue delivers again, in an app with
//! none of them, is a sign against it; it is never more than a sign, as safety has many forms.
//!
//! ## Why it matters
//!
//! Processes are killed at any moment, and a client or a queue then tries again. If the first try had
//! already charged the card, the second charges it again.
//!
//! ## What to do instead
//!
//! Give each piece of work an id and let the database refuse the second time:
//!
//! ```sql
//! INSERT INTO payments (job_id, …) VALUES ($1, …) ON CONFLICT (job_id) DO NOTHING;
//! ```
//!
//! In BullMQ `queue.add(name, data, { jobId: order.id })` enqueues one job only; Stripe and others take
//! an `Idempotency-Key`. Put what belongs together into one transaction: `transaction.atomic()` in
//! Django, `session.begin()` in SQLAlchemy, `prisma.$transaction` in Prisma.

use std::collections::BTreeSet;

use xii_model::{App, Confidence, Severity};

use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unrepeatable-work",
    criteria: &["IX.7"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let seen: Vec<_> = app
        .facts
        .idempotency
        .iter()
        .filter(|fact| !fact.scope.browser && fact.scope.class != xii_model::FileClass::Test)
        .collect();
    let has = |how: &str| seen.iter().any(|fact| fact.how == how);
    // A transaction keeps a broken try from leaving half of its work, a unique constraint tells a second
    // try from the first; each alone says little of the work as a whole.
    let strong = seen
        .iter()
        .find(|fact| !matches!(fact.how, "transaction" | "unique constraint"))
        .or_else(|| {
            seen.first()
                .filter(|_| has("transaction") && has("unique constraint"))
        });
    if let Some(first) = strong {
        let ways: BTreeSet<&str> = seen.iter().map(|fact| fact.how).collect();
        let ways: Vec<&str> = ways.into_iter().collect();
        claims.holds(
            "IX.7",
            format!("work is made safe to repeat: {}", ways.join(", ")),
            &first.at,
        );
        return;
    }
    let redelivers = app.facts.queue_consumers.iter().find(|consumer| {
        let through = consumer.through.to_ascii_lowercase();
        consumer.scope.is_deployed()
            && (consumer.acknowledges_late == Some(true)
                || ["bullmq", "bull", "kafkajs"].contains(&through.as_str()))
    });
    if let Some(consumer) = redelivers {
        claims
            .finding(
                &consumer.at,
                format!(
                    "{} delivers a job again when its worker dies, and nothing here (no unique constraint, upsert or idempotency key) shows that doing it twice is harmless",
                    consumer.through
                ),
            )
            .confidence(Confidence::Low)
            .subject(consumer.through.clone())
            .help("give each job an id and let the database refuse the second time:\n\n    INSERT INTO done_jobs (job_id) VALUES ($1) ON CONFLICT DO NOTHING;");
    } else if seen.is_empty() {
        claims.could_not_tell(
            "IX.7",
            "no idempotency key, unique constraint, upsert or job id was found, which does not show that a repetition does harm",
        );
    }
}
