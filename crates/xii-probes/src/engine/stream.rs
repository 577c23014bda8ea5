//! From the pump to the records of the runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use xii_model::Source;
use xii_runtime::log::record::{Body, Records};
use xii_runtime::log::sink::Sink;

use super::leaks::Leaks;
use super::record::Record;

/// The records of the runs that go on, by their keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    by_key: Arc<Mutex<HashMap<String, (Source, Record)>>>,
}

impl Runs {
    pub(super) fn add(&self, key: &str, source: Source, record: &Record) {
        let mut all = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key.to_owned(), (source, record.clone()));
    }

    pub(super) fn remove(&self, key: &str) {
        let mut all = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(key);
    }

    /// Who it is, and what happened in it.
    pub(super) fn get(&self, key: &str) -> Option<(Source, Record)> {
        let all = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(key).cloned()
    }
}

/// Takes the lines of all runs: searches them, and hands each to its run's record. The key of a run
/// stands where a release stands elsewhere.
pub(super) struct Listener {
    pub(super) records: Runs,
    pub(super) leaks: Arc<Leaks>,
}

impl Sink for Listener {
    fn take(&mut self, block: &Arc<Vec<u8>>, _: u64) {
        for record in Records::of(block) {
            let Ok(key) = std::str::from_utf8(record.release) else {
                continue;
            };
            if let Body::Line { stream, bytes, .. } = record.body {
                let stream = match stream {
                    xii_model::Stream::Stdout => "stdout",
                    xii_model::Stream::Stderr => "stderr",
                };
                let source = String::from_utf8_lossy(record.source);
                self.leaks.search(&format!("{stream} of {source}"), bytes);
            }
            if let (Some((_, to)), Some(event)) = (self.records.get(key), record.event()) {
                to.push(event);
            }
        }
    }

    fn flush(&mut self) {}

    fn dropped(&self) -> (String, u64) {
        ("prove".to_owned(), 0)
    }
}
