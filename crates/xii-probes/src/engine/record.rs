//! What happened in a run, as one list of events that its witnesses write and its probe reads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value as Json;
use tokio::sync::watch;
use tokio::time::timeout;
use xii_model::{Act, Address, Deed, Event, Level, Line, Source, Stream, What};

/// The most bytes of lines that are kept of a run. What is beyond is counted.
const MOST_BYTES: usize = 4 << 20;
/// What is left of them once the run is over.
const KEPT_BYTES: usize = 256 << 10;
/// The most events besides lines that are kept of a run.
const MOST_EVENTS: usize = 50_000;

/// The events of a run. Cheap to clone; written from any thread.
#[derive(Clone, Debug)]
pub struct Record {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    kept: Mutex<Kept>,
    /// How many events there were; whoever waits is told of every change.
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<Event>,
    line_bytes: usize,
    others: usize,
    lost_lines: u64,
    lost_others: u64,
}

impl Default for Record {
    fn default() -> Self {
        Record {
            shared: Arc::new(Shared {
                kept: Mutex::default(),
                changed: watch::Sender::new(0),
            }),
        }
    }
}

impl Record {
    /// Adds an event.
    pub fn push(&self, event: Event) {
        let mut kept = self.kept();
        if let What::Line(line) = &event.what {
            if kept.line_bytes + line.bytes.len() > MOST_BYTES {
                kept.lost_lines += 1;
            } else {
                kept.line_bytes += line.bytes.len() + 64;
                kept.events.push(event);
            }
        } else if kept.others >= MOST_EVENTS {
            kept.lost_others += 1;
        } else {
            kept.others += 1;
            kept.events.push(event);
        }
        drop(kept);
        self.shared.changed.send_modify(|count| *count += 1);
    }

    /// Adds something that happened now.
    pub fn say(&self, source: &Source, what: What) {
        self.push(Event {
            at: Timestamp::now(),
            source: source.clone(),
            release: None,
            what,
        });
    }

    /// Keeps only the first lines: the run is over, and many runs may have been talkative.
    pub(super) fn shrink(&self) {
        let mut left = KEPT_BYTES;
        let mut kept = self.kept();
        kept.events.retain(|event| match &event.what {
            What::Line(line) => {
                let fits = line.bytes.len() <= left;
                left = left.saturating_sub(line.bytes.len() + 64);
                fits
            }
            _ => true,
        });
        kept.events.shrink_to_fit();
    }

    /// How many events are kept: a place to read on from.
    pub fn mark(&self) -> usize {
        self.kept().events.len()
    }

    /// All events that are kept, in the order in which they were told.
    pub fn all(&self) -> Vec<Event> {
        self.kept().events.clone()
    }

    /// Those behind a mark.
    pub fn since(&self, mark: usize) -> Vec<Event> {
        self.kept().events.get(mark..).unwrap_or_default().to_vec()
    }

    /// The first event that this is true of.
    pub fn first(&self, is_it: impl Fn(&Event) -> bool) -> Option<Event> {
        self.all().into_iter().find(|one| is_it(one))
    }

    /// Waits for the first event that this is true of, also one that was told before.
    pub async fn wait(&self, within: Duration, is_it: impl Fn(&Event) -> bool) -> Option<Event> {
        self.wait_from(0, within, is_it).await
    }

    /// Waits until no line has come for as long as `pause`, and no longer than `within`: what an instance still has
    /// to say of its start, such as that one more worker is there, belongs to no request.
    pub async fn wait_quiet(&self, pause: Duration, within: Duration) {
        let told = async {
            let is_line = |event: &Event| matches!(event.what, What::Line(_));
            while self.wait_from(self.mark(), pause, is_line).await.is_some() {}
        };
        // It goes on talking: then that is how it is.
        let _ = timeout(within, told).await;
    }

    async fn wait_from(
        &self,
        mark: usize,
        within: Duration,
        is_it: impl Fn(&Event) -> bool,
    ) -> Option<Event> {
        let mut changes = self.shared.changed.subscribe();
        let mut looked = mark;
        let found = async {
            loop {
                changes.mark_unchanged();
                // Who asks may ask the record again: nothing is held meanwhile.
                let new = self.since(looked);
                looked += new.len();
                if let Some(event) = new.into_iter().find(|one| is_it(one)) {
                    return event;
                }
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        timeout(within, found).await.ok()
    }

    /// Waits until something was told behind a mark.
    pub async fn wait_beyond(&self, mark: usize, within: Duration) {
        let mut changes = self.shared.changed.subscribe();
        let told = async { while self.mark() <= mark && changes.changed().await.is_ok() {} };
        // Nothing came: then there is nothing to see.
        let _ = timeout(within, told).await;
    }

    /// Waits for the first line that this is true of.
    pub async fn wait_line(&self, within: Duration, is_it: impl Fn(&str) -> bool) -> Option<Event> {
        self.wait(within, |event| {
            text_of(event).is_some_and(|text| is_it(&text))
        })
        .await
    }

    /// The lines of both streams, or of one.
    pub fn lines(&self, stream: Option<Stream>) -> Vec<(Timestamp, Line)> {
        let kept = self.kept();
        let lines = kept.events.iter().filter_map(|event| match &event.what {
            What::Line(line) if stream.is_none_or(|one| one == line.stream) => {
                Some((event.at, line.clone()))
            }
            _ => None,
        });
        lines.collect()
    }

    /// What the processes did to the system.
    pub fn acts(&self) -> Vec<(Timestamp, Act)> {
        let kept = self.kept();
        let acts = kept.events.iter().filter_map(|event| match &event.what {
            What::Act(act) => Some((event.at, act.clone())),
            _ => None,
        });
        acts.collect()
    }

    /// The addresses that sockets listen on, in order.
    pub fn listening(&self) -> Vec<Address> {
        let mut found: Vec<Address> = Vec::new();
        for (_, act) in self.acts() {
            if let Deed::Listening { address } = act.deed
                && !found.contains(&address)
            {
                found.push(address);
            }
        }
        found
    }

    /// The last lines of both streams, for a reason: what an app said before it gave up.
    pub fn last_words(&self, most: usize) -> Vec<String> {
        let lines = self.lines(None);
        let mut words: Vec<String> = lines
            .iter()
            .rev()
            .map(|(_, line)| String::from_utf8_lossy(&line.bytes).trim().to_owned())
            .filter(|line| !line.is_empty())
            .take(most)
            .collect();
        words.reverse();
        words
    }

    /// The line that says best why an app failed: of an error's level or with an error's words, else the last.
    pub fn complaint(&self) -> Option<String> {
        let lines = self.lines(None);
        let texts: Vec<(Option<Level>, String)> = lines
            .iter()
            .map(|(_, line)| {
                let text = String::from_utf8_lossy(&line.bytes).trim().to_owned();
                (line.level, text)
            })
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let tells = |text: &str| {
            let lower = text.to_ascii_lowercase();
            // A place in a program and a frame of a stack say less than the error's own line.
            !lower.starts_with("at ")
                && !lower.starts_with("file \"")
                && !lower.starts_with("node:")
                && [
                    "error",
                    "exception",
                    "fatal",
                    "panic",
                    "missing",
                    "required",
                    "cannot",
                    "invalid",
                ]
                .iter()
                .any(|word| lower.contains(word))
        };
        let found = raised(&lines).map(|text| (None, text));
        let found = found
            .as_ref()
            .or_else(|| {
                let is_error = |level: Level| level >= Level::Error;
                texts.iter().find(|(level, _)| level.is_some_and(is_error))
            })
            .or_else(|| texts.iter().rev().find(|(_, text)| tells(text)))
            .or_else(|| texts.last());
        found.map(|(_, text)| plain(text).chars().take(300).collect())
    }

    /// Lines and other events that were told beyond what is kept.
    pub fn lost(&self) -> (u64, u64) {
        let kept = self.kept();
        (kept.lost_lines, kept.lost_others)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.shared
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an event in JSON says in words: what went wrong, or else its message. Other lines are words already.
fn plain(text: &str) -> String {
    let Ok(Json::Object(event)) = serde_json::from_str(text) else {
        return text.to_owned();
    };
    let words = |value: &Json| {
        let message = value.get("message").unwrap_or(value);
        message
            .as_str()
            .filter(|words| !words.is_empty())
            .map(str::to_owned)
    };
    let known = ["err", "error", "exception", "message", "msg"];
    let found = known.iter().find_map(|name| words(event.get(*name)?));
    found.unwrap_or_else(|| text.to_owned())
}

/// What Python says in the end of its last traceback, which servers announce as an error of their own.
fn raised(lines: &[(Timestamp, Line)]) -> Option<String> {
    let texts: Vec<_> = lines
        .iter()
        .map(|(_, line)| String::from_utf8_lossy(&line.bytes))
        .collect();
    let last = texts
        .iter()
        .rposition(|text| text.contains("Traceback (most recent call last)"))?;
    let end = texts.get(last + 1..)?.iter().find(|text| {
        let first = text.chars().next();
        first.is_some_and(|first| !first.is_whitespace() && first != '|' && first != '+')
    })?;
    Some(end.trim().to_owned())
}

/// The text of a line's event.
pub fn text_of(event: &Event) -> Option<String> {
    match &event.what {
        What::Line(line) => Some(String::from_utf8_lossy(&line.bytes).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use xii_model::Instance;

    use super::*;

    #[test]
    fn an_event_in_json_is_told_by_its_words() {
        let pino = r#"{"level":50,"err":{"type":"Error","message":"connect ECONNREFUSED"},"msg":"failed"}"#;
        assert_eq!(plain(pino), "connect ECONNREFUSED");
        assert_eq!(
            plain(r#"{"severity":"ERROR","message":"no luck"}"#),
            "no luck"
        );
        for other in ["no luck", r#"{"level":50}"#, "[1]"] {
            assert_eq!(plain(other), other);
        }
    }

    fn line(text: &str) -> What {
        What::Line(Line {
            stream: Stream::Stdout,
            bytes: text.as_bytes().to_vec(),
            continues: false,
            unterminated: false,
            level: None,
        })
    }

    #[tokio::test]
    async fn who_waits_is_told_also_from_another_thread() {
        let record = Record::default();
        let writer = record.clone();
        let source = Source::Instance(Instance::new("web", 1));
        let other = std::thread::spawn(move || {
            writer.say(&source, line("one"));
            writer.say(&source, line("two"));
        });
        let deadline = Duration::from_secs(60);
        assert!(
            record
                .wait_line(deadline, |text| text == "two")
                .await
                .is_some()
        );
        assert!(
            record
                .wait_line(deadline, |text| text == "one")
                .await
                .is_some()
        );
        other.join().expect("it ends");
        let none = record
            .wait_line(Duration::ZERO, |text| text == "three")
            .await;
        assert!(none.is_none());
    }

    #[test]
    fn a_traceback_says_more_than_the_server_that_announces_it() {
        let record = Record::default();
        for text in [
            "[2026-11-20 15:04:02 +0000] [7] [ERROR] Exception in worker process",
            "Traceback (most recent call last):",
            "  File \"/app/config.py\", line 3, in <module>",
            "    NAME = os.environ['SERVER_NAME']",
            "KeyError: 'SERVER_NAME'",
            "[2026-11-20 15:04:02 +0000] [6] [ERROR] Reason: Worker failed to boot.",
        ] {
            record.say(&Source::Xii, line(text));
        }
        assert_eq!(
            record.complaint().as_deref(),
            Some("KeyError: 'SERVER_NAME'")
        );
    }

    #[test]
    fn a_flood_is_counted_and_not_kept() {
        let record = Record::default();
        let long = "x".repeat(1 << 20);
        for _ in 0..10 {
            record.say(&Source::Xii, line(&long));
        }
        let kept: usize = record
            .lines(None)
            .iter()
            .map(|(_, line)| line.bytes.len())
            .sum();
        assert!(kept <= MOST_BYTES);
        assert_eq!(record.lines(None).len() as u64 + record.lost().0, 10);
    }

    #[test]
    fn a_complaint_is_the_errors_own_line() {
        let record = Record::default();
        for text in [
            "starting",
            "/srv/app.js:3",
            "Error: REDIS_URL is required",
            "    at Object.<anonymous> (/srv/app.js:3:9)",
            "Node.js v20.20.2",
        ] {
            record.say(&Source::Xii, line(text));
        }
        assert_eq!(
            record.complaint().as_deref(),
            Some("Error: REDIS_URL is required")
        );
    }
}
