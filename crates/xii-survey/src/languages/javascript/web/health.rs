//! Health routes and libraries, and libraries that give errors a shape.

use xii_model::{ErrorShape, Facts, Health, HealthKind};

use super::decorated::is_method;
use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId};

/// The last parts of paths that are asked for health.
const LIVE: [&str; 5] = ["live", "livez", "liveness", "alive", "ping"];
const READY: [&str; 4] = ["ready", "readyz", "readiness", "startup"];
const BOTH: [&str; 9] = [
    "health",
    "healthz",
    "healthcheck",
    "health-check",
    "health_check",
    "_health",
    "status",
    "heartbeat",
    "up",
];

/// A health fact for a route that is one.
pub(super) fn of_route(
    seen: &Seen<'_>,
    at: NodeId,
    path: &str,
    through: &str,
    handler: Option<NodeId>,
    facts: &mut Facts,
) {
    let lower = path.trim_end_matches('/').to_lowercase();
    let last = lower.rsplit('/').next().unwrap_or_default();
    let below_health = lower
        .split('/')
        .any(|part| part == "health" || part == "healthz");
    let deep = lower.matches('/').count();
    // Below an id it is the health of something else, and other things are ready and up as well.
    let inner = deep > 6 || lower.contains([':', '[', '{']);
    let many_things = matches!(
        last,
        "status" | "up" | "ping" | "live" | "alive" | "ready" | "startup"
    );
    let kind = if inner || many_things && deep > 2 && !below_health {
        return;
    } else if LIVE.contains(&last) {
        HealthKind::Liveness
    } else if READY.contains(&last) {
        HealthKind::Readiness
    } else if BOTH.contains(&last) || below_health || checks_health(last) {
        HealthKind::Both
    } else {
        return;
    };
    let function = handler.and_then(|handler| {
        if is_method(seen, handler) {
            Some(handler)
        } else {
            seen.function(handler)
        }
    });
    // A page called status shows something to people; what a platform asks only answers.
    if last == "status" && !function.is_some_and(|function| only_answers(seen, function)) {
        return;
    }
    let fact = Health {
        path: Some(path.to_owned()),
        kind,
        checks_resources: function.map(|function| asks(seen, function)),
        through: through.to_owned(),
    };
    facts.push(seen.fact(at, fact));
}

/// `health-check-live`, `healthchecks`.
fn checks_health(last: &str) -> bool {
    ["health-check", "healthcheck", "health_check"]
        .iter()
        .any(|start| last.starts_with(start))
}

/// Whether a function does nothing but answer: it waits for nothing, and calls nothing but methods of
/// the answer and of what tells the time.
fn only_answers(seen: &Seen<'_>, function: NodeId) -> bool {
    let tree = seen.tree;
    let Some(body) = tree.as_function(function).map(|one| one.body) else {
        return false;
    };
    tree.within(body).take(2_000).all(|id| match tree.kind(id) {
        Kind::Await(_) => false,
        Kind::Call { callee, .. } => match tree.kind(*callee) {
            Kind::Member { property, .. } => matches!(
                property.as_str(),
                "json"
                    | "send"
                    | "sendStatus"
                    | "status"
                    | "end"
                    | "code"
                    | "type"
                    | "header"
                    | "set"
                    | "setHeader"
                    | "writeHead"
                    | "response"
                    | "text"
                    | "uptime"
                    | "now"
                    | "toISOString"
            ),
            Kind::Name(name) => name == "Date",
            _ => false,
        },
        _ => true,
    })
}

/// Whether a function asks resources: it waits for something, or looks at a connection's state.
fn asks(seen: &Seen<'_>, function: NodeId) -> bool {
    let tree = seen.tree;
    tree.within(function)
        .take(2_000)
        .any(|id| match tree.kind(id) {
            Kind::Await(_) => true,
            Kind::Member { property, .. } => property == "readyState",
            Kind::Call { callee, .. } => {
                let path = seen.path(*callee).unwrap_or_default().to_lowercase();
                let last = path.rsplit('.').next().unwrap_or_default();
                matches!(
                    last,
                    "query"
                        | "ping"
                        | "pingcheck"
                        | "authenticate"
                        | "$queryraw"
                        | "raw"
                        | "isready"
                        | "check"
                )
            }
            _ => false,
        })
}

/// Reads health libraries and error shapes.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for call in &seen.calls {
        let health = |checks: Option<bool>, through: &str, kind: HealthKind| Health {
            path: None,
            kind,
            checks_resources: checks,
            through: through.to_owned(),
        };
        match call.path.as_str() {
            "@godaddy/terminus.createTerminus" => {
                let checks = seen.option(call.id, &["healthChecks"]);
                for pair in checks
                    .map(|checks| tree.follow(checks))
                    .map(|map| match tree.kind(map) {
                        Kind::Map(pairs) => pairs.as_slice(),
                        _ => &[],
                    })
                    .unwrap_or_default()
                {
                    let Some(path) = pair.key.as_deref().filter(|key| key.starts_with('/')) else {
                        continue;
                    };
                    let asks = seen
                        .function(pair.value)
                        .map(|function| asks(seen, function));
                    let fact = Health {
                        path: Some(path.to_owned()),
                        ..health(asks, "terminus", HealthKind::Both)
                    };
                    facts.push(seen.fact(pair.value, fact));
                }
            }
            "@nestjs/terminus.HealthCheck" => {
                let fact = health(Some(true), "@nestjs/terminus", HealthKind::Both);
                facts.push(seen.fact(call.id, fact));
            }
            "lightship.createLightship" => {
                let fact = health(None, "lightship", HealthKind::Both);
                facts.push(seen.fact(call.id, fact));
            }
            "express-healthcheck"
            | "express-actuator"
            | "@cloudnative/health-connect.HealthEndpoint"
            | "fastify-healthcheck"
            | "hapi-and-healthy" => {
                let fact = health(None, &call.path, HealthKind::Both);
                facts.push(seen.fact(call.id, fact));
            }
            path if path.ends_with(".setErrorHandler") || path.ends_with(".useGlobalFilters") => {
                let last = path.rsplit('.').next().unwrap_or_default();
                let fact = ErrorShape {
                    problem_json: seen.has("application/problem+json"),
                    through: last.to_owned(),
                    keys: Vec::new(),
                };
                facts.push(seen.fact(call.id, fact));
            }
            "express-http-problem-details.HttpProblemResponse"
            | "http-problem-details.ProblemDocument"
            | "api-problem" => {
                let fact = ErrorShape {
                    problem_json: true,
                    through: call.path.clone(),
                    keys: Vec::new(),
                };
                facts.push(seen.fact(call.id, fact));
            }
            _ => {}
        }
    }
}
