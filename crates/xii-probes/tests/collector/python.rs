//! The SDK for Python, which speaks gRPC by default.

use std::process::Stdio;

use tokio::process::Command;
use tokio::time::timeout;
use xii_probes::collector::{Collector, Kind};

use crate::exporter::DEADLINE;
use crate::skipped::skipped;

/// Sends one span as the variables say, with the exporter that is named.
const SCRIPT: &str = "
import importlib, sys
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind
name = 'opentelemetry.exporter.otlp.proto.' + sys.argv[1] + '.trace_exporter'
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(importlib.import_module(name).OTLPSpanExporter()))
with provider.get_tracer('test-library').start_as_current_span('GET /', kind=SpanKind.SERVER):
    pass
provider.shutdown()
";

#[tokio::test]
async fn the_python_sdk_is_understood() {
    let import =
        "import opentelemetry.exporter.otlp.proto.grpc, opentelemetry.exporter.otlp.proto.http";
    let mut python = Command::new("python3");
    python.args(["-c", import]).stderr(Stdio::null());
    let found = timeout(DEADLINE, python.status()).await.expect("in time");
    if !found.is_ok_and(|status| status.success()) {
        let why = "python3 has no opentelemetry-exporter-otlp";
        skipped("the_python_sdk_is_understood", why);
        return;
    }
    for exporter in ["grpc", "http"] {
        for compression in [None, Some("gzip")] {
            let collector = Collector::start().await.expect("a collector");
            let mut python = Command::new("python3");
            python
                .args(["-c", SCRIPT, exporter])
                .envs(collector.variables())
                .env("OTEL_SERVICE_NAME", "shop")
                .envs(compression.map(|way| ("OTEL_EXPORTER_OTLP_COMPRESSION", way)))
                .kill_on_drop(true);
            let status = timeout(DEADLINE, python.status()).await.expect("in time");
            assert!(status.expect("it runs").success());
            let refusals = collector.refusals();
            assert!(refusals.is_empty(), "{refusals:?}");
            let spans = collector.spans();
            let [span] = &spans[..] else {
                panic!("one span, not {spans:?}")
            };
            assert_eq!((span.name.as_str(), span.kind), ("GET /", Kind::Server));
            assert_eq!(span.service.as_deref(), Some("shop"));
            assert_eq!(span.scope, "test-library");
        }
    }
}
