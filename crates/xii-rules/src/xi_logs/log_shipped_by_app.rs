//! The program sends its events to a log service itself, and to no stream.
//!
//! ## What it looks for
//!
//! Log sinks that are a service on the network or syslog (Loki, Elasticsearch, Logstash, Datadog,
//! CloudWatch, Papertrail, `SysLogHandler`) in an app that has no sink on stdout or stderr. A service
//! beside a stream is not reported.
//!
//! ## Why it matters
//!
//! Where events go is the platform's choice and differs between deploys. An app that ships them itself
//! needs the service in every deploy, holds its credentials, and loses events, or blocks, when the
//! service is down, which is when they are needed. On a developer's machine nothing is seen at all.
//!
//! ## What to do instead
//!
//! Write to stdout and let the platform's agent (Fluent Bit, Vector, the Docker or Kubernetes log driver,
//! a Heroku drain) carry the stream to the service:
//!
//! ```js
//! const logger = pino(); // one line of JSON an event, on stdout
//! ```
//!
//! ```python
//! logging.basicConfig(stream=sys.stdout)
//! ```
//!
//! ## When it is fine
//!
//! Error trackers, and logs sent by OpenTelemetry beside the stream.

use xii_model::{App, Confidence, LogTarget, Severity};

use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "log-shipped-by-app",
    criteria: &["XI.1"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut sinks = app
        .facts
        .log_sinks
        .iter()
        .filter(|sink| sink.scope.is_deployed());
    let streams = sinks
        .clone()
        .any(|sink| matches!(sink.to, LogTarget::Stdout | LogTarget::Stderr));
    let prints = app
        .facts
        .prints
        .iter()
        .any(|print| print.scope.is_deployed());
    if streams {
        return;
    }
    let shipped = sinks.find_map(|sink| match &sink.to {
        LogTarget::Remote(service) => Some((sink, service.as_str())),
        LogTarget::Syslog => Some((sink, "syslog")),
        _ => None,
    });
    if let Some((sink, service)) = shipped {
        claims
            .finding(
                &sink.at,
                format!("{} sends events straight to {service} and to no stream: the app needs that service in every deploy, and its events are lost when it is down", sink.through),
            )
            .confidence(if prints { Confidence::Low } else { Confidence::Medium })
            .subject(sink.through.clone())
            .help(format!("write events to stdout and let the platform carry the stream to {service}"));
    }
}
