//! What paths say of health and metrics.

use xii_model::{Fact, Facts, Health, HealthKind, Metrics, Route};

use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::last_name;
use crate::languages::routing::{Pending, Prefix, Router, Says, What};
use crate::languages::syntax::{Kind, NodeId, Tree};

/// Last parts of paths that answer whether the app is well.
const HEALTH: &[(&str, HealthKind)] = &[
    ("health", HealthKind::Both),
    ("healthz", HealthKind::Both),
    ("healthcheck", HealthKind::Both),
    ("health-check", HealthKind::Both),
    ("health_check", HealthKind::Both),
    ("_health", HealthKind::Both),
    ("heartbeat", HealthKind::Liveness),
    ("__heartbeat__", HealthKind::Readiness),
    ("__lbheartbeat__", HealthKind::Liveness),
    ("ht", HealthKind::Both),
    ("status", HealthKind::Both),
    ("ping", HealthKind::Liveness),
    ("live", HealthKind::Liveness),
    ("livez", HealthKind::Liveness),
    ("liveness", HealthKind::Liveness),
    ("alive", HealthKind::Liveness),
    ("up", HealthKind::Liveness),
    ("ready", HealthKind::Readiness),
    ("readyz", HealthKind::Readiness),
    ("readiness", HealthKind::Readiness),
];

/// What a route's function shows, for what its whole path says.
pub(super) fn says(reader: &Reader<'_>, function: Option<NodeId>) -> Says {
    let tree = reader.tree;
    let imports = &tree.imports;
    Says {
        besides,
        checks: function.map(|function| asks_resources(tree, function)),
        only_answers: function.is_some_and(|function| only_answers(tree, function)),
        metrics: imports
            .iter()
            .any(|one| one.module.starts_with("prometheus")),
    }
}

/// Adds what the whole path of a route says of health and metrics; `own` is its path below its router.
fn besides(route: &Fact<Route>, own: &str, says: &Says, facts: &mut Facts) {
    let path = &route.path;
    let last = path
        .trim_matches(['/', '$', '^', '?'])
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let known = HEALTH.iter().find(|(name, _)| match *name {
        "health-check" | "healthcheck" | "health_check" => last.starts_with(name),
        name => name == last,
    });
    let fixed = !path.contains(['<', '{', '(']);
    // Other things have a status too: what a platform asks only answers.
    let doubtful = last == "status" && !says.only_answers;
    if let Some((_, kind)) = known
        && !doubtful
        && matches!(route.method.as_str(), "GET" | "*" | "HEAD")
        && (!matches!(
            last.as_str(),
            "status" | "up" | "ht" | "ping" | "live" | "alive" | "ready"
        ) || own.trim_matches('/').matches('/').count() <= 1)
        && fixed
        && !path.contains("ws/")
    {
        facts.push(beside(
            route,
            Health {
                path: Some(path.clone()),
                kind: *kind,
                checks_resources: says.checks,
                through: route.through.clone(),
            },
        ));
    }
    if last == "metrics" && fixed && says.metrics {
        facts.push(beside(
            route,
            Metrics {
                through: "prometheus_client".to_owned(),
                path: Some(path.clone()),
                requests: None,
                standard: true,
            },
        ));
    }
}

/// A fact that stands where another does.
fn beside<T>(route: &Fact<Route>, what: T) -> Fact<T> {
    Fact {
        at: route.at.clone(),
        scope: route.scope.clone(),
        belongs: route.belongs.clone(),
        what,
    }
}

/// Whether a function does nothing but answer: it waits for nothing, and calls nothing but what makes
/// an answer.
fn only_answers(tree: &Tree, function: NodeId) -> bool {
    let Some(body) = tree.as_function(function).map(|one| one.body) else {
        return false;
    };
    tree.within(body).all(|id| match tree.kind(id) {
        Kind::Await(_) => false,
        Kind::Call { callee, .. } => last_name(tree, *callee).is_some_and(|name| {
            name.ends_with("Response")
                || matches!(
                    name,
                    "jsonify" | "json" | "text" | "dict" | "utcnow" | "now" | "isoformat" | "time"
                )
        }),
        _ => true,
    })
}

/// Whether a health function asks the database or another resource.
fn asks_resources(tree: &Tree, function: NodeId) -> bool {
    tree.within(function).any(|id| {
        tree.called(id).is_some_and(|path| {
            let last = path.rsplit('.').next().unwrap_or_default();
            matches!(
                last,
                "execute"
                    | "ping"
                    | "exec"
                    | "fetchval"
                    | "fetch_one"
                    | "ensure_connection"
                    | "cursor"
                    | "scalar"
                    | "command"
                    | "check_database"
                    | "info"
            ) || last.contains("check_db")
                || last.contains("check_redis")
        })
    })
}

/// Health and metrics libraries that Django's patterns include.
pub(super) fn included(
    reader: &mut Reader<'_>,
    id: NodeId,
    own: &str,
    view: Option<NodeId>,
    (on, before): (Router, Prefix),
) {
    let tree = reader.tree;
    let Some(view) = view else { return };
    let module = tree
        .arg(view, 0)
        .and_then(|module| tree.as_text(module))
        .map(str::to_owned)
        .or_else(|| tree.called(view))
        .or_else(|| tree.path(view))
        .unwrap_or_default();
    let what = match module.split(['.', '_']).next() {
        _ if module.starts_with("django_prometheus") => What::Metrics(reader.fact(
            id,
            Metrics {
                through: "django-prometheus".to_owned(),
                path: Some(format!("{own}metrics")),
                requests: Some(true),
                standard: true,
            },
        )),
        Some(first) if first == "watchman" || is_health(&module) => What::Health(reader.fact(
            id,
            Health {
                path: Some(own.to_owned()),
                kind: HealthKind::Both,
                checks_resources: Some(true),
                through: match first {
                    "watchman" => "django-watchman".to_owned(),
                    _ => "django-health-check".to_owned(),
                },
            },
        )),
        _ => return,
    };
    reader.routing.pending.push(Pending { what, on, before });
}

/// Whether a module is one of the libraries that check health.
fn is_health(module: &str) -> bool {
    ["health_check", "healthy_django"]
        .iter()
        .any(|library| module.starts_with(library))
}
