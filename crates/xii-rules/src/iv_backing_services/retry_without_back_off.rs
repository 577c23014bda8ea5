//! Failed calls are repeated without a growing pause between them.
//!
//! ## What it looks for
//!
//! Retries of calls to resources in an app in which nothing waits longer from attempt to attempt and
//! no circuit breaker stands between.
//!
//! ## Why it matters
//!
//! A resource that is overloaded is hit hardest when it is weakest: every instance repeats at once and
//! in step, so that it cannot recover. A growing pause with some chance in it, or a breaker that stops
//! asking for a while, lets it come back.
//!
//! ## What to do instead
//!
//! ```js
//! await pRetry(() => api.get('/x'), { retries: 4, minTimeout: 200, factor: 2, randomize: true });
//! const guarded = new CircuitBreaker(call, { timeout: 3000, resetTimeout: 10000 });
//! ```
//!
//! ```python
//! @retry(wait=wait_random_exponential(max=30), stop=stop_after_attempt(5))
//! def call(): ...
//! ```

use xii_model::{App, Confidence, Severity};

use crate::{Claims, Rule, grouping, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "retry-without-back-off",
    criteria: &["IV.7"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let guards: Vec<_> = app
        .facts
        .resilience
        .iter()
        .filter(|one| one.scope.is_deployed())
        .collect();
    let gentle: Vec<_> = guards
        .iter()
        .filter(|one| {
            matches!(one.what.what, "back-off" | "circuit breaker") || waits_longer(&one.through)
        })
        .collect();
    for one in &gentle {
        claims.holds(
            "IV.7",
            match one.what.what {
                "retry" => format!("{} waits longer from attempt to attempt", one.through),
                what => format!("{} gives a failing call a {what}", one.through),
            },
            &one.at,
        );
    }
    if !gentle.is_empty() {
        return;
    }
    for group in grouping::by(
        guards
            .iter()
            .copied()
            .filter(|one| one.what.what == "retry"),
        |one| one.through.clone(),
    ) {
        let draft = claims.finding(
            &group.first.at,
            format!(
                "{} repeats failed calls and nothing shows that it waits longer each time: a resource in trouble is hit hardest",
                group.first.through
            ),
        );
        draft
            .confidence(Confidence::Low)
            .subject(group.first.through.as_str())
            .help(if places::is_pythonic(app) {
                "wait longer from attempt to attempt, with some chance in it:\n    @retry(wait=wait_random_exponential(max=30), stop=stop_after_attempt(5))"
            } else {
                "wait longer from attempt to attempt, with some chance in it:\n    await pRetry(call, { retries: 4, minTimeout: 200, factor: 2, randomize: true });"
            });
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "and here");
        }
    }
}

/// Whether the library waits longer from attempt to attempt unless it is told otherwise.
fn waits_longer(library: &str) -> bool {
    matches!(
        library,
        "p-retry" | "async-retry" | "retry" | "promise-retry" | "exponential-backoff" | "backoff"
    )
}
