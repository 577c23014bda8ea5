//! What one request of an exporter holds, in either encoding.

use super::span::Span;
use super::{json, protobuf};

/// How many spans are kept of one request. Exporters send some hundreds at once.
const MOST_SPANS: usize = 10_000;

/// How many names of metrics are kept of one request.
const MOST_NAMES: usize = 1000;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Metrics.
    Metrics,
    /// Log records.
    Logs,
}

impl Signal {
    /// All of them.
    pub const ALL: [Signal; 3] = [Signal::Traces, Signal::Metrics, Signal::Logs];

    /// The end of the path for OTLP/HTTP.
    pub(super) fn path(self) -> &'static str {
        match self {
            Signal::Traces => "/v1/traces",
            Signal::Metrics => "/v1/metrics",
            Signal::Logs => "/v1/logs",
        }
    }

    /// The path for OTLP/gRPC.
    pub(super) fn method(self) -> &'static str {
        match self {
            Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        }
    }
}

/// How a request is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Protocol Buffers.
    Protobuf,
    /// JSON, as the OTLP specification maps it: ids in hexadecimal.
    Json,
}

/// A request that is not what it should be. What it holds is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A message that ends too early, or a field of a form that there is not.
    #[error("the protobuf message is broken at byte {0}")]
    Protobuf(usize),
    /// No JSON, or another shape.
    #[error("the JSON is no export request: line {line}, column {column}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
}

/// What a request holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// The spans with a valid trace id and span id; at most 10,000.
    pub spans: Vec<Span>,
    /// The names of metrics; at most 1000.
    pub metrics: Vec<String>,
    /// How many spans, metrics or log records there were, with those that were not kept.
    pub items: u64,
}

impl Export {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// When it is no export request of this signal in this encoding.
    pub fn read(signal: Signal, encoding: Encoding, bytes: &[u8]) -> Result<Export, Unreadable> {
        match encoding {
            Encoding::Protobuf => protobuf::read(signal, bytes),
            Encoding::Json => json::read(signal, bytes),
        }
    }

    /// One more span; none when its ids are not valid.
    pub(super) fn span(&mut self, span: Option<Span>) {
        self.items += 1;
        if let Some(span) = span
            && self.spans.len() < MOST_SPANS
        {
            self.spans.push(span);
        }
    }

    /// One more metric.
    pub(super) fn metric(&mut self, name: &str) {
        self.items += 1;
        if !name.is_empty() && self.metrics.len() < MOST_NAMES {
            self.metrics.push(super::span::name(name));
        }
    }
}
