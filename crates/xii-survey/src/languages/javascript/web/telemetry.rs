//! Metrics and traces.

use xii_model::{Facts, Metrics, Origin, Tracing};

use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::NodeId;

/// What measures: the path of the call or plugin, the library, whether requests are measured, and
/// whether the format is a standard one.
const METRICS: [(&str, &str, Option<bool>, bool); 18] = [
    (
        "prom-client.collectDefaultMetrics",
        "prom-client",
        None,
        true,
    ),
    ("prom-client.Histogram", "prom-client", Some(true), true),
    ("prom-client.Summary", "prom-client", Some(true), true),
    ("prom-client.Counter", "prom-client", None, true),
    ("prom-client.Gauge", "prom-client", None, true),
    (
        "express-prom-bundle",
        "express-prom-bundle",
        Some(true),
        true,
    ),
    ("fastify-metrics", "fastify-metrics", Some(true), true),
    ("koa-prometheus", "koa-prometheus", Some(true), true),
    (
        "prometheus-api-metrics",
        "prometheus-api-metrics",
        Some(true),
        true,
    ),
    (
        "express-prometheus-middleware",
        "express-prometheus-middleware",
        Some(true),
        true,
    ),
    (
        "@willsoto/nestjs-prometheus.PrometheusModule.register",
        "@willsoto/nestjs-prometheus",
        None,
        true,
    ),
    (
        "@opentelemetry/sdk-metrics.MeterProvider",
        "opentelemetry",
        None,
        true,
    ),
    (
        "@opentelemetry/exporter-prometheus.PrometheusExporter",
        "opentelemetry",
        None,
        true,
    ),
    (
        "swagger-stats.getMiddleware",
        "swagger-stats",
        Some(true),
        true,
    ),
    ("hot-shots", "hot-shots", None, false),
    ("hot-shots.StatsD", "hot-shots", None, false),
    ("node-statsd", "node-statsd", None, false),
    (
        "express-status-monitor",
        "express-status-monitor",
        Some(true),
        false,
    ),
];

/// What traces by a call: the path, the library.
const TRACERS: [(&str, &str); 8] = [
    ("dd-trace.init", "dd-trace"),
    ("dd-trace.tracer.init", "dd-trace"),
    ("dd-trace.default.init", "dd-trace"),
    ("elastic-apm-node.start", "elastic-apm"),
    ("applicationinsights.setup", "applicationinsights"),
    (
        "@google-cloud/trace-agent.start",
        "@google-cloud/trace-agent",
    ),
    (
        "@honeycombio/opentelemetry-node.HoneycombSDK",
        "opentelemetry",
    ),
    ("jaeger-client.initTracer", "jaeger-client"),
];

/// Modules whose import alone traces.
const IMPORTED: [(&str, &str); 4] = [
    ("dd-trace/init", "dd-trace"),
    ("newrelic", "newrelic"),
    ("elastic-apm-node/start", "elastic-apm"),
    (
        "@opentelemetry/auto-instrumentations-node/register",
        "@opentelemetry/sdk-node",
    ),
];

/// Reads metrics and traces.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for call in &seen.calls {
        let plugin = call
            .path
            .ends_with(".register")
            .then(|| tree.arg(call.id, 0).and_then(|first| seen.path(first)))
            .flatten();
        let path = plugin.as_deref().unwrap_or(&call.path);
        if let Some((_, through, requests, standard)) =
            METRICS.iter().find(|(known, _, _, _)| *known == path)
        {
            let fact = Metrics {
                through: (*through).to_owned(),
                path: route(seen),
                requests: measures_requests(seen, call, *requests),
                standard: *standard,
            };
            facts.push(seen.fact(call.id, fact));
        } else if path == "@opentelemetry/sdk-node.NodeSDK" || path.ends_with(".NodeTracerProvider")
        {
            facts.push(seen.fact(call.id, otel(seen, call)));
            if seen
                .option(call.id, &["metricReader", "metricReaders"])
                .is_some()
            {
                let fact = Metrics {
                    through: "opentelemetry".to_owned(),
                    path: None,
                    requests: None,
                    standard: true,
                };
                facts.push(seen.fact(call.id, fact));
            }
        } else if let Some((_, through)) = TRACERS.iter().find(|(known, _)| *known == path) {
            tracing(seen, call.id, through, facts);
        } else if path.starts_with("@sentry/")
            && path.ends_with(".init")
            && seen
                .option(call.id, &["tracesSampleRate", "tracesSampler"])
                .is_some()
            && !seen.around.browser()
        {
            let library = path.trim_end_matches(".init");
            tracing(seen, call.id, library, facts);
        }
    }
    for import in &tree.imports {
        let known = IMPORTED.iter().find(|(module, _)| *module == import.module);
        if let Some((_, through)) = known {
            let fact = Tracing {
                through: (*through).to_owned(),
                otlp: through.starts_with("@opentelemetry"),
                propagates: Some(true),
                literal_endpoint: false,
            };
            facts.push(seen.file.source.fact(import.span.clone(), fact));
        }
    }
}

fn tracing(seen: &Seen<'_>, at: NodeId, through: &str, facts: &mut Facts) {
    let fact = Tracing {
        through: through.to_owned(),
        otlp: through == "opentelemetry",
        propagates: Some(true),
        literal_endpoint: false,
    };
    facts.push(seen.fact(at, fact));
}

/// The SDK of OpenTelemetry: it exports by OTLP unless another exporter is given.
fn otel(seen: &Seen<'_>, call: &Called) -> Tracing {
    let exporter = seen
        .calls
        .iter()
        .find(|call| call.path.ends_with("TraceExporter") || call.path.ends_with("OTLPExporter"));
    let other = exporter.is_some_and(|exporter| !exporter.path.contains("otlp"))
        || seen.calls.iter().any(|call| {
            ["JaegerExporter", "ZipkinExporter", "ConsoleSpanExporter"]
                .iter()
                .any(|name| call.path.ends_with(name))
        });
    let own = exporter.is_some_and(|exporter| exporter.path.contains("otlp"));
    let literal = exporter
        .and_then(|exporter| seen.option(exporter.id, &["url"]))
        .is_some_and(|url| matches!(seen.origin(url), Origin::Literal(_)));
    let instruments = seen.option(call.id, &["instrumentations"]).is_some()
        || seen.has("registerInstrumentations")
        || seen.has("textMapPropagator");
    Tracing {
        through: "@opentelemetry/sdk-node".to_owned(),
        otlp: own || !other,
        propagates: Some(instruments),
        literal_endpoint: literal,
    }
}

/// Whether requests are measured: told by the library, or by a metric's name.
fn measures_requests(seen: &Seen<'_>, call: &Called, known: Option<bool>) -> Option<bool> {
    let name = seen
        .option(call.id, &["name"])
        .and_then(|name| seen.text(name))
        .unwrap_or_default()
        .to_lowercase();
    if name.contains("http") || name.contains("request") {
        return Some(true);
    }
    match known {
        Some(true) if call.path.starts_with("prom-client.") => None,
        known => known,
    }
}

/// The route that serves the metrics of this file.
fn route(seen: &Seen<'_>) -> Option<String> {
    let by_option = seen
        .calls
        .iter()
        .filter(|call| call.path.contains("prom") || call.path.contains("metrics"))
        .find_map(|call| seen.option(call.id, &["metricsPath", "endpoint", "path"]))
        .and_then(|path| seen.text(path));
    let by_call = || {
        seen.calls
            .iter()
            .filter(|call| call.path.ends_with(".get"))
            .filter_map(|call| seen.tree.arg(call.id, 0))
            .filter_map(|path| seen.text(path))
            .find(|path| path.ends_with("metrics") && path.starts_with('/'))
    };
    by_option.or_else(by_call).map(str::to_owned)
}
