//! Appending to a file, one JSON object a line.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

use super::outlet::{Outlet, Progress};
use crate::log::ndjson::Ndjson;
use crate::log::record::Records;

/// Bytes that are written at once.
const WRITE: usize = 128 << 10;

/// A file that is appended to.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    open: Option<Open>,
    view: Ndjson,
}

#[derive(Debug)]
struct Open {
    file: fs::File,
    /// Which file it is, to see when another one has taken its place.
    id: (u64, u64),
    /// What can be cut: a pipe or a terminal cannot.
    regular: bool,
}

impl File {
    pub(super) fn new(path: PathBuf) -> Self {
        File {
            path,
            open: None,
            view: Ndjson::default(),
        }
    }

    /// The file that has the path now.
    fn current(&mut self) -> io::Result<Open> {
        let there = match fs::metadata(&self.path) {
            Ok(found) => Some((found.dev(), found.ino())),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        match self.open.take() {
            Some(open) if Some(open.id) == there => Ok(open),
            _ => {
                let file = OpenOptions::new()
                    .append(true)
                    .create(true)
                    .mode(0o640)
                    .open(&self.path)?;
                let found = file.metadata()?;
                Ok(Open {
                    file,
                    id: (found.dev(), found.ino()),
                    regular: found.is_file(),
                })
            }
        }
    }
}

impl Outlet for File {
    fn deliver(&mut self, block: &[u8], progress: &mut Progress) -> io::Result<()> {
        let mut open = self.current()?;
        let mut text = Vec::with_capacity(WRITE);
        // Where the line of each record ends.
        let mut ends = Vec::new();
        let skip = usize::try_from(progress.done).unwrap_or(usize::MAX);
        let mut records = Records::of(block).skip(skip).peekable();
        while let Some(record) = records.next() {
            self.view.record(&record, &mut text);
            ends.push(text.len());
            if text.len() >= WRITE || records.peek().is_none() {
                open.append(&text, &ends, progress)?;
                text.clear();
                ends.clear();
            }
        }
        self.open = Some(open);
        Ok(())
    }
}

impl Open {
    /// Appends lines. Those that were not written whole are taken back.
    fn append(&mut self, text: &[u8], ends: &[usize], progress: &mut Progress) -> io::Result<()> {
        let mut written = 0;
        let failed = loop {
            if written == text.len() {
                progress.done += ends.len() as u64;
                return Ok(());
            }
            match self.file.write(&text[written..]) {
                Ok(0) => break ErrorKind::WriteZero.into(),
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break error,
            }
        };
        let whole = ends.partition_point(|end| *end <= written);
        let torn = written - whole.checked_sub(1).map_or(0, |last| ends[last]);
        if self.regular
            && torn > 0
            && let Ok(found) = self.file.metadata()
        {
            let _ = self.file.set_len(found.len().saturating_sub(torn as u64));
        }
        progress.done += whole as u64;
        Err(failed)
    }
}
