//! What keeps a failing dependency from taking the app with it.

use xii_model::{Facts, Resilience};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::Kind;

/// What a call brings, by its path.
const ROWS: [(&str, &str, &str); 21] = [
    ("opossum", "circuit breaker", "opossum"),
    ("cockatiel.circuitBreaker", "circuit breaker", "cockatiel"),
    ("cockatiel.retry", "retry", "cockatiel"),
    ("cockatiel.ExponentialBackoff", "back-off", "cockatiel"),
    ("cockatiel.timeout", "timeout", "cockatiel"),
    ("cockatiel.Policy*", "retry", "cockatiel"),
    ("brakes", "circuit breaker", "brakes"),
    ("mollitia.Circuit", "circuit breaker", "mollitia"),
    ("p-retry", "retry", "p-retry"),
    ("async-retry", "retry", "async-retry"),
    ("retry.operation", "retry", "retry"),
    ("promise-retry", "retry", "promise-retry"),
    ("ts-retry*", "retry", "ts-retry"),
    (
        "exponential-backoff.backOff",
        "back-off",
        "exponential-backoff",
    ),
    ("backoff.*", "back-off", "backoff"),
    ("axios-retry", "retry", "axios-retry"),
    ("retry-axios.attach", "retry", "retry-axios"),
    ("p-timeout", "timeout", "p-timeout"),
    ("AbortSignal.timeout", "timeout", "AbortSignal"),
    ("async.retry", "retry", "async"),
    ("rxjs.retry", "retry", "rxjs"),
];

/// Reads what is there against failing dependencies.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        if let Some((_, what, through)) = ROWS.iter().find(|(path, _, _)| fits(path, &call.path)) {
            let fact = Resilience {
                what,
                through: (*through).to_owned(),
            };
            facts.push(seen.fact(call.id, fact));
            if *what == "retry" && backs_off(seen, call, through) {
                let fact = Resilience {
                    what: "back-off",
                    through: (*through).to_owned(),
                };
                facts.push(seen.fact(call.id, fact));
            }
        }
        for key in [
            "retryStrategy",
            "reconnectStrategy",
            "retry_strategy",
            "clusterRetryStrategy",
        ] {
            if let Some(at) = seen.option(call.id, &[key]) {
                let fact = Resilience {
                    what: "reconnect",
                    through: key.to_owned(),
                };
                facts.push(seen.fact(at, fact));
            }
        }
    }
}

/// Whether retries wait longer each time: told to, or by the library's own default, unless a factor of
/// one says otherwise.
fn backs_off(seen: &Seen<'_>, call: &Called, library: &str) -> bool {
    match library {
        "axios-retry" => seen.option(call.id, &["retryDelay"]).is_some(),
        "p-retry" | "async-retry" | "promise-retry" | "retry" => {
            let factor = seen.option(call.id, &["factor"]);
            !factor.is_some_and(|factor| {
                matches!(seen.tree.kind(seen.tree.follow(factor)), Kind::Number(number) if number == "1")
            })
        }
        _ => false,
    }
}
