//! Pages of metrics: what is valid, and the line that is not.

use proptest::prelude::*;
use xii_probes::exposition::{Format, Kind, Page, grown, requests};

/// The example of the Prometheus documentation.
const PROMETHEUS: &str = r#"# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# HELP rpc_duration_seconds A summary of the RPC duration in seconds.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds{quantile="0.99"} 76656
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
"#;

/// With what OpenMetrics has besides: endings by type, units, exemplars, its end.
const OPEN_METRICS: &str = r#"# TYPE acme_http_router_request_seconds summary
# UNIT acme_http_router_request_seconds seconds
# HELP acme_http_router_request_seconds Latency though all of ACME's HTTP request router.
acme_http_router_request_seconds_sum{path="/api/v1",method="GET"} 9036.32
acme_http_router_request_seconds_count{path="/api/v1",method="GET"} 807283.0
acme_http_router_request_seconds_created{path="/api/v1",method="GET"} 1605281325.0
# TYPE foo histogram
foo_bucket{le="0.1"} 8 # {} 0.054
foo_bucket{le="1"} 11 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.789
foo_bucket{le="+Inf"} 17 1520879607.789
foo_count 17
foo_sum 324789.3
# TYPE requests counter
requests_total 9
# TYPE build info
build_info{version="8.2.7"} 1
# EOF
"#;

#[test]
fn the_documentations_examples_are_read() {
    let page = Page::parse(PROMETHEUS).expect("it is valid");
    assert_eq!(page.format, Format::Prometheus);
    let names: Vec<_> = page
        .families
        .iter()
        .map(|family| family.name.as_str())
        .collect();
    let expected = [
        "http_requests_total",
        "msdos_file_access_time_seconds",
        "metric_without_timestamp_and_labels",
        "something_weird",
        "http_request_duration_seconds",
        "rpc_duration_seconds",
    ];
    assert_eq!(names, expected);
    assert_eq!(page.sum("http_requests_total", &[]), Some(1030.0));
    assert_eq!(
        page.sum("http_requests_total", &[("code", "400")]),
        Some(3.0)
    );
    assert_eq!(page.sum("http_requests_total", &[("code", "500")]), None);
    assert_eq!(page.sum("something_weird", &[]), Some(f64::INFINITY));
    let durations = page
        .family("http_request_duration_seconds")
        .expect("it is there");
    assert_eq!(
        (durations.kind, durations.samples.len()),
        (Kind::Histogram, 4)
    );
    let file = &page.families[1].samples[0];
    assert_eq!(file.label("path"), Some("C:\\DIR\\FILE.TXT"));
    assert_eq!(file.label("error"), Some("Cannot find file:\n\"FILE.TXT\""));

    let page = Page::parse(OPEN_METRICS).expect("it is valid");
    assert_eq!(page.format, Format::OpenMetrics);
    let kinds: Vec<_> = page.families.iter().map(|family| family.kind).collect();
    assert_eq!(
        kinds,
        [Kind::Summary, Kind::Histogram, Kind::Counter, Kind::Info]
    );
    assert_eq!(page.families[0].unit.as_deref(), Some("seconds"));
    assert_eq!(
        page.families[2].counted().as_deref(),
        Some("requests_total")
    );
}

#[test]
fn unusual_pages_are_valid() {
    for text in [
        "",
        "\n\n",
        "a 1",
        "  a\t{ b = \"c\" , }   1   2  ",
        "a{} NaN\nb 1\na{x=\"y\"} -Inf\n",
        "#comment\n# HELP\tb  two words\nb 1e-3\n# EOF is nothing special here\n",
        "# TYPE only_described counter\n",
        "{\"http.requests\",\"status.code\"=\"200\"} 4\n",
        "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_total 4\n",
        "# EOF\n",
    ] {
        assert!(Page::parse(text).is_ok(), "{text:?}");
    }
}

#[test]
fn the_line_that_is_not_valid_is_said() {
    let said: Vec<String> = [
        "<!doctype html>\n",
        "{\"requests\": 4}\n",
        "ok 1\nok 1 2 3\n",
        "a one\n",
        "a\n",
        "a 1\r\n",
        "a 1 1.5\n",
        "9a 1\n",
        "a{b=c} 1\n",
        "a{b=\"secret} 1\n",
        "a{b=\"c\\d\"} 1\n",
        "a{b=\"c\" d=\"e\"} 1\n",
        "a{b=\"c\",b=\"d\"} 1\n",
        "a{b=\"c\"\n",
        "a{b} 1\n",
        "a{\"b\"} 1\n",
        "a{b=\"c\",d=\"e\"} 1\na{d=\"e\",b=\"c\"} 1\n",
        "# TYPE a counter\n# HELP a b\n# TYPE a counter\n",
        "# HELP a b\n# HELP a c\n",
        "a 1\n# TYPE a counter\n",
        "# TYPE a number\n",
        "# TYPE a counter gauge\n",
        "# TYPE a-b counter\n",
        "# TYPE\n",
        "# TYPE a histogram\na_bucket 3\n",
        "# TYPE a histogram\na_bucket{le=\"much\"} 3\n",
        "# TYPE a counter\na 1\n# EOF\n",
        "a 1\n\n# EOF\n",
        "# a comment\n# EOF\n",
        "a 1\nb 1\na{x=\"y\"} 1\n# EOF\n",
        "# EOF\na 1\n# EOF\n",
        "# TYPE a counter\na_total 1 # 5\n# EOF\n",
    ]
    .iter()
    .map(|text| match Page::parse(text) {
        Ok(_) => format!("{text:?}: valid"),
        Err(error) => format!("{text:?}: {error}"),
    })
    .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_grew_of_the_requests_is_found() {
    let page = |count: u32, scrapes: u32| {
        let text = format!(
            "# TYPE http_request_duration_seconds histogram\n\
             http_request_duration_seconds_bucket{{status=\"200\",le=\"+Inf\"}} {count}\n\
             http_request_duration_seconds_count{{status=\"200\"}} {count}\n\
             http_request_duration_seconds_sum{{status=\"200\"}} 1\n\
             # TYPE api_requests_total counter\napi_requests_total 5\n\
             # TYPE scrapes_total counter\nscrapes_total {scrapes}\n"
        );
        Page::parse(&text).expect("it is valid")
    };
    let (before, after) = (page(3, 1), page(23, 2));
    let growth = grown(&before, &after);
    assert_eq!(growth.len(), 2);
    assert_eq!(
        (growth[0].sample.as_str(), growth[0].by),
        ("http_request_duration_seconds_count", 20.0)
    );
    let all = requests(&after);
    assert_eq!(
        all.rate,
        ["http_request_duration_seconds", "api_requests_total"]
    );
    let grew = all.among(&growth);
    let durations = ["http_request_duration_seconds"];
    assert_eq!(grew.rate, durations);
    assert_eq!(grew.errors, durations);
    assert_eq!(grew.durations, durations);
}

#[test]
fn a_page_has_a_bounded_number_of_samples() {
    use std::fmt::Write;
    let mut text = String::new();
    for number in 0..200_001 {
        writeln!(text, "a{number} 1").expect("memory takes it");
    }
    let error = Page::parse(&text).expect_err("it is too much");
    assert_eq!(error.line, 200_001);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[a-c_:{}=\",#0-9 \\\\\n.é\r\t]{0,60}", end in any::<bool>()) {
        let text = if end { format!("{text}\n# EOF\n") } else { text };
        if let Err(error) = Page::parse(&text) {
            prop_assert!(error.line >= 1 && error.line <= text.split('\n').count());
        }
    }
}
