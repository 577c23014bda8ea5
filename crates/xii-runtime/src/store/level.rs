//! How much a record matters.

use xii_model::{Level, Stream, What};

use crate::log::record::{Body, Record};

/// The level of a record, also where it says none.
///
/// A line that shows no level counts as `info` when it was written to standard output and as `warn`
/// when it was written to standard error: that is where stack traces go, but also what loggers of many
/// languages write by default. Of the other events: an end with another code than 0 or by a signal
/// other than those that ask for an end, an instance that is held, and a request answered with 500 or
/// above are errors; what shows that something is not as it should be is `warn`; the others are `info`.
pub fn level_of(record: &Record<'_>) -> Level {
    match record.body {
        Body::Line { level, stream, .. } => level.unwrap_or(match stream {
            Stream::Stdout => Level::Info,
            Stream::Stderr => Level::Warn,
        }),
        Body::Other(json) => serde_json::from_slice(json).map_or(Level::Info, |what| of(&what)),
    }
}

fn of(what: &What) -> Level {
    match what {
        What::Note { level, .. } => *level,
        What::Line(line) => line.level.unwrap_or(Level::Info),
        What::Exited { code, signal, .. } => match (code, signal.as_deref()) {
            (Some(0), _) | (_, Some("SIGTERM" | "SIGINT" | "SIGHUP")) => Level::Info,
            _ => Level::Error,
        },
        What::Held { .. } => Level::Error,
        What::Request(request) if request.status >= 500 => Level::Error,
        What::NotReady { .. }
        | What::Unhealthy { .. }
        | What::Killed { .. }
        | What::Restarting { .. }
        | What::Dropped { .. } => Level::Warn,
        What::Act(_) | What::Relayed(_) | What::Asked(_) => Level::Debug,
        What::Request(_) | What::Started { .. } | What::Ready { .. } | What::Signalled { .. } => {
            Level::Info
        }
    }
}
