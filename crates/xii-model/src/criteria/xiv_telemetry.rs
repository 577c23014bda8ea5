//! XIV Telemetry.

use super::catalogue::LATER;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "XIV.1",
        factor: Factor::XIV,
        title: "exposes standard metrics",
        statement: "Metrics are exposed in a standard format.",
        why: "A platform watches hundreds of services with one tool, and that tool scrapes a \
             standard format. A service without it is a black box until its users complain.",
        how: "Use a Prometheus client or OpenTelemetry and serve `/metrics`, best on an internal \
             port. Name units in the metric's name, and keep ids and full paths out of labels.",
        source: "OpenMetrics 1.0: \
             https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md; \
             Prometheus exposition formats: \
             https://prometheus.io/docs/instrumenting/exposition_formats/",
        profiles: LATER,
        from_code: Some("a metrics client library, its route, or a ServiceMonitor"),
        from_run: Some("the scrape parses as Prometheus or OpenMetrics text"),
    },
    Criterion {
        id: "XIV.2",
        factor: Factor::XIV,
        title: "measures rate, errors and duration",
        statement: "Rate, errors and duration of requests are among them.",
        why: "Memory and CPU say that a machine is busy, not that users are served. Without these \
             three a rollout that fails one request in ten looks healthy.",
        how: "Count requests by route template, method and status, and record their duration in a \
             histogram. Most frameworks have a middleware for it; alert on these three before \
             anything else.",
        source: "OpenTelemetry semantic conventions, HTTP metrics: \
             https://opentelemetry.io/docs/specs/semconv/http/http-metrics/; Google, Site Reliability \
             Engineering, Monitoring Distributed Systems: \
             https://sre.google/sre-book/monitoring-distributed-systems/",
        profiles: LATER,
        from_code: None,
        from_run: Some("request counters and durations move with the load sent"),
    },
    Criterion {
        id: "XIV.3",
        factor: Factor::XIV,
        title: "sends traces by OTLP",
        statement: "Traces leave by OTLP when asked to.",
        why: "Where one request crosses five services, a slow answer cannot be explained from any \
             one log. A vendor's own agent in the code ties the app to that vendor.",
        how: "Use the OpenTelemetry SDK with its OTLP exporter, configured by the standard `OTEL_` \
             variables alone. Without an endpoint, send nothing and cost next to nothing.",
        source: "OpenTelemetry Protocol (OTLP): https://opentelemetry.io/docs/specs/otlp/; exporter \
             variables: https://opentelemetry.io/docs/specs/otel/protocol/exporter/",
        profiles: LATER,
        from_code: Some("an OpenTelemetry SDK with an OTLP exporter"),
        from_run: Some("a collector named by `OTEL_EXPORTER_OTLP_ENDPOINT` receives spans"),
    },
    Criterion {
        id: "XIV.4",
        factor: Factor::XIV,
        title: "carries trace context on",
        statement: "Trace context is carried on.",
        why: "One service that drops the `traceparent` header cuts every trace that passes through \
             it. The part after it appears as unrelated requests, and the cause is looked for in the \
             wrong place.",
        how: "Use instrumented HTTP and queue clients, or copy `traceparent` and `tracestate` from \
             the request's context to each outgoing call and message. Keep the context across threads \
             and asynchronous tasks.",
        source: "W3C Trace Context: https://www.w3.org/TR/trace-context/",
        profiles: LATER,
        from_code: Some("propagators, and instrumented clients"),
        from_run: Some("a `traceparent` that is sent in comes out on the call to a resource"),
    },
    Criterion {
        id: "XIV.5",
        factor: Factor::XIV,
        title: "bounds its resource use",
        statement: "Resource use is visible and bounded.",
        why: "Without requests the scheduler packs by guess; without a memory limit one leaking \
             service takes its neighbours down with it. Without numbers nobody knows what to set.",
        how: "Declare CPU and memory requests and a memory limit for each workload, from measured \
             use. Tell the runtime of it: heap size, worker count and threads follow the limit, not \
             the machine.",
        source: "Kubernetes, Resource management for Pods and containers: \
             https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
        profiles: LATER,
        from_code: Some("requests and limits in the manifests"),
        from_run: None,
    },
];
