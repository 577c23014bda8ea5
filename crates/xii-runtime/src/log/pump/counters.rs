//! How much went through.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use xii_model::{Instance, Stream};

/// What went through the pump, and what did not.
#[derive(Debug, Default)]
pub struct Counters {
    lines: Mutex<BTreeMap<(Instance, bool), Arc<Count>>>,
    dropped: Mutex<BTreeMap<String, u64>>,
}

/// Lines of one stream of an instance.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) lines: AtomicU64,
    pub(super) bytes: AtomicU64,
}

/// What an instance wrote to one of its streams, over all its starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineCount {
    /// Who wrote.
    pub instance: Instance,
    /// Where.
    pub stream: Stream,
    /// Lines; one that is cut into several records counts once.
    pub lines: u64,
    /// Bytes as they were read, line ends included.
    pub bytes: u64,
}

impl Counters {
    /// What every instance wrote, in the order of their names.
    pub fn lines(&self) -> Vec<LineCount> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines
            .iter()
            .map(|((instance, stderr), count)| LineCount {
                instance: instance.clone(),
                stream: if *stderr {
                    Stream::Stderr
                } else {
                    Stream::Stdout
                },
                lines: count.lines.load(Ordering::Relaxed),
                bytes: count.bytes.load(Ordering::Relaxed),
            })
            .collect()
    }

    /// How many lines each sink dropped, by its name. They are asked whenever the stream is quiet, and
    /// every few moments.
    pub fn dropped(&self) -> BTreeMap<String, u64> {
        let dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.clone()
    }

    pub(super) fn of(&self, instance: &Instance, stream: Stream) -> Arc<Count> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (instance.clone(), stream == Stream::Stderr);
        Arc::clone(lines.entry(key).or_default())
    }

    pub(super) fn set_dropped(&self, sink: &str, lines: u64) {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        match dropped.get_mut(sink) {
            Some(count) => *count = lines,
            None => {
                dropped.insert(sink.to_owned(), lines);
            }
        }
    }
}
