//! What keeps a failing dependency from taking the app with it.

use xii_model::{Facts, Resilience};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::Seen;

/// What a call brings, by its path.
const ROWS: [(&str, &str, &str); 20] = [
    ("opossum", "circuit breaker", "opossum"),
    ("cockatiel.circuitBreaker", "circuit breaker", "cockatiel"),
    ("cockatiel.retry", "retry", "cockatiel"),
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
