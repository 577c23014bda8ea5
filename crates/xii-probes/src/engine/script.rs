//! The transcript of a probe: what happened in its runs, what it did, and what decides.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use jiff::Timestamp;
use xii_model::{Asked, Deed, Event, Mark, Moment, What};

use super::leaks::Leaks;

/// The most moments of a transcript.
const MOST: usize = 400;
/// The longest text of a moment, in characters.
const LONGEST: usize = 300;

/// When, who, what, and what it means.
type Line = (Timestamp, String, String, Mark);

/// A transcript while it is written. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    lines: Rc<RefCell<Vec<Line>>>,
    left_out: Rc<RefCell<u64>>,
}

impl Script {
    pub(super) fn say(&self, at: Timestamp, source: &str, text: impl Into<String>, mark: Mark) {
        let mut lines = self.lines.borrow_mut();
        // What decides is always kept.
        if lines.len() >= MOST && matches!(mark, Mark::Seen | Mark::Done) {
            *self.left_out.borrow_mut() += 1;
            return;
        }
        lines.push((at, source.to_owned(), text.into(), mark));
    }

    pub(super) fn asked(&self, asked: &Asked) {
        let text = asked.to_string();
        self.say(Timestamp::now(), "probe", text, Mark::Done);
    }

    /// Takes in what a reader should know of a run's events without being told.
    pub(super) fn take(&self, events: &[Event]) {
        for event in events {
            if let Some(text) = tellable(event) {
                self.say(event.at, &source_of(event), text, Mark::Seen);
            }
        }
    }

    /// The transcript, in order, with times from its beginning, and everything masked that is secret.
    pub(super) fn moments(&self, leaks: &Leaks) -> Vec<Moment> {
        let mut lines = self.lines.borrow().clone();
        lines.sort_by_key(|(at, ..)| *at);
        let mut seen = HashSet::new();
        lines.retain(|(at, source, text, _)| seen.insert((*at, source.clone(), text.clone())));
        let Some(begin) = lines.first().map(|(at, ..)| *at) else {
            return Vec::new();
        };
        let mut moments: Vec<Moment> = lines
            .into_iter()
            .map(|(at, source, text, mark)| Moment {
                at_us: u64::try_from(at.duration_since(begin).as_micros()).unwrap_or_default(),
                source,
                text: shown(&leaks.masked(&text)),
                mark,
            })
            .collect();
        let left_out = *self.left_out.borrow();
        if left_out > 0 {
            let at_us = moments.last().map_or(0, |last| last.at_us);
            moments.push(Moment {
                at_us,
                source: "probe".to_owned(),
                text: format!("{left_out} more events are left out"),
                mark: Mark::Done,
            });
        }
        moments
    }
}

/// One line, no control characters, not too long.
fn shown(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|one| if one.is_control() { ' ' } else { one })
        .take(LONGEST + 1)
        .collect();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// Who an event's line names: the resource for what happened to it.
pub(super) fn source_of(event: &Event) -> String {
    match &event.what {
        What::Relayed(relayed) => relayed.resource.clone(),
        What::Asked(_) => "probe".to_owned(),
        _ => event.source.to_string(),
    }
}

/// The words for an event that belongs in every transcript; none for those that a probe must cite.
fn tellable(event: &Event) -> Option<String> {
    match &event.what {
        What::Act(act) => match &act.deed {
            Deed::Listening { .. } => Some(act.deed.to_string()),
            _ => None,
        },
        What::Relayed(relayed) => {
            let word = relayed.how.split([' ', ':']).next().unwrap_or_default();
            let counts = ["opened", "closed"].contains(&word);
            (!counts).then(|| relayed.how.clone())
        }
        What::Line(_) => None,
        _ => words(event),
    }
}

/// The words for any event.
pub(super) fn words(event: &Event) -> Option<String> {
    Some(match &event.what {
        What::Started { pid, port, command } => match port {
            Some(port) => format!("started `{command}` (pid {pid}, PORT={port})"),
            None => format!("started `{command}` (pid {pid})"),
        },
        What::Ready { after_ms } => format!("ready after {after_ms} ms"),
        What::NotReady { reason } => format!("not ready: {reason}"),
        What::Signalled { signal, reason } => format!("sent {signal}: {reason}"),
        What::Killed { pids, reason } => format!("killed {pids:?}: {reason}"),
        What::Exited {
            code,
            signal,
            after_ms,
        } => match (code, signal) {
            (_, Some(signal)) => format!("ended by {signal} after {after_ms} ms"),
            (Some(code), None) => format!("exited with {code} after {after_ms} ms"),
            (None, None) => format!("ended after {after_ms} ms"),
        },
        What::Act(act) => format!("pid {} {}", act.pid, act.deed),
        What::Relayed(relayed) => relayed.how.clone(),
        What::Asked(asked) => asked.to_string(),
        What::Line(line) => {
            let stream = match line.stream {
                xii_model::Stream::Stdout => "stdout",
                xii_model::Stream::Stderr => "stderr",
            };
            format!(
                "{stream}: {}",
                String::from_utf8_lossy(&line.bytes).trim_end()
            )
        }
        What::Note { message, .. } => message.clone(),
        _ => return None,
    })
}
