//! A connection that was taken over by an upgrade: bytes both ways.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::router::buffer::Buffer;
use crate::router::deadline::Deadline;

/// One way of a tunnel.
#[derive(Default)]
struct Way {
    ended: bool,
    shut: bool,
    unflushed: bool,
    passed: u64,
}

impl Way {
    /// Passes on what can be passed on; ready when this way has ended and the other side knows it.
    fn poll<F: AsyncRead + Unpin, T: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut F,
        buffer: &mut Buffer,
        to: &mut T,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.shut {
                return Poll::Ready(Ok(()));
            }
            if !buffer.filled().is_empty() {
                let length = ready!(Pin::new(&mut *to).poll_write(cx, buffer.filled()))?;
                if length == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                buffer.consume(length);
                self.passed += length as u64;
                self.unflushed = true;
            } else if self.ended {
                ready!(Pin::new(&mut *to).poll_shutdown(cx))?;
                self.shut = true;
            } else {
                if self.unflushed {
                    ready!(Pin::new(&mut *to).poll_flush(cx))?;
                    self.unflushed = false;
                }
                self.ended = ready!(buffer.poll_fill(cx, from))? == 0;
            }
        }
    }
}

/// Passes bytes both ways until both sides have ended, one has failed, or nothing has moved for too long.
/// How many bytes went from the client, and how many to it.
pub(super) async fn run<C: AsyncRead + AsyncWrite + Unpin, U: AsyncRead + AsyncWrite + Unpin>(
    client: &mut C,
    incoming: &mut Buffer,
    upstream: &mut U,
    backward: &mut Buffer,
    deadline: &mut Deadline,
    silence: Duration,
) -> (u64, u64) {
    let (mut up, mut down) = (Way::default(), Way::default());
    deadline.set(silence);
    poll_fn(|cx| {
        let before = up.passed + down.passed;
        let one = up.poll(cx, client, incoming, upstream);
        let other = down.poll(cx, upstream, backward, client);
        match (one, other) {
            (Poll::Ready(Err(_)), _) | (_, Poll::Ready(Err(_))) => return Poll::Ready(()),
            (Poll::Ready(_), Poll::Ready(_)) => return Poll::Ready(()),
            _ => {}
        }
        if up.passed + down.passed != before {
            deadline.set(silence);
        }
        deadline.poll(cx)
    })
    .await;
    (up.passed, down.passed)
}
