//! Gives the app a collector and looks whether spans come, and whether a request's trace goes on to resources.
//!
//! A run is given `OTEL_EXPORTER_OTLP_ENDPOINT` with the address of a private collector, as a platform would
//! give it, and the scenario's safe requests are sent, each with a `traceparent` of its own (W3C Trace
//! Context). Spans must come. On the way to the resources the trace's id is looked for: an HTTP call carries
//! it in its `traceparent`, a statement of SQL may in a comment. What is encrypted is not seen, and where no
//! request calls a resource over HTTP the run shows nothing of it.

use std::time::Duration;

use tokio::time::sleep;
use xii_model::{Fact, ResourceKind, Severity, Tracing};

use crate::client::Request;
use crate::collector::{Collector, WITHHELD};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::reach::{Reach, reach};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "exported-traces",
    criteria: &["XIV.3", "XIV.4"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Note,
    limit: Duration::from_secs(90),
    alone: false,
    run,
};

/// How long spans are waited for.
const SPANS: Duration = Duration::from_secs(8);
/// And of an app of which nothing says that it makes any.
const UNLIKELY: Duration = Duration::from_secs(2);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        stage.readiness().await?;
        let collector = Collector::start()
            .await
            .map_err(|error| CouldNotTell(format!("no collector can be started: {error}")))?;
        let mut setup = Setup::web();
        for name in WITHHELD {
            setup = setup.without(name);
        }
        for (name, value) in collector.variables() {
            setup = setup.with(&name, value);
        }
        let run = stage.serve(setup).await?;
        stage.note(format!(
            "gave it a collector at {} in OTEL_EXPORTER_OTLP_ENDPOINT",
            collector.address()
        ));
        let reach = reach(stage, &run).await?;
        let carried = carried(stage, &run, &reach).await;
        let trace = new_trace(u64::MAX);
        let client = stage.client(&run);
        let request = traced(&Request::get("/"), &trace);
        let _ = client.send(&request).await;
        let within = if likely(stage) { SPANS } else { UNLIKELY };
        let came = collector.wait(|spans| !spans.is_empty(), within).await;
        if came {
            // The last request's own spans follow within the schedule of the exporter.
            collector
                .wait(
                    |spans| spans.iter().any(|one| one.trace_id == trace),
                    UNLIKELY,
                )
                .await;
        }
        judge_traces(stage, &collector, came);
        judge_context(stage, &collector, &carried);
        run.stop().await;
        Ok(())
    })
}

/// What was seen of a trace on its way to a resource.
#[derive(Debug)]
struct Carried {
    resource: String,
    http: bool,
    path: String,
    trace: String,
    seen: u64,
}

/// Asks with a trace of its own for what needs each resource, and looks for its id there.
async fn carried(stage: &Stage, run: &Run, reach: &Reach) -> Vec<Carried> {
    let mut all = Vec::new();
    for (number, needing) in (0u64..).zip(&reach.needing) {
        let Some(interposer) = run.resource(&needing.resource) else {
            continue;
        };
        let resources = stage.resources();
        let kind = resources
            .iter()
            .find(|(one, _)| one.name == needing.resource)
            .map(|(one, _)| one.kind.clone());
        let trace = new_trace(number);
        let watched = interposer.watch(trace.as_bytes());
        let answered = stage
            .client(run)
            .send(&traced(&needing.request, &trace))
            .await
            .is_ok();
        if answered {
            // The relay's thread counts what it has passed on.
            sleep(Duration::from_millis(5)).await;
            all.push(Carried {
                resource: needing.resource.clone(),
                http: kind.is_some_and(|kind| speaks_http(&kind)),
                path: needing.request.path.clone(),
                trace,
                seen: watched.seen(),
            });
        }
    }
    all
}

fn judge_traces(stage: &mut Stage, collector: &Collector, came: bool) {
    if came {
        let spans = collector.spans();
        let service = spans.iter().find_map(|one| one.service.clone());
        let service = service.map_or_else(String::new, |name| format!(" of {name}"));
        stage.holds(
            "XIV.3",
            format!("{} spans{service} came to the collector", spans.len()),
        );
        return;
    }
    if let Some(why) = collector.refusals().first() {
        stage.could_not_tell(
            "XIV.3",
            format!("something came that could not be read: {why}"),
        );
        return;
    }
    match asked_for(stage) {
        Some(why) => stage.broken("XIV.3", format!("{why}, and no span came to the collector there")),
        None if calls_others(stage) => stage.broken(
            "XIV.3",
            "OTEL_EXPORTER_OTLP_ENDPOINT named a collector, and no span came there, though the app calls other services",
        ),
        None => stage.could_not_tell(
            "XIV.3",
            "no span came to the collector; nothing says that the app makes traces, and it calls no other service that would need them",
        ),
    }
}

fn judge_context(stage: &mut Stage, collector: &Collector, carried: &[Carried]) {
    if let Some(one) = carried.iter().find(|one| one.seen > 0) {
        stage.holds(
            "XIV.4",
            format!(
                "the trace sent with GET {} came out on the call to {}",
                one.path, one.resource
            ),
        );
        return;
    }
    let spans = collector.spans();
    let continues = carried
        .iter()
        .any(|one| spans.iter().any(|span| span.trace_id == one.trace));
    match carried.iter().find(|one| one.http) {
        // Without traces there is no context that could be lost: that is XIV.3's to say.
        Some(_) if spans.is_empty() => {
            stage.could_not_tell("XIV.4", "the app makes no traces: see XIV.3");
        }
        Some(one) => stage.broken(
            "XIV.4",
            format!(
                "GET {} was sent with a traceparent and called {}, and the trace did not come out there",
                one.path, one.resource
            ),
        ),
        None if continues => stage.could_not_tell(
            "XIV.4",
            "spans take part in the trace that was sent in, but no request calls a resource over HTTP, where it would come out",
        ),
        None => stage.could_not_tell(
            "XIV.4",
            "no request calls a resource over HTTP, where the trace would come out",
        ),
    }
}

/// Why the app must be expected to send traces.
fn asked_for(stage: &Stage) -> Option<String> {
    let otlp = |one: &&Fact<Tracing>| one.scope.is_deployed() && one.otlp;
    if let Some(one) = stage.app().facts.tracing.iter().find(otlp) {
        return Some(format!("{} sends traces by OTLP", one.through));
    }
    let declared = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];
    declared
        .into_iter()
        .find(|name| {
            stage.given(name).is_some()
                || stage.provided().left.iter().any(|left| left.name == *name)
        })
        .map(|name| format!("the app declares {name}"))
}

fn calls_others(stage: &Stage) -> bool {
    let clients = &stage.app().facts.resource_clients;
    clients
        .iter()
        .any(|one| one.scope.is_deployed() && one.kind == ResourceKind::Http)
}

fn likely(stage: &Stage) -> bool {
    asked_for(stage).is_some() || !stage.app().facts.tracing.is_empty()
}

fn speaks_http(kind: &ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Http | ResourceKind::Search | ResourceKind::ObjectStore
    )
}

fn traced(request: &Request, trace: &str) -> Request {
    request
        .clone()
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
}

/// An id that no other trace of this run has.
fn new_trace(number: u64) -> String {
    let now = jiff::Timestamp::now().as_nanosecond().cast_unsigned() as u64;
    format!("{now:016x}{:016x}", number.wrapping_add(1) | 1 << 62)
}
