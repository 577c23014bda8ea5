//! What exporters send is taken, whatever way they send it.

use hyper::Method;
use xii_probes::collector::{Collector, Counts, Kind, Span};

use crate::encode::{field, gzip, request, span, three};
use crate::exporter::{DEADLINE, framed, grpc, http};

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

type Headers<'a> = &'a [(&'a str, &'a str)];

/// The spans of `three` that are valid.
fn expected() -> Vec<Span> {
    let root = Span {
        trace_id: "ab".repeat(16),
        span_id: "01".repeat(8),
        parent_id: None,
        name: "GET /".to_owned(),
        kind: Kind::Server,
        service: Some("shop".to_owned()),
        scope: "http-library".to_owned(),
    };
    let child = Span {
        span_id: "02".repeat(8),
        parent_id: Some("01".repeat(8)),
        name: "SELECT".to_owned(),
        kind: Kind::Client,
        ..root.clone()
    };
    vec![root, child]
}

/// `three`, as it is in JSON; the digits may have either case.
fn json() -> String {
    let spans = format!(
        r#"{{"traceId":"{trace}","spanId":"{one}","name":"GET /","kind":2,"startTimeUnixNano":"1"}},
           {{"traceId":"{trace}","spanId":"{two}","parentSpanId":"{one}","name":"SELECT","kind":"SPAN_KIND_CLIENT"}},
           {{"traceId":"00","spanId":"{one}","parentSpanId":null,"name":"of no trace"}}"#,
        trace = "AB".repeat(16),
        one = "01".repeat(8),
        two = "02".repeat(8),
    );
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[
            {{"key":"process.pid","value":{{"intValue":"7"}}}},
            {{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},
            "scopeSpans":[{{"scope":{{"name":"http-library"}},"spans":[{spans}],"schemaUrl":""}}]}}]}}"#
    )
}

fn three_spans() -> Counts {
    Counts {
        exports: 1,
        spans: 3,
        not_kept: 1,
        ..Counts::default()
    }
}

#[tokio::test]
async fn spans_come_by_http() {
    let protobuf = ("content-type", "application/x-protobuf");
    let zipped = ("content-encoding", "gzip");
    let typed = ("content-type", "application/json; charset=utf-8");
    let ways: [(Headers<'_>, Vec<u8>, &str, &str); 4] = [
        (&[protobuf], three(), "application/x-protobuf", ""),
        (
            &[protobuf, zipped],
            gzip(&three()),
            "application/x-protobuf",
            "",
        ),
        (&[typed], json().into_bytes(), "application/json", "{}"),
        (
            &[typed, zipped],
            gzip(json().as_bytes()),
            "application/json",
            "{}",
        ),
    ];
    for (headers, body, kind, text) in ways {
        let collector = Collector::start().await.expect("a collector");
        let answer = http(
            collector.address(),
            Method::POST,
            "/v1/traces",
            headers,
            body,
        )
        .await;
        assert_eq!(answer.status, 200, "{headers:?}");
        assert_eq!(answer.headers["content-type"], kind);
        assert_eq!(answer.body, text);
        assert_eq!(collector.spans(), expected());
        assert_eq!(collector.received(), three_spans());
    }
}

#[tokio::test]
async fn spans_come_by_grpc() {
    let zipped = ("grpc-encoding", "gzip");
    let ways: [(Headers<'_>, Vec<u8>); 3] = [
        (&[], framed(false, &three())),
        (&[zipped], framed(true, &gzip(&three()))),
        // The encoding is announced, and this message is not compressed.
        (&[zipped], framed(false, &three())),
    ];
    for (headers, body) in ways {
        let collector = Collector::start().await.expect("a collector");
        let answer = grpc(collector.address(), TRACES, headers, body).await;
        assert_eq!((answer.status, answer.grpc()), (200, "0"));
        assert_eq!(answer.headers["content-type"], "application/grpc");
        assert_eq!(answer.body, &[0; 5][..]);
        assert_eq!(collector.spans(), expected());
        assert_eq!(collector.received(), three_spans());
    }
}

#[tokio::test]
async fn metrics_and_logs_are_counted() {
    let collector = Collector::start().await.expect("a collector");
    let to = collector.address();
    let kind = [("content-type", "application/x-protobuf")];
    let metrics = [field(1, b"http.server.request.duration"), field(1, b"cpu")];
    let metrics = request("shop", "", &metrics);
    let answer = http(to, Method::POST, "/v1/metrics", &kind, metrics).await;
    assert_eq!(answer.status, 200);
    let logs = request("shop", "", &[Vec::new(), Vec::new(), Vec::new()]);
    let service = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    let answer = grpc(to, service, &[], framed(false, &logs)).await;
    assert_eq!(answer.grpc(), "0");
    let json = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{}]}]}]}"#.to_vec();
    let kind = [("content-type", "application/json")];
    let answer = http(to, Method::POST, "/v1/logs", &kind, json).await;
    assert_eq!(answer.status, 200);
    let json = br#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"cpu"}]}]}]}"#.to_vec();
    let answer = http(to, Method::POST, "/below/v1/metrics", &kind, json).await;
    assert_eq!(answer.status, 200);

    assert_eq!(collector.metrics(), ["cpu", "http.server.request.duration"]);
    let expected = Counts {
        exports: 4,
        metrics: 3,
        logs: 5,
        ..Counts::default()
    };
    assert_eq!(collector.received(), expected);
    assert!(collector.spans().is_empty());
}

#[tokio::test]
async fn spans_can_be_waited_for() {
    let collector = Collector::start().await.expect("a collector");
    let to = collector.address();
    let is_there = |spans: &[Span]| spans.iter().any(|span| span.name == "late");
    let send = async {
        let late = request("shop", "", &[span(&[7; 16], &[7; 8], &[], "late", 0)]);
        for body in [three(), late] {
            grpc(to, TRACES, &[], framed(false, &body)).await;
        }
    };
    let (found, ()) = tokio::join!(collector.wait(is_there, DEADLINE), send);
    assert!(found);
    assert!(!collector.wait(|_| false, std::time::Duration::ZERO).await);
}

#[tokio::test]
async fn variables_say_where_to_send() {
    let collector = Collector::start().await.expect("a collector");
    let variables = collector.variables();
    let endpoint = format!("http://{}", collector.address());
    assert!(variables.contains(&("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint)));
    let address = collector.address();
    drop(collector);
    let error = tokio::net::TcpStream::connect(address)
        .await
        .expect_err("nobody listens");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}
