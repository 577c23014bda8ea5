//! Metrics are exposed, but requests are not among them.
//!
//! ## What it looks for
//!
//! An app with metrics whose code never counts requests or times them: only the runtime's own figures
//! (memory, event loop, garbage collection) are collected.
//!
//! ## Why it matters
//!
//! Rate, errors and duration of requests are what users feel. Memory graphs stay calm while every
//! request fails.
//!
//! ## What to do instead
//!
//! A histogram of durations by method, route and status gives all three:
//!
//! ```js
//! const seconds = new Histogram({ name: 'http_request_duration_seconds', help: 'Duration of requests', labelNames: ['method', 'route', 'status'] });
//! ```

use xii_model::{App, Confidence, Severity};

use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unmeasured-request",
    criteria: &["XIV.2"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let known: Vec<_> = app
        .facts
        .metrics
        .iter()
        .filter(|one| one.scope.is_deployed())
        .collect();
    if let Some(metrics) = known.iter().find(|one| one.requests == Some(true)) {
        claims.holds(
            "XIV.2",
            format!("{} measures requests", metrics.through),
            &metrics.at,
        );
        return;
    }
    if known.iter().any(|one| one.requests.is_none()) {
        return;
    }
    let Some(metrics) = known.first() else { return };
    claims
        .finding(
            &metrics.at,
            format!("{} exposes metrics, but none of requests, errors and durations was found: what users feel stays unseen", metrics.through),
        )
        .confidence(Confidence::Low)
        .subject("requests")
        .help("a histogram of durations by method, route and status, observed in a middleware, gives rate, errors and duration at once");
}
