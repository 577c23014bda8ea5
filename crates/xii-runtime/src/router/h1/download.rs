//! The answer on its way to the client.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use crate::router::buffer::Buffer;
use crate::router::wire::{Body, ChunkFault, Chunked, Framing, Piece};

/// Why an answer could not be passed on whole.
pub(super) enum DownloadFault {
    /// The client went away.
    ClientGone,
    /// The instance sent a body that is malformed.
    Body(ChunkFault),
    /// The instance closed the connection too early, or it broke.
    Instance(Option<io::Error>),
}

/// How the body is passed on.
enum Flow {
    /// As it is.
    Same(Body),
    /// Taken out of its chunks, for a client that knows none.
    Unpacked(Chunked),
}

/// Sends the answer's head, and then its body while it comes.
pub(super) struct Download {
    flow: Flow,
    /// How much of the answer's buffer was written.
    written: usize,
    /// Bytes at the beginning of the backward buffer that were judged and are to be written.
    ready: usize,
    unflushed: bool,
    /// The instance has closed the connection, which is the end of the body.
    ended: bool,
    /// Bytes of the body that were judged.
    pub(super) sent: u64,
    /// It waits for the client, not for the instance.
    pub(super) on_client: bool,
    /// How often it has moved.
    pub(super) moves: u64,
}

impl Download {
    /// Takes what came of the body with the head into the answer's buffer, after the head, so that both
    /// are written at once.
    pub(super) fn new(
        framing: Framing,
        unpack: bool,
        backward: &mut Buffer,
        answer: &mut Vec<u8>,
    ) -> Result<Self, ChunkFault> {
        let flow = match framing {
            Framing::Chunked if unpack => Flow::Unpacked(Chunked::default()),
            framing => Flow::Same(Body::new(framing)),
        };
        let mut download = Download {
            flow,
            written: 0,
            ready: 0,
            unflushed: false,
            ended: false,
            sent: 0,
            on_client: false,
            moves: 0,
        };
        download.judge(backward, answer)?;
        if download.ready > 0 {
            answer.extend_from_slice(&backward.filled()[..download.ready]);
            backward.consume(download.ready);
            download.ready = 0;
        }
        Ok(download)
    }

    /// Judges what has come: `ready` bytes may be written then, or what is in the answer's buffer.
    fn judge(&mut self, backward: &mut Buffer, answer: &mut Vec<u8>) -> Result<bool, ChunkFault> {
        match &mut self.flow {
            Flow::Same(body) => {
                self.ready = body.take(backward.filled())?;
                self.sent += self.ready as u64;
                Ok(self.ready > 0)
            }
            Flow::Unpacked(chunked) => {
                let before = answer.len();
                loop {
                    match chunked.next(backward.filled())? {
                        Piece::More | Piece::End => break,
                        Piece::Size(length) | Piece::Trailer(length) => backward.consume(length),
                        Piece::Data(length) => {
                            answer.extend_from_slice(&backward.filled()[..length]);
                            backward.consume(length);
                            self.sent += length as u64;
                        }
                    }
                }
                Ok(answer.len() > before)
            }
        }
    }

    /// Whether the whole body has come.
    pub(super) fn is_read(&self) -> bool {
        match &self.flow {
            Flow::Same(body) => body.is_whole(),
            Flow::Unpacked(chunked) => chunked.is_done(),
        }
    }

    /// Whether the client can tell by itself that the body broke off.
    pub(super) fn shows_its_end(&self) -> bool {
        matches!(self.flow, Flow::Same(Body::Left(_) | Body::Chunked(_)))
    }

    /// Passes on what can be passed on.
    pub(super) fn poll<C: AsyncWrite + Unpin, U: AsyncRead + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        client: &mut C,
        answer: &mut Vec<u8>,
        backward: &mut Buffer,
        upstream: &mut U,
    ) -> Poll<Result<(), DownloadFault>> {
        loop {
            self.on_client = true;
            if self.written < answer.len() {
                self.written += ready!(write(cx, client, &answer[self.written..]))?;
                self.moves += 1;
                self.unflushed = true;
            } else if self.ready > 0 {
                let length = ready!(write(cx, client, &backward.filled()[..self.ready]))?;
                backward.consume(length);
                self.ready -= length;
                self.moves += 1;
                self.unflushed = true;
            } else if self.is_read() || self.ended {
                ready!(Pin::new(client).poll_flush(cx)).map_err(|_| DownloadFault::ClientGone)?;
                return Poll::Ready(Ok(()));
            } else {
                if self.written > 0 {
                    answer.clear();
                    self.written = 0;
                }
                if self.judge(backward, answer).map_err(DownloadFault::Body)? || self.is_read() {
                    continue;
                }
                if self.unflushed {
                    ready!(Pin::new(&mut *client).poll_flush(cx))
                        .map_err(|_| DownloadFault::ClientGone)?;
                    self.unflushed = false;
                }
                self.on_client = false;
                match ready!(backward.poll_fill(cx, upstream)) {
                    Ok(0) if matches!(self.flow, Flow::Same(Body::UntilClose)) => self.ended = true,
                    Ok(0) => return Poll::Ready(Err(DownloadFault::Instance(None))),
                    Ok(_) => self.moves += 1,
                    Err(error) => return Poll::Ready(Err(DownloadFault::Instance(Some(error)))),
                }
            }
        }
    }
}

fn write<C: AsyncWrite + Unpin>(
    cx: &mut Context<'_>,
    client: &mut C,
    bytes: &[u8],
) -> Poll<Result<usize, DownloadFault>> {
    match ready!(Pin::new(client).poll_write(cx, bytes)) {
        Ok(0) | Err(_) => Poll::Ready(Err(DownloadFault::ClientGone)),
        Ok(length) => Poll::Ready(Ok(length)),
    }
}
