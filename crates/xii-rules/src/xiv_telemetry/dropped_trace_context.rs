//! Traces are made, but end at the app's own border.
//!
//! ## What it looks for
//!
//! Tracing that is set up without a propagator or automatic instrumentation, so that calls to other
//! services go out without `traceparent`.
//!
//! ## Why it matters
//!
//! A trace that starts anew in every service is a log with a stopwatch: nobody can tell which request
//! of the first service caused which of the second.
//!
//! ## What to do instead
//!
//! Use the SDK's automatic instrumentation, which carries W3C Trace Context on every HTTP call, or set
//! the propagator and inject it where calls are made:
//!
//! ```js
//! new NodeSDK({ instrumentations: [getNodeAutoInstrumentations()] }).start();
//! ```

use xii_model::{App, Severity};

use crate::{Claims, Rule, places};

pub(crate) const RULE: Rule = Rule {
    name: "dropped-trace-context",
    criteria: &["XIV.4"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let known: Vec<_> = app
        .facts
        .tracing
        .iter()
        .filter(|one| one.scope.is_deployed())
        .collect();
    if let Some(tracing) = known.iter().find(|one| one.propagates == Some(true)) {
        claims.holds(
            "XIV.4",
            format!("{} carries the trace context on", tracing.through),
            &tracing.at,
        );
        return;
    }
    let Some(tracing) = known.iter().find(|one| one.propagates == Some(false)) else {
        if known.is_empty() {
            claims.could_not_tell("XIV.4", "the app makes no traces: see XIV.3");
        }
        return;
    };
    claims
        .finding(
            &tracing.at,
            format!("{} makes spans, but nothing puts `traceparent` on calls to other services: every trace ends here", tracing.through),
        )
        .subject("propagation")
        .help(if places::is_pythonic(app) {
            "instrument the HTTP client as well:\n    RequestsInstrumentor().instrument()  # or HTTPXClientInstrumentor"
        } else {
            "let the SDK instrument HTTP calls:\n    new NodeSDK({ instrumentations: [getNodeAutoInstrumentations()] }).start();"
        });
}
