//! The record as events, one JSON object a line.

use xii_model::{Event, Instance, Source, What};
use xii_runtime::supervisor::signal_name;

use super::attend::Ended;
use super::record::Record;

/// All lines: the start, what was done, the end, and how much is not there.
pub(super) fn lines(record: &Record, ended: &Ended, command: &str, instance: &Instance) -> String {
    let event = |at, what| Event {
        at,
        source: Source::Instance(instance.clone()),
        release: None,
        what,
    };
    let mut text = String::new();
    let mut write = |event: Event| {
        // An event is made of texts and numbers, which are JSON.
        if let Ok(line) = serde_json::to_string(&event) {
            text.push_str(&line);
            text.push('\n');
        }
    };
    write(event(
        ended.started,
        What::Started {
            pid: ended.pid,
            port: None,
            command: command.to_owned(),
        },
    ));
    let end = || {
        event(
            ended.at,
            What::Exited {
                code: ended.status.exit_status(),
                signal: ended
                    .status
                    .terminating_signal()
                    .map(|signal| signal_name(signal).to_owned()),
                after_ms: u64::try_from(ended.after.as_millis()).unwrap_or(u64::MAX),
            },
        )
    };
    let mut to_end = true;
    for seen in &record.seen {
        // What outlived the command comes after its end.
        if to_end && seen.at > ended.at {
            write(end());
            to_end = false;
        }
        write(event(seen.at, What::Act(seen.act.clone())));
    }
    if to_end {
        write(end());
    }
    if record.lost > 0 {
        let last = record.seen.last().map_or(ended.at, |seen| seen.at);
        write(event(
            last.max(ended.at),
            What::Dropped {
                sink: "witness".to_owned(),
                lines: record.lost,
            },
        ));
    }
    text
}
