//! The body of a request on its way: whole, or fed in parts.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::wire::Seen;

/// The body of a request on its way.
#[derive(Debug)]
pub(super) enum Sending {
    /// All of it.
    Whole(Bytes),
    /// Parts, as they are given. When the giver goes before the end, the connection is broken off.
    Fed {
        parts: mpsc::UnboundedReceiver<Bytes>,
        left: u64,
        seen: Arc<Seen>,
    },
}

impl Sending {
    /// A body that is there.
    pub(super) fn whole(body: impl Into<Bytes>) -> Self {
        Sending::Whole(body.into())
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Sending::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Sending::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Sending::Fed { parts, left, seen } => match parts.poll_recv(context) {
                Poll::Pending => {
                    seen.starved();
                    Poll::Pending
                }
                Poll::Ready(None) => Poll::Ready(None),
                Poll::Ready(Some(part)) => {
                    *left = left.saturating_sub(part.len() as u64);
                    Poll::Ready(Some(Ok(Frame::data(part))))
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Sending::Whole(bytes) => bytes.is_empty(),
            Sending::Fed { left, .. } => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Sending::Whole(bytes) => bytes.len() as u64,
            Sending::Fed { left, .. } => *left,
        })
    }
}
