//! Metrics, traces, request ids and health libraries.

use xii_model::{Health, HealthKind, Metrics, Origin, RequestId, Tracing};

use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId};

/// What is known of a library of metrics.
type Metric = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<bool>,
    bool,
);

/// Metrics: canonical path, library, the route it serves, whether requests are measured, whether the
/// format is a standard one.
#[rustfmt::skip]
const METRICS: &[Metric] = &[
    ("prometheus_client.start_http_server", "prometheus_client", None, None, true),
    ("prometheus_client.make_asgi_app", "prometheus_client", None, None, true),
    ("prometheus_client.make_wsgi_app", "prometheus_client", None, None, true),
    ("prometheus_client.generate_latest", "prometheus_client", None, None, true),
    ("prometheus_client.exposition.generate_latest", "prometheus_client", None, None, true),
    ("prometheus_fastapi_instrumentator.Instrumentator", "prometheus-fastapi-instrumentator", Some("/metrics"), Some(true), true),
    ("prometheus_flask_exporter.PrometheusMetrics", "prometheus-flask-exporter", Some("/metrics"), Some(true), true),
    ("prometheus_flask_exporter.multiprocess.GunicornPrometheusMetrics", "prometheus-flask-exporter", Some("/metrics"), Some(true), true),
    ("starlette_exporter.handle_metrics", "starlette_exporter", Some("/metrics"), Some(true), true),
    ("starlette_prometheus.metrics", "starlette-prometheus", Some("/metrics"), Some(true), true),
    ("opentelemetry.sdk.metrics.MeterProvider", "opentelemetry", None, None, true),
    ("statsd.StatsClient", "statsd", None, None, false),
    ("datadog.initialize", "datadog", None, None, false),
    ("aioprometheus.asgi.starlette.metrics", "aioprometheus", Some("/metrics"), None, true),
];

/// Tracing: canonical path, library, whether traces leave by OTLP, whether context is carried on.
#[rustfmt::skip]
const TRACING: &[(&str, &str, bool, Option<bool>)] = &[
    ("opentelemetry.sdk.trace.TracerProvider", "opentelemetry", false, None),
    ("opentelemetry.exporter.otlp.proto.grpc.trace_exporter.OTLPSpanExporter", "opentelemetry", true, None),
    ("opentelemetry.exporter.otlp.proto.http.trace_exporter.OTLPSpanExporter", "opentelemetry", true, None),
    ("ddtrace.patch_all", "ddtrace", false, Some(true)),
    ("ddtrace.patch", "ddtrace", false, Some(true)),
    ("elasticapm.Client", "elastic-apm", false, Some(true)),
    ("elasticapm.contrib.flask.ElasticAPM", "elastic-apm", false, Some(true)),
    ("newrelic.agent.initialize", "newrelic", false, Some(true)),
    ("logfire.configure", "logfire", true, None),
    ("jaeger_client.Config", "jaeger-client", false, None),
];

/// Request ids: middleware and their libraries, and whether they reach log events.
#[rustfmt::skip]
const REQUEST_IDS: &[(&str, &str, bool)] = &[
    ("asgi_correlation_id.CorrelationIdMiddleware", "asgi-correlation-id", false),
    ("asgi_correlation_id.CorrelationIdFilter", "asgi-correlation-id", true),
    ("asgi_correlation_id.context.correlation_id.get", "asgi-correlation-id", true),
    ("starlette_context.middleware.RawContextMiddleware", "starlette-context", false),
    ("flask_log_request_id.RequestID", "flask-log-request-id", true),
    ("flask_request_id.RequestID", "flask-request-id", false),
    ("django_guid.middleware.guid_middleware", "django-guid", true),
    ("structlog.contextvars.bind_contextvars", "structlog", true),
];

/// Adds the facts of telemetry.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    for (id, path) in reader.calls {
        known(reader, *id, path);
        // `app.add_middleware(CorrelationIdMiddleware, …)` hands the class over.
        if path.ends_with(".add_middleware")
            && let Some(class) = reader
                .tree
                .arg(*id, 0)
                .and_then(|class| reader.tree.path(class))
        {
            middleware(reader, *id, &class);
        }
        if path.ends_with(".add_route") || path.ends_with(".mount") {
            for arg in reader.tree.args(*id) {
                let handed = reader.tree.path(arg.value).unwrap_or_default();
                if METRICS.iter().any(|(name, ..)| *name == handed) {
                    metric(reader, *id, &handed);
                }
            }
        }
    }
    measures(reader);
}

fn known(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    metric(reader, id, path);
    if let Some((_, through, otlp, propagates)) = TRACING.iter().find(|(name, ..)| *name == path) {
        let literal = reader
            .tree
            .keyword(id, "endpoint")
            .map(|endpoint| reader.origin(endpoint));
        reader.push(
            id,
            Tracing {
                through: (*through).to_owned(),
                otlp: *otlp,
                propagates: *propagates,
                literal_endpoint: matches!(literal, Some(Origin::Literal(_))),
            },
        );
    } else if path.starts_with("opentelemetry.instrumentation.")
        && (path.ends_with(".instrument") || path.ends_with(".instrument_app"))
    {
        reader.push(
            id,
            Tracing {
                through: "opentelemetry".to_owned(),
                otlp: false,
                propagates: Some(true),
                literal_endpoint: false,
            },
        );
    } else if path == "sentry_sdk.init" {
        let traces = ["traces_sample_rate", "traces_sampler", "enable_tracing"]
            .iter()
            .any(|key| reader.tree.keyword(id, key).is_some());
        if traces {
            reader.push(
                id,
                Tracing {
                    through: "sentry".to_owned(),
                    otlp: false,
                    propagates: Some(true),
                    literal_endpoint: false,
                },
            );
        }
    }
    if let Some((name, through, in_logs)) = REQUEST_IDS.iter().find(|(name, ..)| *name == path) {
        if *name == "structlog.contextvars.bind_contextvars" && !binds_request(reader, id) {
            return;
        }
        reader.push(
            id,
            RequestId {
                through: (*through).to_owned(),
                in_logs: *in_logs,
            },
        );
    }
    if path == "healthcheck.HealthCheck"
        || path == "fastapi_health.health"
        || path == "fastapi_healthcheck.healthCheckRoute"
    {
        reader.push(
            id,
            Health {
                path: None,
                kind: HealthKind::Both,
                checks_resources: Some(true),
                through: path.split('.').next().unwrap_or_default().replace('_', "-"),
            },
        );
    }
}

fn binds_request(reader: &Reader<'_>, id: NodeId) -> bool {
    reader.tree.args(id).iter().any(|arg| {
        arg.name.as_deref().is_some_and(|name| {
            name.contains("request_id") || name.contains("correlation") || name.contains("trace")
        })
    })
}

fn metric(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let Some((_, through, route, requests, standard)) =
        METRICS.iter().find(|(name, ..)| *name == path)
    else {
        return;
    };
    reader.push(
        id,
        Metrics {
            through: (*through).to_owned(),
            path: route.map(str::to_owned),
            requests: *requests,
            standard: *standard,
        },
    );
}

fn middleware(reader: &mut Reader<'_>, id: NodeId, class: &str) {
    if matches!(
        class,
        "starlette_exporter.PrometheusMiddleware" | "starlette_prometheus.PrometheusMiddleware"
    ) {
        reader.push(
            id,
            Metrics {
                through: class.split('.').next().unwrap_or_default().to_owned(),
                path: None,
                requests: Some(true),
                standard: true,
            },
        );
    }
    if let Some((_, through, in_logs)) = REQUEST_IDS.iter().find(|(name, ..)| *name == class) {
        reader.push(
            id,
            RequestId {
                through: (*through).to_owned(),
                in_logs: *in_logs,
            },
        );
    } else {
        let name = class
            .rsplit(['.', '~'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if name.contains("requestid")
            || name.contains("correlationid")
            || name.contains("request_id")
        {
            reader.push(
                id,
                RequestId {
                    through: class
                        .rsplit(['.', '~'])
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    in_logs: false,
                },
            );
        }
    }
}

/// Counters and histograms made by hand.
fn measures(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    let mut requests = false;
    let mut first = None;
    for (id, path) in reader.calls {
        if !matches!(
            path.as_str(),
            "prometheus_client.Counter"
                | "prometheus_client.Histogram"
                | "prometheus_client.Summary"
                | "prometheus_client.Gauge"
        ) {
            continue;
        }
        first.get_or_insert(*id);
        requests |= tree
            .arg(*id, 0)
            .and_then(|name| tree.as_text(name))
            .is_some_and(|name| name.contains("request") || name.contains("http_"));
    }
    if let Some(id) = first {
        reader.push(
            id,
            Metrics {
                through: "prometheus_client".to_owned(),
                path: None,
                requests: requests.then_some(true),
                standard: true,
            },
        );
    }
    header(reader);
}

/// A request id that the app takes from a header or makes by hand.
fn header(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    let in_logs = reader.file.source.text.contains("log");
    let found = tree.ids().find(|id| match tree.kind(*id) {
        Kind::Text(text) => {
            let lower = text.to_ascii_lowercase();
            matches!(
                lower.as_str(),
                "x-request-id" | "x-correlation-id" | "http_x_request_id" | "http_x_correlation_id"
            )
        }
        Kind::Member { property, .. } => {
            let lower = property.to_ascii_lowercase();
            matches!(
                lower.as_str(),
                "x-request-id" | "x-correlation-id" | "http_x_request_id"
            )
        }
        _ => false,
    });
    if let Some(id) = found {
        reader.push(
            id,
            RequestId {
                through: "a header".to_owned(),
                in_logs,
            },
        );
    }
}
