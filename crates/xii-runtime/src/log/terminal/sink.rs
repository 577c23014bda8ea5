//! The terminal as a sink.

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::FileType;

use super::NAME;
use super::queue::{Patience, Queue};
use super::view::View;
use super::writer::Writer;
use crate::log::sink::Sink;

/// So long it is waited for a terminal, or the reader of a pipe, that takes nothing at all.
const PATIENCE: Duration = Duration::from_secs(1);
/// A disk takes everything in the end, but a busy one may keep a writer waiting.
const PATIENCE_WITH_A_DISK: Duration = Duration::from_secs(30);

/// Shows the stream on the standard output, from a thread of its own.
///
/// A terminal that takes nothing (Ctrl-S, a pipe whose reader sleeps) holds the app up for at most a
/// second in all. Then lines are dropped here, and only here; when it takes something again, a line says
/// how many. One that is slow but takes something is waited for, and a file on a busy disk for longer.
///
/// The same is done when it is a file on a disk that is full.
///
/// When nobody reads any more, nothing more is written, and the app runs on: only its user may stop it.
/// What could not be written for that reason is not counted as dropped.
///
/// At its end it shows what waits, as long as something is taken every second; the rest is dropped and
/// counted.
pub struct Terminal {
    queue: Arc<Queue>,
    patience: Patience,
    ended: bool,
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").finish_non_exhaustive()
    }
}

impl Terminal {
    /// Shows on this file. Nobody else should write to it while it does, or lines may mix.
    ///
    /// # Errors
    ///
    /// When no thread can be had.
    pub fn start(out: OwnedFd, view: impl View + 'static) -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let disk = rustix::fs::fstat(&out)
            .is_ok_and(|file| FileType::from_raw_mode(file.st_mode) == FileType::RegularFile);
        let writer = Writer {
            queue: Arc::clone(&queue),
            view: Box::new(view),
            out,
            unwritten: 0,
            unsaid: 0,
            saying: 0,
            torn: false,
        };
        std::thread::Builder::new()
            .name("xii-terminal".to_owned())
            .spawn(move || writer.run())?;
        Ok(Terminal {
            queue,
            patience: Patience::new(if disk { PATIENCE_WITH_A_DISK } else { PATIENCE }),
            ended: false,
        })
    }
}

impl Sink for Terminal {
    fn take(&mut self, block: &Arc<Vec<u8>>, records: u64) {
        self.queue.put(block, records, &mut self.patience);
    }

    /// Nothing: what is brought is shown at once.
    fn flush(&mut self) {}

    fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            // A thread that is stuck in a write ends with the process.
            self.queue.close(&mut self.patience);
        }
    }

    fn dropped(&self) -> (String, u64) {
        (NAME.to_owned(), self.queue.dropped())
    }
}

impl Drop for Terminal {
    /// Ends it, if nobody did.
    fn drop(&mut self) {
        self.end();
    }
}
