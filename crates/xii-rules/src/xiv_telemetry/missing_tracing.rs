//! A request cannot be followed from service to service.
//!
//! ## What it looks for
//!
//! OpenTelemetry or another tracing library, where its traces go, and whether the collector's address
//! is written in the code.
//!
//! ## Why it matters
//!
//! When one request touches several services, logs of each tell a part. A trace shows which of them
//! was slow. Traces in a vendor's own format, or sent to an address in the code, tie every deploy to
//! one collector.
//!
//! ## What to do instead
//!
//! Start OpenTelemetry before the app. It reads `OTEL_EXPORTER_OTLP_ENDPOINT` by itself:
//!
//! ```sh
//! node --require @opentelemetry/auto-instrumentations-node/register server.js
//! opentelemetry-instrument gunicorn app:app
//! ```
//!
//! ## When it is fine
//!
//! An app that calls no other service gains little from traces.

use xii_model::{App, Confidence, Framework, ResourceKind, Severity};

use crate::places;
use crate::process_files::front_door;
use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "missing-tracing",
    criteria: &["XIV.3"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let known: Vec<_> = app
        .facts
        .tracing
        .iter()
        .filter(|one| one.scope.is_deployed())
        .collect();
    for tracing in known.iter().filter(|one| one.literal_endpoint) {
        claims
            .finding(&tracing.at, "the collector's address is written in the code, so every deploy sends its traces to the same place")
            .severity(Severity::Warning)
            .confidence(Confidence::High)
            .subject("endpoint")
            .help("leave the address out: the OTLP exporter reads OTEL_EXPORTER_OTLP_ENDPOINT by itself");
    }
    if let Some(tracing) = known.iter().find(|one| one.otlp) {
        claims.holds(
            "XIV.3",
            format!("{} sends traces by OTLP", tracing.through),
            &tracing.at,
        );
        return;
    }
    if let Some(tracing) = known.first() {
        claims
            .finding(
                &tracing.at,
                format!("{} sends traces in its vendor's format: another collector means another library", tracing.through),
            )
            .confidence(Confidence::Low)
            .subject("format")
            .help(help(app));
        return;
    }
    let calls_others = app
        .facts
        .resource_clients
        .iter()
        .any(|one| one.scope.is_deployed() && one.kind == ResourceKind::Http);
    let Some(at) = front_door(app) else { return };
    if calls_others {
        claims
            .finding(at, "the app calls other services and makes no traces: when a request is slow, nothing shows where its time went")
            .subject("tracing")
            .help(help(app));
    } else {
        claims.could_not_tell(
            "XIV.3",
            "no tracing was found, and no call to another service that would need it",
        );
    }
}

fn help(app: &App) -> &'static str {
    if places::is_pythonic(app) {
        "start the app under OpenTelemetry, which reads OTEL_EXPORTER_OTLP_ENDPOINT:\n    opentelemetry-instrument gunicorn app:app"
    } else if app.uses(Framework::Next) {
        "start OpenTelemetry, which reads OTEL_EXPORTER_OTLP_ENDPOINT, in instrumentation.ts:
    import { registerOTel } from '@vercel/otel';
    export const register = () => registerOTel({ serviceName: 'web' });"
    } else if app.uses(Framework::Nest) {
        "start the app with OpenTelemetry, which reads OTEL_EXPORTER_OTLP_ENDPOINT:
    node --require @opentelemetry/auto-instrumentations-node/register dist/main"
    } else {
        "start the app with OpenTelemetry, which reads OTEL_EXPORTER_OTLP_ENDPOINT:\n    node --require @opentelemetry/auto-instrumentations-node/register server.js"
    }
}
