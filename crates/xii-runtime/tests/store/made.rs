//! Records that a test knows by their texts, written and asked for.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use xii_model::{Level, Stream};
use xii_runtime::log::record::{Body, LineHead, Record, push_line};
use xii_runtime::log::sink::Sink;
use xii_runtime::store::{Filter, Query, Settings, Store};

/// Small enough that a few records fill a segment.
pub(crate) const SMALL: Settings = Settings {
    segment_bytes: 400,
    total_bytes: 1 << 30,
};

/// A record that a test knows by its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Made {
    pub(crate) at_ns: i64,
    pub(crate) source: String,
    pub(crate) level: Option<Level>,
    pub(crate) stream: Stream,
    pub(crate) text: String,
}

impl Made {
    pub(crate) fn new(at_ns: i64, source: &str, text: impl Into<String>) -> Self {
        Made {
            at_ns,
            source: source.to_owned(),
            level: None,
            stream: Stream::Stdout,
            text: text.into(),
        }
    }

    pub(crate) fn of(record: &Record<'_>) -> Self {
        let Body::Line {
            bytes,
            level,
            stream,
            ..
        } = record.body
        else {
            panic!("only lines were written");
        };
        Made {
            at_ns: record.at_ns,
            source: String::from_utf8_lossy(record.source).into_owned(),
            level,
            stream,
            text: String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    pub(crate) fn push(&self, block: &mut Vec<u8>) {
        let head = LineHead {
            source: &self.source,
            release: "",
            stream: self.stream,
            continues: false,
            unterminated: false,
            level: self.level,
        };
        push_line(block, self.at_ns, head, self.text.as_bytes());
    }
}

pub(crate) fn block(records: &[Made]) -> Arc<Vec<u8>> {
    let mut block = Vec::new();
    for record in records {
        record.push(&mut block);
    }
    Arc::new(block)
}

pub(crate) fn append(store: &mut Store, records: &[Made]) {
    store.take(&block(records), records.len() as u64);
}

pub(crate) fn folder() -> (TempDir, PathBuf) {
    let made = tempfile::tempdir().expect("a folder");
    let log = made.path().join("log");
    (made, log)
}

pub(crate) fn read(query: &mut Query) -> Vec<Made> {
    let mut all = Vec::new();
    let done = query.read(|record| {
        all.push(Made::of(record));
        ControlFlow::<()>::Continue(())
    });
    assert!(done.expect("it can be read").is_continue());
    all
}

pub(crate) fn ask(log: &Path, filter: Filter, last: Option<u64>) -> Vec<Made> {
    read(&mut Query::new(log, filter, last).expect("it can be asked"))
}

pub(crate) fn segments(log: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(log)
        .expect("a folder")
        .map(|file| file.expect("a file").path())
        .collect();
    files.sort();
    files
}
