//! What an app answered.

use std::time::Duration;

use bytes::Bytes;
use hyper::HeaderMap;

/// The longest body that is kept, in bytes.
pub const LONGEST_BODY: usize = 2 << 20;

/// What an app answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The version: `HTTP/1.1`.
    pub version: &'static str,
    /// The header fields; a field may stand there more than once.
    pub headers: HeaderMap,
    /// The body as it came, or its first [`LONGEST_BODY`] bytes.
    pub body: Bytes,
    /// The body was longer than what is kept of it.
    pub truncated: bool,
    /// From the first byte sent to the last one read.
    pub took: Duration,
    /// From the first byte sent to the first one read.
    pub first_byte: Duration,
}

impl Answer {
    /// The first value of a header field, as text.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The values of a header field, as text; what is not UTF-8 is replaced.
    pub fn fields(&self, name: &str) -> impl Iterator<Item = String> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON, whatever its media type; nothing when it is not whole or no JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        if self.truncated {
            return None;
        }
        serde_json::from_slice(&self.body).ok()
    }

    /// The media type in lower case without its parameters: `text/html`.
    pub fn media_type(&self) -> Option<String> {
        let value = self.field("content-type")?;
        let kind = value.split(';').next().unwrap_or_default().trim();
        Some(kind.to_ascii_lowercase())
    }

    /// Whether the status is from 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// How long the app asks to be left alone (`Retry-After`, RFC 9110, section 10.2.3), as seconds or as a date.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.field("retry-after")?.trim();
        if let Ok(seconds) = value.parse::<u32>() {
            return Some(Duration::from_secs(seconds.into()));
        }
        let until = jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(value)
            .ok()?;
        let wait = until.duration_since(jiff::Timestamp::now());
        Some(Duration::try_from(wait).unwrap_or_default())
    }
}
