//! What is no export is refused, told, and kept out.

use hyper::Method;
use xii_probes::collector::{Collector, Encoding, Export, Signal};

use crate::encode::{field, gzip, request, span, three};
use crate::exporter::{framed, grpc, http};

#[tokio::test]
async fn what_is_no_export_is_refused_by_http() {
    let collector = Collector::start().await.expect("a collector");
    let to = collector.address();
    let protobuf = ("content-type", "application/x-protobuf");
    let json = ("content-type", "application/json");
    let gzipped = ("content-encoding", "gzip");
    type Case<'a> = (Method, &'a str, &'a [(&'a str, &'a str)], Vec<u8>, u16);
    let cases: [Case<'_>; 10] = [
        (Method::POST, "/", &[protobuf], three(), 404),
        (Method::POST, "/api/v2/spans", &[json], b"[]".to_vec(), 404),
        (Method::GET, "/v1/traces", &[protobuf], Vec::new(), 405),
        (Method::POST, "/v1/traces", &[], three(), 415),
        (
            Method::POST,
            "/v1/traces",
            &[("content-type", "text/plain")],
            three(),
            415,
        ),
        (
            Method::POST,
            "/v1/traces",
            &[protobuf, ("content-encoding", "br")],
            three(),
            415,
        ),
        (
            Method::POST,
            "/v1/traces",
            &[protobuf, gzipped],
            three(),
            400,
        ),
        (
            Method::POST,
            "/v1/traces",
            &[protobuf],
            b"\x0a\x7f".to_vec(),
            400,
        ),
        (
            Method::POST,
            "/v1/traces",
            &[json],
            b"{\"resourceSpans\": 7}".to_vec(),
            400,
        ),
        (
            Method::POST,
            "/v1/traces",
            &[protobuf, gzipped],
            gzip(&vec![0; 17 << 20]),
            413,
        ),
    ];
    for (number, (method, path, headers, body, status)) in cases.into_iter().enumerate() {
        let answer = http(to, method, path, headers, body).await;
        assert_eq!(answer.status, status, "case {number}");
        assert_eq!(collector.received().refused, number as u64 + 1);
    }
    assert_eq!(collector.received().exports, 0);
    assert!(collector.spans().is_empty());
    let refusals = collector.refusals();
    assert_eq!(refusals[0], "POST /: nothing is exported there");
    assert_eq!(
        refusals[7],
        "POST /v1/traces: the protobuf message is broken at byte 0"
    );
    assert_eq!(
        refusals[8],
        "POST /v1/traces: the JSON is no export request: line 1, column 19"
    );
}

#[tokio::test]
async fn what_is_no_export_is_refused_by_grpc() {
    let collector = Collector::start().await.expect("a collector");
    let to = collector.address();
    let path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    let snappy: &[(&str, &str)] = &[("grpc-encoding", "snappy")];
    let cases = [
        (
            "/grpc.health.v1.Health/Check",
            &[][..],
            framed(false, b""),
            "12",
        ),
        (path, &[], b"\0\0".to_vec(), "3"),
        (path, &[], framed(false, b"\x0a\x7f"), "3"),
        (
            path,
            &[],
            [framed(false, b""), framed(false, b"")].concat(),
            "3",
        ),
        (path, snappy, framed(true, &three()), "12"),
    ];
    for (number, (path, headers, body, status)) in cases.into_iter().enumerate() {
        let answer = grpc(to, path, headers, body).await;
        assert_eq!(
            (answer.status, answer.grpc()),
            (200, status),
            "case {number}"
        );
    }
    assert_eq!(collector.received().refused, 5);
    let answer = grpc(to, path, &[], framed(false, &vec![0; 5 << 20])).await;
    assert_eq!(answer.grpc(), "8");
}

#[test]
fn no_more_than_a_bounded_number_is_kept() {
    let spans: Vec<_> = (0..10_003)
        .map(|_| span(&[1; 16], &[1; 8], &[], "again", 1))
        .collect();
    let bytes = request("shop", "", &spans);
    let export = Export::read(Signal::Traces, Encoding::Protobuf, &bytes).expect("it can be read");
    assert_eq!((export.items, export.spans.len()), (10_003, 10_000));

    let one = r#"{"traceId":"11111111111111111111111111111111","spanId":"1111111111111111"}"#;
    let list = vec![one; 10_003].join(",");
    let json = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{list}]}}]}}]}}"#);
    let export = Export::read(Signal::Traces, Encoding::Json, json.as_bytes());
    let export = export.expect("it can be read");
    assert_eq!((export.items, export.spans.len()), (10_003, 10_000));
}

#[test]
fn names_are_cut() {
    let long = "ä".repeat(1000);
    let bytes = request(&long, &long, &[span(&[1; 16], &[1; 8], &[], &long, 1)]);
    let export = Export::read(Signal::Traces, Encoding::Protobuf, &bytes).expect("it can be read");
    let [span] = &export.spans[..] else {
        panic!("one span")
    };
    let cut = "ä".repeat(128);
    assert_eq!((&span.name, &span.scope), (&cut, &cut));
    assert_eq!(span.service.as_ref(), Some(&cut));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        for signal in Signal::ALL {
            for encoding in [Encoding::Protobuf, Encoding::Json] {
                let _ = Export::read(signal, encoding, &bytes);
                let _ = Export::read(signal, encoding, &field(1, &bytes));
            }
        }
    }
}
