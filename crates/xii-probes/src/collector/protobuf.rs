//! An export request in Protocol Buffers. The numbers are those of opentelemetry-proto 1.x.

use super::export::{Export, Signal, Unreadable};
use super::span::{self, Kind, Span};
use super::wire::{Value, fields};

/// Reads an `Export…ServiceRequest`. All three have one shape: resources (1), each with its description (1)
/// and scopes (2), each with its description (1) and items (2).
pub(super) fn read(signal: Signal, bytes: &[u8]) -> Result<Export, Unreadable> {
    let mut export = Export::default();
    for field in fields(bytes) {
        if let (1, resource) = field? {
            let service = match signal {
                Signal::Traces => service(resource.bytes())?,
                Signal::Metrics | Signal::Logs => None,
            };
            for field in fields(resource.bytes()) {
                if let (2, Value::Bytes(scope)) = field? {
                    items(signal, scope, service.as_deref(), &mut export)?;
                }
            }
        }
    }
    Ok(export)
}

fn items(
    signal: Signal,
    scope: &[u8],
    service: Option<&str>,
    export: &mut Export,
) -> Result<(), Unreadable> {
    let mut name = String::new();
    for field in fields(scope) {
        if let (1, described) = field? {
            name = text_of(described.bytes(), 1)?.unwrap_or_default();
        }
    }
    for field in fields(scope) {
        if let (2, Value::Bytes(item)) = field? {
            match signal {
                Signal::Traces => export.span(span(item, service, &name)?),
                Signal::Metrics => export.metric(&text_of(item, 1)?.unwrap_or_default()),
                Signal::Logs => export.items += 1,
            }
        }
    }
    Ok(())
}

/// `service.name` of a `ResourceSpans`: resource (1), attributes (1), key (1), value (2), text (1).
fn service(resource: &[u8]) -> Result<Option<String>, Unreadable> {
    let mut service = None;
    for field in fields(resource) {
        let (1, described) = field? else { continue };
        for field in fields(described.bytes()) {
            let (1, attribute) = field? else { continue };
            if text_of(attribute.bytes(), 1)?.as_deref() != Some("service.name") {
                continue;
            }
            for field in fields(attribute.bytes()) {
                if let (2, value) = field? {
                    service = text_of(value.bytes(), 1)?;
                }
            }
        }
    }
    Ok(service)
}

fn span(item: &[u8], service: Option<&str>, scope: &str) -> Result<Option<Span>, Unreadable> {
    let (mut trace_id, mut span_id, mut parent_id) = (None, None, None);
    let (mut name, mut kind) = (String::new(), Kind::default());
    for field in fields(item) {
        match field? {
            (1, value) => trace_id = span::id(value.bytes(), 16),
            (2, value) => span_id = span::id(value.bytes(), 8),
            (4, value) => parent_id = span::id(value.bytes(), 8),
            (5, value) => name = text(value.bytes()),
            (6, Value::Number(number)) => kind = Kind::of(number),
            _ => {}
        }
    }
    let (Some(trace_id), Some(span_id)) = (trace_id, span_id) else {
        return Ok(None);
    };
    Ok(Some(Span {
        trace_id,
        span_id,
        parent_id,
        name,
        kind,
        service: service.map(str::to_owned),
        scope: scope.to_owned(),
    }))
}

/// The text in a field of a message; the last one counts.
fn text_of(message: &[u8], number: u64) -> Result<Option<String>, Unreadable> {
    let mut found = None;
    for field in fields(message) {
        if let (is, Value::Bytes(bytes)) = field?
            && is == number
        {
            found = Some(text(bytes));
        }
    }
    Ok(found)
}

fn text(bytes: &[u8]) -> String {
    // A name is cut anyway; what is cut first needs not be converted.
    let bytes = &bytes[..bytes.len().min(1024)];
    span::name(&String::from_utf8_lossy(bytes))
}
