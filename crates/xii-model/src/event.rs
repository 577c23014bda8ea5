//! The one stream of events that everything that runs writes to.
//!
//! The supervisor, the router and what watches an app all write events; the terminal, `xii logs`, the
//! metrics and a verdict's transcript are views of them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Act, Asked, Relayed};

/// Something that happened, when, and to whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// Whom it happened to.
    pub source: Source,
    /// The release that ran, when it has a name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// Who writes an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// xii itself.
    Xii,
    /// The router in front of `web`.
    Router,
    /// An instance of a process type, or a task.
    Instance(Instance),
}

/// One running copy of a process type: `web.2`; or a task: `run.1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance {
    /// The process type.
    pub process: String,
    /// From 1.
    pub number: u32,
}

impl Instance {
    /// The instance of this type with this number.
    pub fn new(process: impl Into<String>, number: u32) -> Self {
        Instance {
            process: process.into(),
            number,
        }
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.process, self.number)
    }
}

/// A name that is no instance's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no instance: an instance is a process type and a number, such as `web.1`")]
pub struct NoInstance(String);

impl FromStr for Instance {
    type Err = NoInstance;

    fn from_str(text: &str) -> Result<Self, NoInstance> {
        let none = || NoInstance(text.to_owned());
        let (process, number) = text.rsplit_once('.').ok_or_else(none)?;
        let number: u32 = number.parse().map_err(|_| none())?;
        if process.is_empty() || number == 0 {
            return Err(none());
        }
        Ok(Instance::new(process, number))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Xii => f.write_str("xii"),
            Source::Router => f.write_str("router"),
            Source::Instance(instance) => instance.fmt(f),
        }
    }
}

impl FromStr for Source {
    type Err = NoInstance;

    fn from_str(text: &str) -> Result<Self, NoInstance> {
        match text {
            "xii" => Ok(Source::Xii),
            "router" => Ok(Source::Router),
            _ => text.parse().map(Source::Instance),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Instance {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instance {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Which of a process's two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How much an event matters: the levels that loggers share, most of them with other names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Every step.
    Trace,
    /// For those who look for a fault.
    Debug,
    /// What happens.
    Info,
    /// What should be looked at.
    Warn,
    /// What failed.
    Error,
    /// What ended the process.
    Fatal,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    /// An instance wrote a line.
    Line(Line),
    /// A process was started.
    Started {
        /// Its process id.
        pid: u32,
        /// The port that it was given.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        port: Option<u16>,
        /// The command line.
        command: String,
    },
    /// An instance is ready to serve.
    Ready {
        /// Milliseconds since its start.
        after_ms: u64,
    },
    /// An instance is not ready, or no longer.
    NotReady {
        /// Why.
        reason: String,
    },
    /// An instance failed its liveness check and will be restarted.
    Unhealthy {
        /// Why.
        reason: String,
    },
    /// A signal was sent to an instance's process group.
    Signalled {
        /// Such as `SIGTERM`.
        signal: String,
        /// Why it was sent.
        reason: String,
    },
    /// What an instance left running after its end was killed.
    Killed {
        /// The processes.
        pids: Vec<u32>,
        /// Why.
        reason: String,
    },
    /// The process ended.
    Exited {
        /// Its exit code, when it ended by itself.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        code: Option<i32>,
        /// The signal that ended it, such as `SIGKILL`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        signal: Option<String>,
        /// Milliseconds since its start.
        after_ms: u64,
    },
    /// The process will be started again.
    Restarting {
        /// Milliseconds until then.
        after_ms: u64,
        /// The how manieth start in a row without a healthy spell.
        attempt: u32,
    },
    /// The instance keeps failing and is not started again until somebody asks.
    Held {
        /// Why.
        reason: String,
    },
    /// The router answered a request.
    Request(Box<Request>),
    /// Lines were dropped because somebody did not take them.
    Dropped {
        /// Who did not: `terminal`, `store`, `drain tcp://…`.
        sink: String,
        /// How many.
        lines: u64,
    },
    /// A process did something to the system: seen by the witness.
    Act(Act),
    /// Something happened between the app and a resource.
    Relayed(Relayed),
    /// A probe sent a request.
    Asked(Box<Asked>),
    /// xii has something to say.
    Note {
        /// How much it matters.
        level: Level,
        /// One lower-case sentence.
        message: String,
    },
}

/// A line that an instance wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Where it was written.
    pub stream: Stream,
    /// The bytes, without the line's end, just as they were written.
    #[serde(with = "text_or_bytes", flatten)]
    pub bytes: Vec<u8>,
    /// The line was longer than the cap: what follows it in the stream is the rest of it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub continues: bool,
    /// It had no line end: the process ended, or closed its stream, in the middle of it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unterminated: bool,
    /// Its level, when it says so in a form that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<Level>,
}

/// `"text"` when the bytes are UTF-8; else `"text"` with replacement characters, and `"bytes"` in hex.
mod text_or_bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Form {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        bytes: Option<String>,
    }

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let exact = std::str::from_utf8(bytes).is_ok();
        let bytes = (!exact).then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        Form { text, bytes }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let form = Form::deserialize(from)?;
        match form.bytes {
            None => Ok(form.text.into_bytes()),
            Some(hex) => (0..hex.len() / 2)
                .map(|at| {
                    hex.get(2 * at..2 * at + 2)
                        .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                        .ok_or_else(|| serde::de::Error::custom("`bytes` is not hexadecimal"))
                })
                .collect(),
        }
    }
}

/// A request that the router answered, or could not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET`.
    pub method: String,
    /// The path, without the query, which may hold secrets.
    pub path: String,
    /// The host that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub host: Option<String>,
    /// The protocol: `HTTP/1.1`, `HTTP/2`.
    pub protocol: String,
    /// The status of the answer.
    pub status: u16,
    /// The instance that answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instance: Option<Instance>,
    /// Microseconds from the request's head to the answer's end.
    pub duration_us: u64,
    /// Microseconds from the request's head to the first byte of the answer.
    pub first_byte_us: u64,
    /// Bytes of the request's body.
    pub received: u64,
    /// Bytes of the answer's body.
    pub sent: u64,
    /// `X-Request-Id`.
    pub request_id: String,
    /// Who asked.
    pub client: String,
    /// Why the router answered itself, when it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_survives_json_byte_for_byte() {
        for bytes in [&b"plain \xc3\xa4"[..], b"broken \xff\xfe utf-8", b""] {
            let event = Event {
                at: Timestamp::UNIX_EPOCH,
                source: Source::Instance(Instance::new("web", 1)),
                release: None,
                what: What::Line(Line {
                    stream: Stream::Stdout,
                    bytes: bytes.to_vec(),
                    continues: false,
                    unterminated: true,
                    level: Some(Level::Warn),
                }),
            };
            let json = serde_json::to_string(&event).expect("an event is JSON");
            let back: Event = serde_json::from_str(&json).expect("and comes back");
            assert_eq!(back, event, "{json}");
        }
    }

    #[test]
    fn instances_are_read_as_they_are_written() {
        assert_eq!("web.2".parse(), Ok(Instance::new("web", 2)));
        assert_eq!("my.type.12".parse(), Ok(Instance::new("my.type", 12)));
        for wrong in ["web", "web.0", ".1", "web.x", ""] {
            assert!(wrong.parse::<Instance>().is_err(), "{wrong}");
        }
        assert_eq!("router".parse(), Ok(Source::Router));
    }
}
