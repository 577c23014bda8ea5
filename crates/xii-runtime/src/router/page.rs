//! What the router answers by itself.

use std::io::Write;

use serde::Serialize;

use super::date::Date;
use super::fault::{Fault, reason};

/// A problem (RFC 9457). `about:blank` says that the status is all there is to the type.
#[derive(Serialize)]
struct Problem<'p> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'p str,
    #[serde(skip_serializing_if = "str::is_empty")]
    request_id: &'p str,
}

/// The media type and the body that tell of a fault in the form that `Accept` prefers: a problem where
/// JSON is asked for, else text.
pub(super) fn body(fault: &Fault, accept: &str, request_id: &str) -> (&'static str, Vec<u8>) {
    let title = reason(fault.status);
    if prefers_json(accept) {
        let problem = Problem {
            r#type: "about:blank",
            title,
            status: fault.status,
            detail: &fault.message,
            request_id,
        };
        // Strings and numbers always are JSON.
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        return ("application/problem+json", body);
    }
    let mut body = format!("{} {title}\n{}\n", fault.status, fault.message);
    if !request_id.is_empty() {
        body.push_str(&format!("request {request_id}\n"));
    }
    ("text/plain; charset=utf-8", body.into_bytes())
}

/// Seconds after which to ask again, where that helps.
pub(super) fn retry_after(fault: &Fault) -> Option<&'static str> {
    (fault.status == 503).then_some("1")
}

/// Writes the whole answer to an HTTP/1 client.
pub(super) fn write(
    fault: &Fault,
    accept: &str,
    request_id: &str,
    to_head: bool,
    close: bool,
    date: &mut Date,
    out: &mut Vec<u8>,
) -> usize {
    let (media, body) = body(fault, accept, request_id);
    out.clear();
    let title = reason(fault.status);
    // Writing to memory cannot fail.
    let _ = write!(
        out,
        "HTTP/1.1 {} {title}\r\nContent-Type: {media}\r\nContent-Length: {}\r\nDate: ",
        fault.status,
        body.len(),
    );
    out.extend_from_slice(date.now());
    out.extend_from_slice(b"\r\n");
    if let Some(seconds) = retry_after(fault) {
        let _ = write!(out, "Retry-After: {seconds}\r\n");
    }
    if !request_id.is_empty() {
        let _ = write!(out, "X-Request-Id: {request_id}\r\n");
    }
    if close {
        out.extend_from_slice(b"Connection: close\r\n");
    }
    out.extend_from_slice(b"\r\n");
    if to_head {
        return 0;
    }
    out.extend_from_slice(&body);
    body.len()
}

/// Whether `Accept` (RFC 9110, 12.5.1) prefers JSON to text. What says nothing of either prefers text:
/// that is what a person at a terminal reads.
fn prefers_json(accept: &str) -> bool {
    let (mut json, mut text) = (0.0_f32, 0.0_f32);
    for range in accept.split(',').take(64) {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts
            .filter_map(|part| part.strip_prefix("q="))
            .find_map(|weight| weight.parse::<f32>().ok())
            .unwrap_or(1.0);
        if media.ends_with("/json") || media.ends_with("+json") {
            json = json.max(weight);
        } else if media.starts_with("text/") {
            text = text.max(weight);
        }
    }
    json > text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_as_the_client_prefers() {
        for (accept, json) in [
            ("", false),
            ("*/*", false),
            ("application/json", true),
            ("application/problem+json, */*", true),
            ("text/html,application/xhtml+xml;q=0.9", false),
            ("application/json;q=0.5, text/plain", false),
            ("application/json; q=0.9, text/plain;q=0.1", true),
            ("application/json;q=x", true),
        ] {
            assert_eq!(prefers_json(accept), json, "{accept}");
        }
    }
}
