//! The request on its way to the instance.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::router::buffer::Buffer;
use crate::router::wire::{Body, ChunkFault, Framing};

/// Why a request could not be sent whole.
pub(super) enum UploadFault {
    /// The client went away.
    ClientGone,
    /// The client sent a body that is malformed.
    Body(ChunkFault),
    /// The instance takes no more. It may have answered all the same.
    Instance(io::Error),
}

/// Sends the head, and then the body while it comes.
pub(super) struct Upload {
    body: Body,
    /// How much of the head, and what came with it, was sent.
    sent: usize,
    /// Bytes at the beginning of the incoming buffer that were judged and are to be sent.
    ready: usize,
    /// Bytes of the body that were judged.
    pub(super) received: u64,
    /// Something was sent that is no longer in the request's buffer, so that it cannot be sent again.
    pub(super) beyond: bool,
    /// All was sent, or no more will be.
    pub(super) over: bool,
    /// It waits for the client, not for the instance.
    pub(super) on_client: bool,
    /// The instance took less than all.
    pub(super) broken: Option<io::Error>,
    /// How often it has moved.
    pub(super) moves: u64,
}

impl Upload {
    /// Takes what came of the body with the head into the request's buffer, after the head, so that both
    /// are sent at once.
    pub(super) fn new(
        framing: Framing,
        incoming: &mut Buffer,
        request: &mut Vec<u8>,
    ) -> Result<Self, ChunkFault> {
        let mut body = Body::new(framing);
        let taken = body.take(incoming.filled())?;
        request.extend_from_slice(&incoming.filled()[..taken]);
        incoming.consume(taken);
        Ok(Upload {
            body,
            sent: 0,
            ready: 0,
            received: taken as u64,
            beyond: false,
            over: false,
            on_client: false,
            broken: None,
            moves: 0,
        })
    }

    /// Begins again on another connection; only while nothing went beyond the request's buffer.
    pub(super) fn again(&mut self) {
        self.sent = 0;
        self.over = false;
        self.broken = None;
    }

    /// Whether not a byte of the request left this machine's buffers for certain: the connection took none.
    pub(super) fn sent_nothing(&self) -> bool {
        self.sent == 0 && !self.beyond
    }

    /// Whether the client has sent all of the body.
    pub(super) fn is_read(&self) -> bool {
        self.body.is_whole() && self.ready == 0
    }

    /// Whether all of the request was sent.
    pub(super) fn is_whole(&self) -> bool {
        self.over && self.broken.is_none()
    }

    /// Sends what can be sent.
    pub(super) fn poll<C: AsyncRead + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        client: &mut C,
        incoming: &mut Buffer,
        request: &[u8],
        upstream: &mut TcpStream,
    ) -> Poll<Result<(), UploadFault>> {
        loop {
            self.on_client = false;
            if self.sent < request.len() {
                self.sent += ready!(write(cx, upstream, &request[self.sent..]))?;
                self.moves += 1;
            } else if self.ready > 0 {
                let length = ready!(write(cx, upstream, &incoming.filled()[..self.ready]))?;
                incoming.consume(length);
                self.ready -= length;
                self.beyond = true;
                self.moves += 1;
            } else if self.body.is_whole() {
                self.over = true;
                return Poll::Ready(Ok(()));
            } else {
                self.ready = self
                    .body
                    .take(incoming.filled())
                    .map_err(UploadFault::Body)?;
                self.received += self.ready as u64;
                if self.ready > 0 || self.body.is_whole() {
                    continue;
                }
                self.on_client = true;
                match ready!(incoming.poll_fill(cx, client)) {
                    Ok(0) | Err(_) => return Poll::Ready(Err(UploadFault::ClientGone)),
                    Ok(_) => self.moves += 1,
                }
            }
        }
    }
}

fn write(
    cx: &mut Context<'_>,
    upstream: &mut TcpStream,
    bytes: &[u8],
) -> Poll<Result<usize, UploadFault>> {
    match ready!(Pin::new(upstream).poll_write(cx, bytes)) {
        Ok(0) => Poll::Ready(Err(UploadFault::Instance(io::ErrorKind::WriteZero.into()))),
        Ok(length) => Poll::Ready(Ok(length)),
        Err(error) => Poll::Ready(Err(UploadFault::Instance(error))),
    }
}
