//! Requests change variables that belong to the process, so that the next request depends on them.
//!
//! ## What it looks for
//!
//! Lists, maps, counters and objects of a module that request handlers change. What looks like a cache
//! (it has a size or a time to live) counts little, and so do lists of open connections.
//!
//! ## Why it matters
//!
//! With two instances each has its own copy: what was stored by one request is missing in the next one
//! that lands elsewhere. With one instance it is lost at every restart, and it grows until then.
//!
//! ## What to do instead
//!
//! Keep it where all instances see it:
//!
//! ```js
//! await redis.hSet('carts', userId, JSON.stringify(cart));
//! ```
//!
//! ```python
//! redis.incr("visits")
//! ```

use xii_model::{App, Confidence, MutableState, Severity};

use crate::{Claims, Rule, grouping, places, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "state-in-memory",
    criteria: &["VI.3"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let states = app
        .facts
        .mutable_states
        .iter()
        .filter(|state| state.scope.is_deployed());
    for group in grouping::by(states, |state| (state.at.path.clone(), is_harmless(state))) {
        let state = group.first;
        let mut names = vec![format!("`{}`", state.name)];
        for other in &group.rest {
            let name = format!("`{}`", other.name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let harmless = is_harmless(state);
        let message = format!(
            "{}{} {} in this process's memory and {} changed by requests: {}",
            wording::list(&names, 3),
            if names.len() == 1 {
                format!(" ({})", state.what.what)
            } else {
                String::new()
            },
            if names.len() == 1 { "lives" } else { "live" },
            if names.len() == 1 { "is" } else { "are" },
            if harmless {
                "each instance has its own, so answers may differ from instance to instance"
            } else {
                "another instance does not have what they stored, and a restart loses it"
            }
        );
        let draft = claims.finding(&state.at, message);
        draft
            .severity(if harmless {
                Severity::Note
            } else {
                Severity::Warning
            })
            .confidence(if harmless {
                Confidence::Low
            } else {
                Confidence::Medium
            })
            .subject(state.name.as_str())
            .help(help(app, state));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, format!("`{}`", other.name));
        }
    }
}

/// Whether losing it costs time and not data: caches, and what belongs to open connections.
fn is_harmless(state: &MutableState) -> bool {
    let name = state.name.to_ascii_lowercase();
    state.cache_like
        || state.what == "cache"
        || [
            "cache",
            "memo",
            "socket",
            "connection",
            "client",
            "subscriber",
            "listener",
            "room",
            "timer",
            "metric",
            "limiter",
            "ratelimit",
            "pending",
            "inflight",
            "lock",
            "registry",
        ]
        .iter()
        .any(|word| name.contains(word))
}

fn help(app: &App, state: &MutableState) -> String {
    let name = &state.name;
    match (places::is_pythonic(app), state.what) {
        (true, "counter") => {
            format!("count where all instances see it:\n    redis.incr(\"{name}\")")
        }
        (true, _) => {
            format!("keep it in the database or in Redis:\n    redis.hset(\"{name}\", key, value)")
        }
        (false, "counter") => {
            format!("count where all instances see it:\n    await redis.incr('{name}')")
        }
        (false, _) => {
            format!(
                "keep it in the database or in Redis:\n    await redis.hSet('{name}', key, value)"
            )
        }
    }
}
