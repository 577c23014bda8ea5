//! Bytes between a read and a write.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// A span of bytes that is filled at its end and emptied at its beginning.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Buffer {
    /// A buffer of this many bytes.
    pub(super) fn new(size: usize) -> Self {
        Buffer {
            bytes: vec![0; size],
            start: 0,
            end: 0,
        }
    }

    /// What is in it.
    pub(super) fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Takes bytes from its beginning.
    pub(super) fn consume(&mut self, length: usize) {
        self.start += length;
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Forgets what is in it.
    pub(super) fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// Whether no byte more fits in.
    pub(super) fn is_full(&self) -> bool {
        self.end - self.start == self.bytes.len()
    }

    /// How many bytes it can hold.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Makes it hold at least this many bytes.
    pub(super) fn grow(&mut self, size: usize) {
        if self.bytes.len() < size {
            self.bytes.resize(size, 0);
        }
    }

    /// Forgets what is in it, and gives back what it has grown by.
    pub(super) fn shrink(&mut self, size: usize) {
        self.clear();
        if self.bytes.len() > size {
            self.bytes.truncate(size);
            self.bytes.shrink_to_fit();
        }
    }

    /// Reads once; 0 when the other side will send no more. There must be room.
    pub(super) fn poll_fill<R: AsyncRead + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut R,
    ) -> Poll<io::Result<usize>> {
        if self.end == self.bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        debug_assert!(self.end < self.bytes.len(), "there is no room to read into");
        let mut room = ReadBuf::new(&mut self.bytes[self.end..]);
        ready!(Pin::new(from).poll_read(cx, &mut room))?;
        let length = room.filled().len();
        self.end += length;
        Poll::Ready(Ok(length))
    }
}
