//! How events are kept in memory and on disk: one after the other in a block of bytes.
//!
//! A line is encoded once, where it was read from its pipe, and every sink reads the same block: the
//! store appends it as it is, the terminal renders it, a follower is sent it. The layout, all numbers
//! little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of all that follows |
//! | 8 | nanoseconds since 1970, signed |
//! | 1 | kind: 0 a line, 1 another event |
//! | 1 | of a line: 1 stderr, 2 continues, 4 unterminated, and its level times 16 (0: none) |
//! | 1 | length of the source's name |
//! | 1 | length of the release's name |
//! | … | source, release, then the line's bytes or the event's JSON |

use jiff::Timestamp;
use xii_model::{Event, Level, Line, Source, Stream, What};

/// Bytes before the source's name, the length itself included.
const HEAD: usize = 16;
/// The largest record that is believed when a file is read: a line's cap and room for names.
pub const LARGEST: usize = 1 << 20;

const LINE: u8 = 0;
const OTHER: u8 = 1;
const STDERR: u8 = 1;
const CONTINUES: u8 = 2;
const UNTERMINATED: u8 = 4;

/// What is written of a line besides its bytes and its time.
#[derive(Clone, Copy, Debug)]
pub struct LineHead<'a> {
    /// The source's name, such as `web.1`; 255 bytes of it are kept.
    pub source: &'a str,
    /// The release's name; empty for none.
    pub release: &'a str,
    /// Where it was written.
    pub stream: Stream,
    /// The next record of the same stream is the rest of the line.
    pub continues: bool,
    /// The stream ended in the middle of the line.
    pub unterminated: bool,
    /// Its level, when it shows.
    pub level: Option<Level>,
}

/// Appends a line.
pub fn push_line(block: &mut Vec<u8>, at_ns: i64, head: LineHead<'_>, bytes: &[u8]) {
    let mut flags = head.level.map_or(0, |level| (level as u8 + 1) << 4);
    if head.stream == Stream::Stderr {
        flags |= STDERR;
    }
    if head.continues {
        flags |= CONTINUES;
    }
    if head.unterminated {
        flags |= UNTERMINATED;
    }
    push(block, at_ns, LINE, flags, head.source, head.release, bytes);
}

/// Appends any event.
pub fn push_event(block: &mut Vec<u8>, event: &Event) {
    let at = i64::try_from(event.at.as_nanosecond()).unwrap_or(i64::MAX);
    let source = event.source.to_string();
    let release = event.release.as_deref().unwrap_or_default();
    match &event.what {
        What::Line(line) => {
            let head = LineHead {
                source: &source,
                release,
                stream: line.stream,
                continues: line.continues,
                unterminated: line.unterminated,
                level: line.level,
            };
            push_line(block, at, head, &line.bytes);
        }
        other => {
            // What has no keys that are not text cannot fail to be JSON.
            let json = serde_json::to_vec(other).unwrap_or_default();
            push(block, at, OTHER, 0, &source, release, &json);
        }
    }
}

fn push(
    block: &mut Vec<u8>,
    at_ns: i64,
    kind: u8,
    flags: u8,
    source: &str,
    release: &str,
    payload: &[u8],
) {
    let source = &source.as_bytes()[..source.len().min(255)];
    let release = &release.as_bytes()[..release.len().min(255)];
    let length = HEAD - 4 + source.len() + release.len() + payload.len();
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&(length as u32).to_le_bytes());
    head[4..12].copy_from_slice(&at_ns.to_le_bytes());
    head[12] = kind;
    head[13] = flags;
    head[14] = source.len() as u8;
    head[15] = release.len() as u8;
    block.reserve(4 + length);
    block.extend_from_slice(&head);
    block.extend_from_slice(source);
    block.extend_from_slice(release);
    block.extend_from_slice(payload);
}

/// One record of a block, read in place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record<'a> {
    /// Nanoseconds since 1970.
    pub at_ns: i64,
    /// The source's name.
    pub source: &'a [u8],
    /// The release's name; empty for none.
    pub release: &'a [u8],
    /// What was recorded.
    pub body: Body<'a>,
}

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Body<'a> {
    /// A line.
    Line {
        /// Where it was written.
        stream: Stream,
        /// The rest of the line follows in the stream's next record.
        continues: bool,
        /// The stream ended in the middle of the line.
        unterminated: bool,
        /// Its level, when it shows.
        level: Option<Level>,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// Another event, as the JSON of [`What`].
    Other(&'a [u8]),
}

impl Record<'_> {
    /// The record as an event; `None` when it was not written by [`push_event`].
    pub fn event(&self) -> Option<Event> {
        let source: Source = std::str::from_utf8(self.source).ok()?.parse().ok()?;
        let release = match self.release {
            [] => None,
            name => Some(String::from_utf8_lossy(name).into_owned()),
        };
        let what = match self.body {
            Body::Line {
                stream,
                continues,
                unterminated,
                level,
                bytes,
            } => What::Line(Line {
                stream,
                bytes: bytes.to_vec(),
                continues,
                unterminated,
                level,
            }),
            Body::Other(json) => serde_json::from_slice(json).ok()?,
        };
        let at = Timestamp::from_nanosecond(i128::from(self.at_ns)).ok()?;
        Some(Event {
            at,
            source,
            release,
            what,
        })
    }
}

/// The records of a block, up to the first that is not whole.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    /// The records of this block.
    pub fn of(block: &'a [u8]) -> Self {
        Records { rest: block }
    }

    /// The bytes that were not read: empty, or the beginning of a record that is not whole, or what is
    /// no record.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let (length, rest) = self.rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        if !(HEAD - 4..=LARGEST).contains(&length) {
            return None;
        }
        let (record, rest) = rest.split_at_checked(length)?;
        let (at, record) = record.split_first_chunk::<8>()?;
        let ([kind, flags, source, release], record) = record.split_first_chunk::<4>()?;
        let (source, record) = record.split_at_checked(usize::from(*source))?;
        let (release, payload) = record.split_at_checked(usize::from(*release))?;
        let body = match *kind {
            LINE => Body::Line {
                stream: if flags & STDERR == 0 {
                    Stream::Stdout
                } else {
                    Stream::Stderr
                },
                continues: flags & CONTINUES != 0,
                unterminated: flags & UNTERMINATED != 0,
                level: level(flags >> 4),
                bytes: payload,
            },
            OTHER => Body::Other(payload),
            _ => return None,
        };
        self.rest = rest;
        Some(Record {
            at_ns: i64::from_le_bytes(*at),
            source,
            release,
            body,
        })
    }
}

fn level(code: u8) -> Option<Level> {
    use Level::{Debug, Error, Fatal, Info, Trace, Warn};
    let levels = [Trace, Debug, Info, Warn, Error, Fatal];
    levels.get(usize::from(code).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xii_model::Instance;

    use super::*;

    fn event(what: What) -> Event {
        Event {
            at: Timestamp::from_nanosecond(1_700_000_000_123_456_789).expect("a time"),
            source: Source::Instance(Instance::new("web", 1)),
            release: Some("v3".to_owned()),
            what,
        }
    }

    #[test]
    fn events_come_back_as_they_went_in() {
        let line = |level| {
            event(What::Line(Line {
                stream: Stream::Stderr,
                bytes: b"\xff\x00 bytes".to_vec(),
                continues: true,
                unterminated: false,
                level,
            }))
        };
        let events = [
            line(Some(Level::Fatal)),
            line(Some(Level::Trace)),
            line(None),
            event(What::Ready { after_ms: 12 }),
        ];
        let mut block = Vec::new();
        for event in &events {
            push_event(&mut block, event);
        }
        let back: Vec<_> = Records::of(&block)
            .map(|record| record.event().expect("an event"))
            .collect();
        assert_eq!(back, events);
    }

    #[test]
    fn a_torn_record_is_left_unread() {
        let mut block = Vec::new();
        push_event(&mut block, &event(What::Ready { after_ms: 1 }));
        let whole = block.len();
        push_event(&mut block, &event(What::Ready { after_ms: 2 }));
        for end in whole..block.len() {
            let mut records = Records::of(&block[..end]);
            assert_eq!(records.by_ref().count(), 1);
            assert_eq!(records.rest().len(), end - whole);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for record in Records::of(&bytes) {
                let _ = record.event();
            }
        }
    }
}
