//! The stream as JSON, one object a line.

use jiff::Timestamp;
use xii_model::{Event, Level, Source, Stream, What};

use super::record::{Body, Record};
use super::terminal;

/// Shows records as [`Event`] is written in JSON, one a line: `{"at":"…","source":"web.1",…}`.
#[derive(Debug, Default)]
pub struct Ndjson {
    second: i64,
    /// The time of that second as it is written, without the `Z`.
    text: String,
}

impl Ndjson {
    /// Appends a record. One that is no event, because another version wrote it, is left out.
    pub fn record(&mut self, record: &Record<'_>, to: &mut Vec<u8>) {
        if self.line(record, to).is_none()
            && let Some(event) = record.event()
        {
            push(&event, to);
        }
    }

    /// Appends that lines were dropped because they were not taken.
    pub fn not_shown(&mut self, lines: u64, to: &mut Vec<u8>) {
        let event = Event {
            at: Timestamp::now(),
            source: Source::Xii,
            release: None,
            what: What::Dropped {
                sink: terminal::NAME.to_owned(),
                lines,
            },
        };
        push(&event, to);
    }

    /// A line of text, without building an event; `None`, and nothing appended, for anything else.
    fn line(&mut self, record: &Record<'_>, to: &mut Vec<u8>) -> Option<()> {
        let Body::Line {
            stream,
            continues,
            unterminated,
            level,
            bytes,
        } = record.body
        else {
            return None;
        };
        let text = std::str::from_utf8(bytes).ok()?;
        let source = std::str::from_utf8(record.source).ok()?;
        let release = std::str::from_utf8(record.release).ok()?;
        self.tell(record.at_ns)?;
        to.extend_from_slice(b"{\"at\":\"");
        to.extend_from_slice(self.text.as_bytes());
        push_fraction(record.at_ns.rem_euclid(1_000_000_000), to);
        to.extend_from_slice(b"Z\",\"source\":");
        push_string(source, to);
        if !release.is_empty() {
            to.extend_from_slice(b",\"release\":");
            push_string(release, to);
        }
        to.extend_from_slice(match stream {
            Stream::Stdout => b",\"event\":\"line\",\"stream\":\"stdout\",\"text\":",
            Stream::Stderr => b",\"event\":\"line\",\"stream\":\"stderr\",\"text\":",
        });
        push_string(text, to);
        if continues {
            to.extend_from_slice(b",\"continues\":true");
        }
        if unterminated {
            to.extend_from_slice(b",\"unterminated\":true");
        }
        if let Some(level) = level {
            to.extend_from_slice(b",\"level\":\"");
            to.extend_from_slice(name(level).as_bytes());
            to.push(b'"');
        }
        to.extend_from_slice(b"}\n");
        Some(())
    }

    /// Formats the time, once a second.
    fn tell(&mut self, at_ns: i64) -> Option<()> {
        let second = at_ns.div_euclid(1_000_000_000);
        if self.text.is_empty() || second != self.second {
            let at = Timestamp::from_second(second).ok()?;
            self.text = at.to_string();
            self.text.pop();
            self.second = second;
        }
        Some(())
    }
}

fn push(event: &Event, to: &mut Vec<u8>) {
    let start = to.len();
    // It cannot fail: no key is anything but text.
    match serde_json::to_writer(&mut *to, event) {
        Ok(()) => to.push(b'\n'),
        Err(_) => to.truncate(start),
    }
}

fn push_string(text: &str, to: &mut Vec<u8>) {
    // Text can always be written to memory.
    let _ = serde_json::to_writer(to, text);
}

/// The part of a second, without the zeros at its end.
fn push_fraction(mut ns: i64, to: &mut Vec<u8>) {
    if ns == 0 {
        return;
    }
    let mut digits = [b'0'; 9];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (ns % 10).to_le_bytes()[0];
        ns /= 10;
    }
    let end = digits.iter().rposition(|digit| *digit != b'0');
    to.push(b'.');
    to.extend_from_slice(&digits[..end.map_or(0, |end| end + 1)]);
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Trace => "trace",
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
        Level::Fatal => "fatal",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xii_model::{Instance, Line};

    use super::*;
    use crate::log::record::{Records, push_event};

    fn level() -> impl Strategy<Value = Option<Level>> {
        use Level::{Debug, Error, Fatal, Info, Trace, Warn};
        proptest::option::of(prop_oneof![
            Just(Trace),
            Just(Debug),
            Just(Info),
            Just(Warn),
            Just(Error),
            Just(Fatal),
        ])
    }

    proptest! {
        #[test]
        fn it_is_what_serde_writes(
            at_ns in prop_oneof![0..2_000_000_000_000_000_000_i64, (0..2_000_000_i64).prop_map(|ms| ms * 1_000_000)],
            text in prop_oneof![".{0,20}".prop_map(String::into_bytes), proptest::collection::vec(any::<u8>(), 0..20)],
            flags in any::<[bool; 3]>(),
            level in level(),
            release in proptest::option::of("[a-z\"]{1,3}"),
        ) {
            let event = Event {
                at: Timestamp::from_nanosecond(i128::from(at_ns)).expect("a time"),
                source: Source::Instance(Instance::new("web", 1)),
                release,
                what: What::Line(Line {
                    stream: if flags[0] { Stream::Stdout } else { Stream::Stderr },
                    bytes: text,
                    continues: flags[1],
                    unterminated: flags[2],
                    level,
                }),
            };
            let mut block = Vec::new();
            push_event(&mut block, &event);
            let mut view = Ndjson::default();
            let mut shown = Vec::new();
            for record in Records::of(&block) {
                view.record(&record, &mut shown);
            }
            let expected = serde_json::to_string(&event).expect("JSON") + "\n";
            prop_assert_eq!(String::from_utf8_lossy(&shown), expected);
        }
    }
}
