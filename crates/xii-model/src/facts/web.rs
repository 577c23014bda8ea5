//! Facts of HTTP: routes, health, contract, telemetry.

use std::fmt;

/// A route that the app serves.
#[derive(Clone, PartialEq, Eq)]
pub struct Route {
    /// The method in upper case, or `*`.
    pub method: String,
    /// The path below the app's root, with what its router is mounted under; empty when it is not a literal.
    pub path: String,
    /// Whether that is the whole path. Otherwise a part of it does not show in the code or may be set from
    /// outside: the path may be asked for, but when nothing is there that says nothing.
    pub certain: bool,
    /// The framework.
    pub through: String,
    /// Whether a check of identity stands before it, when that shows.
    pub protected: bool,
    /// Names of the middleware or dependencies in between.
    pub middleware: Vec<String>,
}

impl fmt::Debug for Route {
    /// As derived, but for the certainty that nearly all have.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Route");
        shown
            .field("method", &self.method)
            .field("path", &self.path);
        if !self.certain {
            shown.field("certain", &false);
        }
        shown
            .field("through", &self.through)
            .field("protected", &self.protected)
            .field("middleware", &self.middleware)
            .finish()
    }
}

/// A health route, a health library, or a health check in a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Its path, when it is a route.
    pub path: Option<String>,
    /// What it answers.
    pub kind: HealthKind,
    /// Whether it asks the resources; `None` when that does not show.
    pub checks_resources: Option<bool>,
    /// What gives it: `express`, `terminus`, `@nestjs/terminus`, `django-health-check`, `compose`, `kubernetes`.
    pub through: String,
}

/// What a health route answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthKind {
    /// Whether the process should be restarted.
    Liveness,
    /// Whether the instance should get traffic.
    Readiness,
    /// One route for both.
    Both,
}

/// A machine-readable contract of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// `openapi`, `swagger`, `asyncapi`, `graphql`, `protobuf`.
    pub format: &'static str,
    /// The version of the format: `3.1.0`.
    pub format_version: Option<String>,
    /// The version of the API, as the contract gives it.
    pub version: Option<String>,
    /// Whether it is a file of the repository or made by the framework (FastAPI, @nestjs/swagger).
    pub generated: bool,
    /// What makes or serves it, when code does.
    pub through: Option<String>,
    /// What is wrong with it, in words.
    pub faults: Vec<String>,
    /// Its operations: method, path, and whether they are protected.
    pub operations: Vec<(String, String, bool)>,
    /// Whether errors have a schema: `problem+json` or a schema for 4xx and 5xx.
    pub error_schema: Option<String>,
    /// Whether it declares security schemes.
    pub security_schemes: bool,
}

/// Errors are given a shape in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorShape {
    /// Whether it is RFC 9457 `application/problem+json`.
    pub problem_json: bool,
    /// What gives it: `error middleware`, `exception handler`, `@Catch`, `rest_framework`.
    pub through: String,
    /// The keys of the JSON object that it answers, sorted; empty when they do not show.
    pub keys: Vec<String>,
}

/// A handler answers an error by itself, as a JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// The status, from 400 on. 503 is left out: health routes answer it.
    pub status: u16,
    /// The keys of the object, sorted.
    pub keys: Vec<String>,
}

/// Metrics are exposed or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// The library: `prom-client`, `prometheus_client`, `django-prometheus`, `opentelemetry`, `statsd`.
    pub through: String,
    /// The route, when it shows.
    pub path: Option<String>,
    /// Whether requests, errors and durations are measured; `None` when that does not show.
    pub requests: Option<bool>,
    /// Whether the format is Prometheus, OpenMetrics or OTLP.
    pub standard: bool,
}

/// Traces are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracing {
    /// The library: `@opentelemetry/sdk-node`, `opentelemetry`, `dd-trace`, `sentry`, `elastic-apm`.
    pub through: String,
    /// Whether they leave by OTLP.
    pub otlp: bool,
    /// Whether the context is carried on to other services: automatic instrumentation or a propagator.
    pub propagates: Option<bool>,
    /// The address of the collector is written in the code.
    pub literal_endpoint: bool,
}
