//! An HTTP/1.1 answer, as a stream's.

use std::cell::Cell;
use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use hyper::Response;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::AsyncRead;

use crate::router::buffer::Buffer;
use crate::router::wire::{Chunked, Field, Framing, MOST_FIELDS, Piece, ResponseHead, Scan};
use crate::router::worker::BUFFER;

/// An answer that broke off: its stream is reset, so that the client sees it.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off")]
pub(super) struct BrokenOff;

/// The body of an answer, read from the pipe while the client takes it.
pub(super) struct Answer<R> {
    from: R,
    buffer: Buffer,
    flow: Flow,
    trailers: HeaderMap,
    broken: Rc<Cell<bool>>,
    _guard: Active,
}

enum Flow {
    Left(u64),
    Chunked(Chunked),
    UntilClose,
    Done,
}

/// A stream that is open, counted as long as this lives.
pub(super) struct Active(Rc<Cell<usize>>);

impl Active {
    pub(super) fn new(count: &Rc<Cell<usize>>) -> Self {
        count.set(count.get() + 1);
        Active(Rc::clone(count))
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Reads the head of the answer, past interim ones, which hyper cannot pass on.
pub(super) async fn read<R: AsyncRead + Unpin>(
    mut from: R,
    to_head: bool,
    broken: Rc<Cell<bool>>,
    guard: Active,
) -> Result<Response<Answer<R>>, BrokenOff> {
    let mut buffer = Buffer::new(BUFFER);
    loop {
        let mut scan = Scan::default();
        let length = poll_fn(|cx| {
            loop {
                match scan.end(buffer.filled()) {
                    Ok(Some(length)) => return Poll::Ready(Ok(length)),
                    Ok(None) => {}
                    Err(_) => return Poll::Ready(Err(BrokenOff)),
                }
                if buffer.is_full() {
                    // What wrote it into the pipe has bounded it.
                    let size = buffer.size();
                    buffer.grow(2 * size);
                }
                match ready!(buffer.poll_fill(cx, &mut from)) {
                    Ok(1..) => {}
                    _ => return Poll::Ready(Err(BrokenOff)),
                }
            }
        })
        .await?;
        let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let bytes = &buffer.filled()[..length];
        let head = ResponseHead::read(bytes, to_head, &mut room).map_err(|_| BrokenOff)?;
        if head.status < 200 {
            buffer.consume(length);
            continue;
        }
        let mut response = Response::builder().status(head.status);
        for field in head.fields {
            let hop = matches!(
                Field::of(field.name),
                Field::Connection | Field::TransferEncoding | Field::Upgrade | Field::Hop
            );
            if !hop {
                response = response.header(field.name, field.value);
            }
        }
        let flow = match head.framing {
            Framing::None | Framing::Length(0) => Flow::Done,
            Framing::Length(length) => Flow::Left(length),
            Framing::Chunked => Flow::Chunked(Chunked::default()),
            Framing::UntilClose => Flow::UntilClose,
        };
        buffer.consume(length);
        let body = Answer {
            from,
            buffer,
            flow,
            trailers: HeaderMap::new(),
            broken,
            _guard: guard,
        };
        return response.body(body).map_err(|_| BrokenOff);
    }
}

impl<R: AsyncRead + Unpin> Body for Answer<R> {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let Answer {
            from,
            buffer,
            flow,
            trailers,
            broken,
            ..
        } = &mut *self;
        loop {
            let taken = match flow {
                Flow::Done => return Poll::Ready(None),
                Flow::UntilClose => buffer.filled().len(),
                Flow::Left(left) => {
                    let filled = buffer.filled().len();
                    let taken = usize::try_from(*left).map_or(filled, |left| left.min(filled));
                    *left -= taken as u64;
                    if *left == 0 {
                        *flow = Flow::Done;
                    }
                    taken
                }
                Flow::Chunked(chunked) => match chunked.next(buffer.filled()) {
                    Err(_) => return Poll::Ready(Some(Err(BrokenOff))),
                    Ok(Piece::More) => 0,
                    Ok(Piece::Data(length)) => length,
                    Ok(Piece::Size(length)) => {
                        buffer.consume(length);
                        continue;
                    }
                    Ok(Piece::Trailer(length)) => {
                        trailer(trailers, &buffer.filled()[..length]);
                        buffer.consume(length);
                        continue;
                    }
                    Ok(Piece::End) => {
                        *flow = Flow::Done;
                        if trailers.is_empty() {
                            return Poll::Ready(None);
                        }
                        let trailers = std::mem::take(trailers);
                        return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
                    }
                },
            };
            if taken > 0 {
                let data = Bytes::copy_from_slice(&buffer.filled()[..taken]);
                buffer.consume(taken);
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            match ready!(buffer.poll_fill(cx, from)) {
                Ok(1..) => {}
                Ok(0) if matches!(flow, Flow::UntilClose) && !broken.get() => *flow = Flow::Done,
                _ => return Poll::Ready(Some(Err(BrokenOff))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.flow, Flow::Done)
    }

    fn size_hint(&self) -> SizeHint {
        match self.flow {
            Flow::Left(left) => SizeHint::with_exact(left),
            Flow::Done => SizeHint::with_exact(0),
            Flow::Chunked(_) | Flow::UntilClose => SizeHint::default(),
        }
    }
}

/// Adds a line of the trailers; what HTTP/2 does not allow is left out.
fn trailer(trailers: &mut HeaderMap, line: &[u8]) {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return;
    };
    let name = HeaderName::from_bytes(&line[..colon]);
    let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
    if let (Ok(name), Ok(value)) = (name, value) {
        trailers.append(name, value);
    }
}
