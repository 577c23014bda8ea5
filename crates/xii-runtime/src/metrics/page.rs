use xii_model::Stream;

use super::text::{Kind, Text};
use crate::log::pump::{Counters, LineCount};
use crate::router;
use crate::supervisor::{InstanceState, InstanceStatus, Status};

/// Where the numbers come from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The run and its instances.
    pub status: &'a Status,
    /// What went through the pump.
    pub counters: &'a Counters,
    /// What the router has seen, if there is one.
    pub router: Option<&'a router::Metrics>,
}

/// The page that `/metrics` answers with.
pub fn page(sources: &Sources<'_>) -> String {
    let mut text = Text::default();
    instances(&mut text, &sources.status.instances);
    lines(&mut text, sources.counters);
    if let Some(metrics) = sources.router {
        requests(&mut text, metrics);
    }
    text.into_string()
}

/// The value of a family for one instance.
type Value = fn(&InstanceStatus) -> f64;

fn instances(text: &mut Text, all: &[InstanceStatus]) {
    let ready: Value = |one| f64::from(u8::from(one.state == InstanceState::Ready));
    let families: [(&str, Kind, &str, Value); 6] = [
        (
            "xii_instance_ready",
            Kind::Gauge,
            "1 when the instance can serve, else 0.",
            ready,
        ),
        (
            "xii_instance_restarts_total",
            Kind::Counter,
            "How often the instance was started again.",
            |one| f64::from(one.restarts),
        ),
        (
            "xii_instance_memory_bytes",
            Kind::Gauge,
            "Resident memory of the instance's processes.",
            |one| one.usage.memory as f64,
        ),
        (
            "xii_instance_cpu_seconds_total",
            Kind::Counter,
            "Processor time of the instance's processes since their start.",
            |one| one.usage.cpu_ms as f64 / 1000.0,
        ),
        (
            "xii_instance_processes",
            Kind::Gauge,
            "How many processes the instance has.",
            |one| f64::from(one.usage.processes),
        ),
        (
            "xii_instance_outstanding_requests",
            Kind::Gauge,
            "Requests that the instance has and has not answered.",
            |one| one.outstanding.unwrap_or(0) as f64,
        ),
    ];
    for (name, kind, help, value) in families {
        text.family(name, kind, help);
        for one in all {
            let instance = one.instance.to_string();
            let labels = [
                ("process", one.instance.process.as_str()),
                ("instance", &instance),
            ];
            text.value(name, &labels, value(one));
        }
    }
}

fn lines(text: &mut Text, counters: &Counters) {
    let counts = counters.lines();
    type Value = fn(&LineCount) -> u64;
    let families: [(&str, &str, Value); 2] = [
        (
            "xii_log_lines_total",
            "Lines that the instance wrote.",
            |count| count.lines,
        ),
        (
            "xii_log_bytes_total",
            "Bytes that the instance wrote.",
            |count| count.bytes,
        ),
    ];
    for (name, help, value) in families {
        text.family(name, Kind::Counter, help);
        for count in &counts {
            let instance = count.instance.to_string();
            let stream = match count.stream {
                Stream::Stdout => "stdout",
                Stream::Stderr => "stderr",
            };
            let labels = [
                ("process", count.instance.process.as_str()),
                ("instance", instance.as_str()),
                ("stream", stream),
            ];
            text.value(name, &labels, value(count) as f64);
        }
    }
    let name = "xii_log_dropped_lines_total";
    text.family(name, Kind::Counter, "Lines that a sink did not take.");
    for (sink, dropped) in counters.dropped() {
        text.value(name, &[("sink", &sink)], dropped as f64);
    }
}

/// What the router counts: it stands in front of `web` alone.
fn requests(text: &mut Text, metrics: &router::Metrics) {
    const PROCESS: (&str, &str) = ("process", "web");
    let name = "xii_router_requests_total";
    text.family(
        name,
        Kind::Counter,
        "Requests by the class of their status.",
    );
    for (class, count) in ["1xx", "2xx", "3xx", "4xx", "5xx"]
        .iter()
        .zip(metrics.classes)
    {
        text.value(name, &[PROCESS, ("status", class)], count as f64);
    }
    let name = "xii_router_errors_total";
    text.family(name, Kind::Counter, "Requests that failed, by the cause.");
    for cause in router::Cause::ALL {
        let labels = [PROCESS, ("cause", cause.name())];
        text.value(name, &labels, metrics.errors(cause) as f64);
    }
    let name = "xii_router_request_duration_seconds";
    text.family(
        name,
        Kind::Histogram,
        "Time from a request's head to the end of its answer.",
    );
    let bucket = format!("{name}_bucket");
    let mut sum = 0;
    for (at, count) in metrics.buckets.iter().enumerate() {
        sum += count;
        let bound = router::BUCKETS.get(at).map_or_else(
            || "+Inf".to_owned(),
            |microseconds| (*microseconds as f64 / 1e6).to_string(),
        );
        text.value(&bucket, &[PROCESS, ("le", &bound)], sum as f64);
    }
    let seconds = metrics.duration_us as f64 / 1e6;
    text.value(&format!("{name}_sum"), &[PROCESS], seconds);
    text.value(&format!("{name}_count"), &[PROCESS], sum as f64);
    let numbers = [
        (
            "xii_router_received_bytes_total",
            Kind::Counter,
            "Bytes of requests' bodies.",
            metrics.received,
        ),
        (
            "xii_router_sent_bytes_total",
            Kind::Counter,
            "Bytes of answers' bodies.",
            metrics.sent,
        ),
        (
            "xii_router_retries_total",
            Kind::Counter,
            "Requests that were tried again on another connection.",
            metrics.retries,
        ),
        (
            "xii_router_open_connections",
            Kind::Gauge,
            "Connections of clients that are open.",
            metrics.open_connections,
        ),
    ];
    for (name, kind, help, value) in numbers {
        text.family(name, kind, help);
        text.value(name, &[PROCESS], value as f64);
    }
}
