//! Retries and circuit breakers.

use xii_model::Resilience;

use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId};

/// Canonical paths, or their starts where they end with a dot.
#[rustfmt::skip]
const ROWS: &[(&str, &str, &str)] = &[
    ("tenacity.retry", "retry", "tenacity"),
    ("tenacity.Retrying", "retry", "tenacity"),
    ("tenacity.AsyncRetrying", "retry", "tenacity"),
    ("backoff.on_exception", "back-off", "backoff"),
    ("backoff.on_predicate", "back-off", "backoff"),
    ("retrying.retry", "retry", "retrying"),
    ("retry.retry", "retry", "retry"),
    ("stamina.retry", "retry", "stamina"),
    ("pybreaker.CircuitBreaker", "circuit breaker", "pybreaker"),
    ("circuitbreaker.circuit", "circuit breaker", "circuitbreaker"),
    ("aiobreaker.CircuitBreaker", "circuit breaker", "aiobreaker"),
    ("purgatory.AsyncCircuitBreakerFactory", "circuit breaker", "purgatory"),
    ("urllib3.util.retry.Retry", "retry", "urllib3"),
    ("urllib3.util.Retry", "retry", "urllib3"),
    ("urllib3.Retry", "retry", "urllib3"),
    ("requests.packages.urllib3.util.retry.Retry", "retry", "urllib3"),
    ("redis.backoff.ExponentialBackoff", "back-off", "redis"),
    ("redis.retry.Retry", "retry", "redis"),
    ("asyncio.wait_for", "timeout", "asyncio"),
    ("asyncio.timeout", "timeout", "asyncio"),
    ("async_timeout.timeout", "timeout", "async-timeout"),
    ("httpx.HTTPTransport", "retry", "httpx"),
    ("httpx.AsyncHTTPTransport", "retry", "httpx"),
];

/// Adds a fact for each retry and circuit breaker.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    for (id, path) in reader.calls {
        if let Some((name, what, through)) = ROWS.iter().find(|(name, ..)| name == path) {
            if name.ends_with("Transport") && tree.keyword(*id, "retries").is_none() {
                continue;
            }
            add(reader, *id, what, through);
        }
        // Celery's own: `@app.task(autoretry_for=…, retry_backoff=True)`.
        if let Some(value) = tree.keyword(*id, "autoretry_for") {
            let what = if tree.keyword(*id, "retry_backoff").is_some() {
                "back-off"
            } else {
                "retry"
            };
            add(reader, value, what, "celery");
        }
    }
    // A decorator without a call: `@retry`.
    for id in tree.ids() {
        let Some(function) = tree.as_function(id) else {
            continue;
        };
        for decorator in &function.decorators {
            if matches!(tree.kind(*decorator), Kind::Call { .. }) {
                continue;
            }
            let path = tree.path(*decorator).unwrap_or_default();
            if let Some((_, what, through)) = ROWS.iter().find(|(name, ..)| *name == path) {
                add(reader, *decorator, what, through);
            }
        }
    }
}

fn add(reader: &mut Reader<'_>, id: NodeId, what: &'static str, through: &str) {
    reader.push(
        id,
        Resilience {
            what,
            through: through.to_owned(),
        },
    );
}
