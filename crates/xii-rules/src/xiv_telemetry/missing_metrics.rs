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

/// Libraries that make metrics in a standard form, and are declared for nothing else or also for it.
const LIBRARIES: [&str; 18] = [
    "opentelemetry-api",
    "opentelemetry-sdk",
    "opentelemetry-distro",
    "prometheus-client",
    "django-prometheus",
    "prometheus-flask-exporter",
    "prometheus-fastapi-instrumentator",
    "starlette-exporter",
    "@opentelemetry/sdk-node",
    "@opentelemetry/sdk-metrics",
    "@opentelemetry/auto-instrumentations-node",
    "prom-client",
    "express-prom-bundle",
    "@willsoto/nestjs-prometheus",
    "nestjs-prometheus",
    "fastify-metrics",
    "koa-prometheus",
    "@promster/express",
];

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
    if app.depends_on(&LIBRARIES) {
        claims.could_not_tell(
            "XIV.1",
            "a library that makes metrics is a dependency, and how it is used was not seen",
        );
        return;
    }
    claims
        .finding(at, "the app exposes no metrics: load, errors and slowness show only when users complain, and nothing can scale by them")
        .subject("metrics")
        .help(help(app));
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Nest) {
        "serve /metrics with @willsoto/nestjs-prometheus, in the root module:
    imports: [PrometheusModule.register()]"
    } else if app.uses(Framework::Fastify) {
        "serve /metrics with fastify-metrics:
    await app.register(require('fastify-metrics'), { endpoint: '/metrics' });"
    } else if app.uses(Framework::Next) {
        "serve them with prom-client, in app/metrics/route.ts:
    collectDefaultMetrics();
    export const GET = async () => new Response(await register.metrics());"
    } else if app.uses(Framework::Koa) {
        "serve them with prom-client:
    collectDefaultMetrics();
    router.get('/metrics', async (ctx) => { ctx.body = await register.metrics(); });"
    } else if app.uses(Framework::FastApi) {
        "serve /metrics with prometheus-fastapi-instrumentator:
    Instrumentator().instrument(app).expose(app)"
    } else if app.uses(Framework::Django) {
        "with django-prometheus, its two middlewares around the others and, in urls.py:
    path(\"\", include(\"django_prometheus.urls\"))"
    } else if app.uses(Framework::Flask) {
        "serve /metrics with prometheus-flask-exporter:
    PrometheusMetrics(app)"
    } else if places::is_pythonic(app) {
        "serve them with prometheus-client:
    prometheus_client.start_http_server(int(os.environ[\"METRICS_PORT\"]))"
    } else {
        "serve /metrics with express-prom-bundle, before the routes:
    app.use(promBundle({ includeMethod: true, includePath: true }));"
    }
}
