//! The socket under a connection, which notes how it ends and when it is flushed.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::Miss;

/// What was seen of a socket.
#[derive(Debug, Default)]
pub(super) struct Seen {
    first_read: Mutex<Option<Instant>>,
    broke: Mutex<Option<io::ErrorKind>>,
    waits: AtomicBool,
    flushed: AtomicBool,
    notify: Notify,
}

impl Seen {
    /// A new request begins.
    pub(super) fn begin(&self) {
        *lock(&self.first_read) = None;
        self.waits.store(false, Ordering::Relaxed);
        self.flushed.store(false, Ordering::Relaxed);
    }

    /// When the first byte of the answer was read.
    pub(super) fn first_read(&self) -> Option<Instant> {
        *lock(&self.first_read)
    }

    /// All of the body that was given has been taken, and more is waited for.
    pub(super) fn starved(&self) {
        self.waits.store(true, Ordering::Relaxed);
    }

    /// Waits until the system has all that was given so far.
    pub(super) async fn handed_over(&self) {
        loop {
            let notified = self.notify.notified();
            if self.flushed.load(Ordering::Relaxed) {
                return;
            }
            notified.await;
        }
    }

    /// How the connection ended: broken off, or closed.
    pub(super) fn end(&self) -> Miss {
        match *lock(&self.broke) {
            Some(_) => Miss::Reset,
            None => Miss::Closed,
        }
    }

    fn note(&self, error: &io::Error) {
        *lock(&self.broke) = Some(error.kind());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What is kept is one value, which no panic leaves half written.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A socket that is watched.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    seen: Arc<Seen>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, seen: Arc<Seen>) -> Self {
        Wire { stream, seen }
    }

    fn noted<T>(&self, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(error)) = &poll {
            self.seen.note(error);
        }
        poll
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(context, into);
        if into.filled().len() > before {
            lock(&self.seen.first_read).get_or_insert_with(Instant::now);
        }
        self.noted(poll)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.noted(poll)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(context);
        if poll.is_ready() && self.seen.waits.load(Ordering::Relaxed) {
            self.seen.flushed.store(true, Ordering::Relaxed);
            self.seen.notify.notify_waiters();
        }
        self.noted(poll)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_shutdown(context);
        // A shutdown of what is closed already is no break.
        poll.map(|_| Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.noted(poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
