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
                Item::Gap(lines) => self.view.not_shown(lines, &mut text),
                Item::Block(block) => {
                    for record in Records::of(&block) {
                        self.unwritten += 1;
                        if is_own(&record) {
                            continue;
                        }
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

    /// Writes all of it, however long the terminal takes.
    fn write(&mut self, text: &mut Vec<u8>) -> Result<(), Errno> {
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
                Err(error) => return Err(error),
            }
        }
        self.queue.wrote(std::mem::take(&mut self.unwritten));
        text.clear();
        text.shrink_to(2 * CHUNK);
        Ok(())
    }
}
