//! Keeping what a task writes.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use xii_model::{Instance, Stream};

use crate::log::{PumpHandle, StreamId};

/// Bytes of a task's output that are kept: a dump must not push out what the app has logged.
pub(super) const MOST: u64 = 8 << 20;

/// What all streams of a task may still have kept.
#[derive(Clone, Debug)]
pub(super) struct Room(Arc<AtomicU64>);

impl Room {
    pub(super) fn new() -> Self {
        Room(Arc::new(AtomicU64::new(MOST)))
    }

    /// Whether something was not kept.
    pub(super) fn is_used_up(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// Takes room for these bytes; all that was left is gone when there is not enough.
    fn take(&self, bytes: u64) -> bool {
        let left = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(bytes))
            })
            .unwrap_or(0);
        left > bytes
    }
}

/// Hands a copy of a stream to the pump, as far as there is room.
#[derive(Debug)]
pub(super) struct Recorder {
    to: Option<std::fs::File>,
    room: Room,
    /// The stream is a terminal's, whose lines end with CR and LF.
    terminal: bool,
    /// A CR that may belong to the end of a line.
    held: bool,
}

impl Recorder {
    /// A recorder for a stream, and what the pump calls it. None without a pipe.
    pub(super) fn new(
        pump: &PumpHandle,
        instance: &Instance,
        stream: Stream,
        room: &Room,
        terminal: bool,
    ) -> std::io::Result<(Self, StreamId)> {
        let (read, write): (OwnedFd, OwnedFd) =
            rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let id = pump.attach(read, instance.clone(), stream, None);
        let recorder = Recorder {
            to: Some(write.into()),
            room: room.clone(),
            terminal,
            held: false,
        };
        Ok((recorder, id))
    }

    /// Keeps these bytes.
    pub(super) fn record(&mut self, bytes: &[u8]) {
        let Some(to) = &mut self.to else {
            return;
        };
        let mut lines = Vec::new();
        let bytes = if self.terminal {
            for byte in bytes {
                if std::mem::take(&mut self.held) && *byte != b'\n' {
                    lines.push(b'\r');
                }
                if *byte == b'\r' {
                    self.held = true;
                } else {
                    lines.push(*byte);
                }
            }
            lines.as_slice()
        } else {
            bytes
        };
        // A pump that has ended takes nothing more.
        if !self.room.take(bytes.len() as u64) || to.write_all(bytes).is_err() {
            self.to = None;
        }
    }
}
