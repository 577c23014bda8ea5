//! Nothing about the running app can be measured from outside.
//!
//! ## What it looks for
//!
//! A metrics library or route in an app that serves or works: `prom-client`, `prometheus_client`,
//! OpenTelemetry metrics, a ServiceMonitor. StatsD and vendors' own formats are told apart, since only
//! one collector reads them.
//!
//! ## Why it matters
//!
//! Without metrics an operator learns of trouble from users. Autoscaling has nothing to go by, and
//! nobody can say whether the last release made things slower.
//!
//! ## What to do instead
//!
//! Expose `/metrics` in the Prometheus or OpenMetrics format, with requests, errors and durations:
//!
//! ```js
//! app.use(promBundle({ includeMethod: true, includePath: true })); // express-prom-bundle
//! ```
//!
//! FastAPI: `prometheus-fastapi-instrumentator`. Flask: `prometheus-flask-exporter`. Django:
//! `django-prometheus`. NestJS: `@willsoto/nestjs-prometheus`.

use xii_model::{App, Framework, Severity};

use crate::places;
use crate::process_files::front_door;
use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "missing-metrics",
    criteria: &["XIV.1"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let known: Vec<_> = app
        .facts
        .metrics
        .iter()
        .filter(|one| !one.scope.browser && !one.scope.development)
        .collect();
    if let Some(metrics) = known.iter().find(|one| one.standard) {
        let at = metrics
            .path
            .as_deref()
            .map_or_else(String::new, |path| format!(" at {path}"));
        claims.holds(
            "XIV.1",
            format!("{} exposes metrics{at}", metrics.through),
            &metrics.at,
        );
        return;
    }
    if let Some(metrics) = known.first() {
        claims
            .finding(
                &metrics.at,
                format!("{} sends metrics in a format of its own, so that changing the collector means changing the app", metrics.through),
            )
            .severity(Severity::Note)
            .subject("format")
            .help(help(app));
        return;
    }
    let worker = || {
        app.facts
            .queue_consumers
            .iter()
            .find(|one| one.scope.is_deployed())
            .map(|one| &one.at)
    };
    let Some(at) = front_door(app).or_else(worker) else {
        return;
    };
    claims
        .finding(at, "the app exposes no metrics: load, errors and slowness show only when users complain, and nothing can scale by them")
        .subject("metrics")
        .help(help(app));
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Nest) {
        "PrometheusModule.register() of @willsoto/nestjs-prometheus in the root module: it serves /metrics"
    } else if app.uses(Framework::Fastify) {
        "await app.register(require('fastify-metrics'), { endpoint: '/metrics' });"
    } else if app.uses(Framework::FastApi) {
        "Instrumentator().instrument(app).expose(app)  # prometheus-fastapi-instrumentator: serves /metrics"
    } else if app.uses(Framework::Django) {
        "with django-prometheus: its two middlewares around the others, and `path(\"\", include(\"django_prometheus.urls\"))`"
    } else if app.uses(Framework::Flask) {
        "PrometheusMetrics(app)  # prometheus-flask-exporter: serves /metrics"
    } else if places::is_pythonic(app) {
        "prometheus_client.start_http_server(int(os.environ[\"METRICS_PORT\"]))"
    } else {
        "app.use(promBundle({ includeMethod: true, includePath: true })); // express-prom-bundle: serves /metrics"
    }
}
