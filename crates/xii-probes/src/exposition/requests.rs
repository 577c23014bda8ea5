//! Which metrics seem to be of the requests that an app answers.

use super::growth::Growth;
use super::page::{Family, Kind, Page};

/// The families that seem to be of requests; a family can be in several lists.
///
/// It is a guess from names and labels: only a family that also [grows](super::grown) with the load that was
/// sent shows anything: see [`Requests::among`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// They count requests.
    pub rate: Vec<String>,
    /// They count failures apart, by a label for the status or by themselves.
    pub errors: Vec<String>,
    /// They measure how long requests take.
    pub durations: Vec<String>,
}

impl Requests {
    /// Those that are among what grew.
    pub fn among(&self, growth: &[Growth]) -> Requests {
        let grew = |list: &[String]| {
            let has_grown = |family: &&String| growth.iter().any(|one| &one.family == *family);
            list.iter().filter(has_grown).cloned().collect()
        };
        Requests {
            rate: grew(&self.rate),
            errors: grew(&self.errors),
            durations: grew(&self.durations),
        }
    }
}

/// A request or an answer to one.
const REQUESTS: [&str; 8] = [
    "request",
    "requests",
    "req",
    "reqs",
    "response",
    "responses",
    "hits",
    "calls",
];

/// Of what the app asks others, or of what reads the metrics.
const OTHERS: [&str; 9] = [
    "client", "upstream", "outgoing", "outbound", "fetch", "promhttp", "scrape", "scrapes", "grpc",
];

/// No count of requests, though the name speaks of them.
const SIZES: [&str; 4] = ["bytes", "size", "length", "body"];

const FAILURES: [&str; 9] = [
    "error",
    "errors",
    "exception",
    "exceptions",
    "failure",
    "failures",
    "failed",
    "4xx",
    "5xx",
];

const DURATIONS: [&str; 13] = [
    "duration",
    "latency",
    "time",
    "seconds",
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "ms",
    "us",
    "elapsed",
    "took",
    "second",
    "millis",
];

const STATUS: [&str; 10] = [
    "status",
    "status_code",
    "statuscode",
    "code",
    "http_status",
    "http_status_code",
    "http_response_status_code",
    "status_class",
    "outcome",
    "class",
];

/// Finds the families that seem to be of requests, in any of the names that libraries give them.
pub fn requests(page: &Page) -> Requests {
    let mut requests = Requests::default();
    for family in &page.families {
        let name = family.name.to_ascii_lowercase();
        let words: Vec<&str> = name.split(['_', ':', '.', '-']).collect();
        let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
        let http = has(&["http", "https"]);
        let of_requests = has(&REQUESTS) || (http && has(&["server", "handler"]));
        if family.counted().is_none() || has(&OTHERS) || has(&SIZES) {
            continue;
        }
        let failures = has(&FAILURES);
        if failures && (of_requests || http) {
            requests.errors.push(family.name.clone());
        }
        if !of_requests || failures {
            continue;
        }
        // The sum of what requests took grows with them and is no count of them.
        if !is_sum_of_times(family, &words) {
            requests.rate.push(family.name.clone());
        }
        if has_status(family) {
            requests.errors.push(family.name.clone());
        }
        let measures =
            matches!(family.kind, Kind::Histogram | Kind::Summary) || name.ends_with("_count");
        if measures && has(&DURATIONS) {
            requests.durations.push(family.name.clone());
        }
    }
    requests
}

fn is_sum_of_times(family: &Family, words: &[&str]) -> bool {
    family.kind == Kind::Counter && words.iter().any(|word| DURATIONS.contains(word))
}

fn has_status(family: &Family) -> bool {
    let mut labels = family.samples.iter().flat_map(|sample| &sample.labels);
    labels.any(|(label, _)| {
        let label = label.to_ascii_lowercase().replace(['.', '-'], "_");
        STATUS.contains(&label.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> [Vec<String>; 3] {
        let page = Page::parse(text).expect("it is valid");
        let Requests {
            rate,
            errors,
            durations,
        } = requests(&page);
        [rate, errors, durations]
    }

    #[test]
    fn what_libraries_expose_is_found() {
        // prom-client, prometheus_flask_exporter, django-prometheus, OpenTelemetry, Micrometer, axum-prometheus.
        let counters = [
            ("http_requests_total", "code"),
            ("flask_http_request_total", "status"),
            ("django_http_responses_total_by_status_total", "status"),
            ("axum_http_requests_total", "status"),
        ];
        for (name, label) in counters {
            let text = format!("# TYPE {name} counter\n{name}{{{label}=\"200\"}} 3\n");
            let name = vec![name.to_owned()];
            assert_eq!(found(&text), [name.clone(), name, vec![]], "{text}");
        }
        let histograms = [
            ("http_request_duration_seconds", "status_code"),
            (
                "http_server_request_duration_seconds",
                "http_response_status_code",
            ),
            ("http_server_duration_milliseconds", "http_status_code"),
            ("http_server_requests_seconds", "outcome"),
        ];
        for (name, label) in histograms {
            let text = format!(
                "# TYPE {name} histogram\n{name}_bucket{{{label}=\"200\",le=\"+Inf\"}} 3\n\
                 {name}_sum{{{label}=\"200\"}} 1\n{name}_count{{{label}=\"200\"}} 3\n"
            );
            let name = vec![name.to_owned()];
            assert_eq!(found(&text), [name.clone(), name.clone(), name], "{text}");
        }
        let text =
            "# TYPE flask_http_request_exceptions counter\nflask_http_request_exceptions_total 0\n";
        let errors = vec!["flask_http_request_exceptions".to_owned()];
        let page = Page::parse(&format!("{text}# EOF\n")).expect("it is valid");
        assert_eq!(requests(&page).errors, errors);
    }

    #[test]
    fn what_is_of_something_else_is_not() {
        for text in [
            "# TYPE promhttp_metric_handler_requests_total counter\npromhttp_metric_handler_requests_total{code=\"200\"} 3\n",
            "# TYPE http_client_request_duration_seconds summary\nhttp_client_request_duration_seconds_count 3\n",
            "# TYPE http_requests_in_flight gauge\nhttp_requests_in_flight 3\n",
            "# TYPE http_request_size_bytes histogram\nhttp_request_size_bytes_count 3\n",
            "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 3\n",
            "# TYPE nodejs_gc_duration_seconds histogram\nnodejs_gc_duration_seconds_count 3\n",
            "# TYPE orders_total counter\norders_total{status=\"paid\"} 3\n",
        ] {
            assert_eq!(
                found(text),
                [vec![], vec![], vec![]] as [Vec<String>; 3],
                "{text}"
            );
        }
    }
}
