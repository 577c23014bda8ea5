//! Records as syslog messages (RFC 5424).

use std::io::Write;

use jiff::Timestamp;
use xii_model::{Level, Stream};

use crate::log::record::{Body, Record};

/// `user-level messages`.
const FACILITY: u8 = 1;

/// Writes records as syslog messages.
///
/// The host is this machine, the application the app, the process the instance, the message's id the
/// stream that a line was written to or the name of the event. A release is told as `swVersion` of the
/// registered element `origin`. The message is the line, byte for byte, or the event's JSON.
#[derive(Debug)]
pub(super) struct Format {
    host: Vec<u8>,
    app: Vec<u8>,
    /// The second that was formatted last.
    second: Option<(i64, String)>,
}

impl Format {
    pub(super) fn new(app: &str) -> Self {
        let system = rustix::system::uname();
        Format {
            host: name(system.nodename().to_bytes(), 255),
            app: name(app.as_bytes(), 48),
            second: None,
        }
    }

    /// Appends all but the message itself.
    pub(super) fn head(&mut self, record: &Record<'_>, to: &mut Vec<u8>) {
        let priority = FACILITY * 8 + severity(record);
        // Writing to memory does not fail.
        let _ = write!(to, "<{priority}>1 ");
        self.time(record.at_ns, to);
        for (part, most) in [
            (self.host.as_slice(), 255),
            (&self.app, 48),
            (record.source, 128),
            (id(record).as_bytes(), 32),
        ] {
            to.push(b' ');
            to.extend_from_slice(&name(part, most));
        }
        if record.release.is_empty() {
            to.extend_from_slice(b" - ");
        } else {
            to.extend_from_slice(b" [origin software=\"");
            quoted(&self.app, 48, to);
            to.extend_from_slice(b"\" swVersion=\"");
            quoted(record.release, 32, to);
            to.extend_from_slice(b"\"] ");
        }
    }

    /// With microseconds, the finest that the format knows.
    fn time(&mut self, at_ns: i64, to: &mut Vec<u8>) {
        let second = at_ns.div_euclid(1_000_000_000);
        if self.second.as_ref().is_none_or(|(last, _)| *last != second) {
            let time = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
            self.second = Some((second, time.strftime("%Y-%m-%dT%H:%M:%S").to_string()));
        }
        let text = self.second.as_ref().map_or("", |(_, text)| text);
        let micros = at_ns.rem_euclid(1_000_000_000) / 1000;
        let _ = write!(to, "{text}.{micros:06}Z");
    }
}

/// The message of a record.
pub(super) fn message<'a>(record: &Record<'a>) -> &'a [u8] {
    let (Body::Line { bytes, .. } | Body::Other(bytes)) = record.body;
    bytes
}

/// Critical, error, warning, informational, debug.
fn severity(record: &Record<'_>) -> u8 {
    match crate::store::level_of(record) {
        Level::Fatal => 2,
        Level::Error => 3,
        Level::Warn => 4,
        Level::Info => 6,
        Level::Debug | Level::Trace => 7,
    }
}

/// The stream, or the event's name.
pub(super) fn id<'a>(record: &Record<'a>) -> &'a str {
    match record.body {
        Body::Line { stream, .. } => match stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        },
        Body::Other(json) => {
            #[derive(serde::Deserialize)]
            struct Named<'a> {
                event: &'a str,
            }
            serde_json::from_slice::<Named<'a>>(json).map_or("event", |named| named.event)
        }
    }
}

/// A name as a header holds it: printable ASCII without spaces, or `-`.
fn name(text: &[u8], most: usize) -> Vec<u8> {
    let plain = |byte: &u8| match byte {
        b'!'..=b'~' => *byte,
        _ => b'_',
    };
    let name: Vec<u8> = text.iter().take(most).map(plain).collect();
    if name.is_empty() { b"-".to_vec() } else { name }
}

/// A parameter's value (6.3.3): quotes, backslashes and closing brackets are escaped.
fn quoted(text: &[u8], most: usize, to: &mut Vec<u8>) {
    for byte in String::from_utf8_lossy(text).chars().take(most) {
        if matches!(byte, '"' | '\\' | ']') {
            to.push(b'\\');
        }
        let mut bytes = [0; 4];
        to.extend_from_slice(byte.encode_utf8(&mut bytes).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::record::{LineHead, Records, push_line};

    fn shown(source: &str, release: &str, level: Option<Level>, stream: Stream) -> String {
        let mut block = Vec::new();
        let head = LineHead {
            source,
            release,
            stream,
            continues: false,
            unterminated: false,
            level,
        };
        push_line(&mut block, 1_700_000_000_123_456_789, head, b"hello");
        let mut format = Format::new("my shop");
        format.host = b"here".to_vec();
        let mut text = Vec::new();
        for record in Records::of(&block) {
            format.head(&record, &mut text);
            text.extend_from_slice(message(&record));
        }
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn lines_become_messages() {
        assert_eq!(
            shown("web.1", "", None, Stream::Stdout),
            "<14>1 2023-11-14T22:13:20.123456Z here my_shop web.1 stdout - hello"
        );
        assert_eq!(
            shown("web.1", "v3 \"]\\", Some(Level::Fatal), Stream::Stderr),
            "<10>1 2023-11-14T22:13:20.123456Z here my_shop web.1 stderr [origin software=\"my_shop\" swVersion=\"v3 \\\"\\]\\\\\"] hello"
        );
        assert!(shown("", "", None, Stream::Stderr).starts_with("<12>1 "));
        assert!(shown("", "", None, Stream::Stderr).contains(" - stderr - hello"));
    }
}
