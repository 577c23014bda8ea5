//! The terminal's thread.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::own::is_own;
use super::queue::{Item, Queue};
use super::view::View;
use crate::log::record::Records;

/// What is written at once, and no more than a line above it.
const CHUNK: usize = 64 * 1024;

/// Shows what comes through the queue.
pub(super) struct Writer {
    pub(super) queue: Arc<Queue>,
    pub(super) view: Box<dyn View>,
    pub(super) out: OwnedFd,
    /// Records whose text is not yet written.
    pub(super) unwritten: u64,
    /// Lines that were dropped, which is still to be said.
    pub(super) unsaid: u64,
    /// The same, where it is said in the text that is not yet written.
    pub(super) saying: u64,
    /// The last write ended in the middle of a line, because a disk was full.
    pub(super) torn: bool,
}

impl Writer {
    pub(super) fn run(mut self) {
        if self.show().is_err() {
            self.queue.gone();
        }
        self.queue.ended();
    }

    fn show(&mut self) -> Result<(), Errno> {
        let mut text = Vec::with_capacity(CHUNK + CHUNK / 2);
        while let Some(item) = self.queue.next() {
            match item {
                Item::Gap(lines) => {
                    self.unsaid += lines;
                    self.say(&mut text);
                }
                Item::Block(block) => {
                    self.say(&mut text);
                    for record in Records::of(&block) {
                        if is_own(&record) {
                            self.queue.wrote(1);
                            continue;
                        }
                        self.unwritten += 1;
                        self.view.record(&record, &mut text);
                        if text.len() >= CHUNK {
                            self.write(&mut text)?;
                        }
                    }
                }
            }
            // A block may be a single line; many of them are written at once when they are there.
            if text.len() >= CHUNK / 2 || self.queue.is_empty() {
                self.write(&mut text)?;
            }
        }
        self.view.finish(&mut text);
        self.write(&mut text)
    }

    /// Appends what was dropped.
    fn say(&mut self, text: &mut Vec<u8>) {
        let lines = std::mem::take(&mut self.unsaid);
        if lines > 0 {
            self.view.not_shown(lines, text);
            self.saying += lines;
        }
    }

    /// Writes all of it, however long the terminal takes. What a full disk does not take is dropped, and
    /// said when there is room again.
    fn write(&mut self, text: &mut Vec<u8>) -> Result<(), Errno> {
        if self.torn && !text.is_empty() {
            text.insert(0, b'\n');
        }
        let mut rest = text.as_slice();
        while !rest.is_empty() {
            match rustix::io::write(&self.out, rest) {
                Ok(count) => {
                    rest = &rest[count..];
                    self.queue.progressed();
                }
                Err(Errno::INTR) => {}
                // Another program that shares the terminal has made it non-blocking.
                Err(Errno::AGAIN) => {
                    let mut ready = [PollFd::new(&self.out, PollFlags::OUT)];
                    match poll(&mut ready, None) {
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(error) => return Err(error),
                    }
                }
                Err(Errno::NOSPC | Errno::DQUOT | Errno::FBIG) => {
                    let written = &text[..text.len() - rest.len()];
                    self.torn = written.last().map_or(self.torn, |last| *last != b'\n');
                    let lost = std::mem::take(&mut self.unwritten);
                    self.queue.lost(lost);
                    self.unsaid += lost + std::mem::take(&mut self.saying);
                    text.clear();
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        if !text.is_empty() {
            self.torn = false;
        }
        self.saying = 0;
        self.queue.wrote(std::mem::take(&mut self.unwritten));
        text.clear();
        text.shrink_to(2 * CHUNK);
        Ok(())
    }
}
