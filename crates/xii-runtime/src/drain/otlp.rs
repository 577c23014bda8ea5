//! Records as an OTLP request in JSON: opentelemetry-proto's `ExportLogsServiceRequest`, in the JSON
//! encoding of the OTLP specification 1.x (names in lower camel case, 64-bit numbers as text).

use std::collections::BTreeMap;
use std::io::Write;

use xii_model::{Level, Stream};

use super::syslog::id;
use crate::log::record::{Body, Record, Records};

/// A request with the records of a block.
///
/// A resource for each instance and release: `service.name` is the app, `service.instance.id` the
/// instance, `service.version` the release. A line is a record whose body is its text, or its bytes where
/// it is no UTF-8, with `log.iostream`; another event has its name and its JSON as body.
pub(super) fn request(app: &str, block: &[u8]) -> Vec<u8> {
    let mut resources: BTreeMap<(&[u8], &[u8]), Vec<u8>> = BTreeMap::new();
    for record in Records::of(block) {
        let logs = resources
            .entry((record.source, record.release))
            .or_default();
        if !logs.is_empty() {
            logs.push(b',');
        }
        log(&record, logs);
    }
    let mut to = b"{\"resourceLogs\":[".to_vec();
    for (number, ((source, release), logs)) in resources.iter().enumerate() {
        if number > 0 {
            to.push(b',');
        }
        to.extend_from_slice(b"{\"resource\":{\"attributes\":[");
        attribute("service.name", app, &mut to);
        to.push(b',');
        attribute(
            "service.instance.id",
            &String::from_utf8_lossy(source),
            &mut to,
        );
        if !release.is_empty() {
            to.push(b',');
            attribute(
                "service.version",
                &String::from_utf8_lossy(release),
                &mut to,
            );
        }
        to.extend_from_slice(b"]},\"scopeLogs\":[{\"scope\":{\"name\":\"xii\",\"version\":");
        text(env!("CARGO_PKG_VERSION"), &mut to);
        to.extend_from_slice(b"},\"logRecords\":[");
        to.extend_from_slice(logs);
        to.extend_from_slice(b"]}]}");
    }
    to.extend_from_slice(b"]}");
    to
}

fn log(record: &Record<'_>, to: &mut Vec<u8>) {
    // Times before 1970 cannot be told.
    let at = record.at_ns.max(0);
    // Writing to memory does not fail.
    let _ = write!(
        to,
        "{{\"timeUnixNano\":\"{at}\",\"observedTimeUnixNano\":\"{at}\""
    );
    let level = match record.body {
        // What shows no level is sent without one: the receiver may know better.
        Body::Line { level, .. } => level,
        Body::Other(_) => Some(crate::store::level_of(record)),
    };
    if let Some(level) = level {
        let (number, name) = severity(level);
        let _ = write!(
            to,
            ",\"severityNumber\":{number},\"severityText\":\"{name}\""
        );
    }
    match record.body {
        Body::Line {
            bytes,
            stream,
            continues,
            unterminated,
            ..
        } => {
            to.extend_from_slice(b",\"body\":{");
            match std::str::from_utf8(bytes) {
                Ok(line) => {
                    to.extend_from_slice(b"\"stringValue\":");
                    text(line, to);
                }
                Err(_) => {
                    to.extend_from_slice(b"\"bytesValue\":\"");
                    base64(bytes, to);
                    to.push(b'"');
                }
            }
            to.extend_from_slice(b"},\"attributes\":[");
            let stream = match stream {
                Stream::Stdout => "stdout",
                Stream::Stderr => "stderr",
            };
            attribute("log.iostream", stream, to);
            for (name, is) in [("continues", continues), ("unterminated", unterminated)] {
                if is {
                    let _ = write!(
                        to,
                        ",{{\"key\":\"xii.{name}\",\"value\":{{\"boolValue\":true}}}}"
                    );
                }
            }
            to.extend_from_slice(b"]}");
        }
        Body::Other(json) => {
            to.extend_from_slice(b",\"eventName\":");
            text(&format!("xii.{}", id(record)), to);
            to.extend_from_slice(b",\"body\":{\"stringValue\":");
            text(&String::from_utf8_lossy(json), to);
            to.extend_from_slice(b"}}");
        }
    }
}

/// The first of the four numbers that each level has.
fn severity(level: Level) -> (u8, &'static str) {
    match level {
        Level::Trace => (1, "TRACE"),
        Level::Debug => (5, "DEBUG"),
        Level::Info => (9, "INFO"),
        Level::Warn => (13, "WARN"),
        Level::Error => (17, "ERROR"),
        Level::Fatal => (21, "FATAL"),
    }
}

fn attribute(key: &str, value: &str, to: &mut Vec<u8>) {
    to.extend_from_slice(b"{\"key\":");
    text(key, to);
    to.extend_from_slice(b",\"value\":{\"stringValue\":");
    text(value, to);
    to.extend_from_slice(b"}}");
}

fn text(text: &str, to: &mut Vec<u8>) {
    // A text is always JSON, and writing to memory does not fail.
    let _ = serde_json::to_writer(to, text);
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8], to: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            to.push(if digit > three.len() {
                b'='
            } else {
                DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_as_the_standard_has_it() {
        for (bytes, told) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let mut text = Vec::new();
            base64(bytes.as_bytes(), &mut text);
            assert_eq!(text, told.as_bytes());
        }
    }
}
