//! Waiting for the head of an answer while the request is sent.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::task::Poll;

use tokio::net::TcpStream;
use tokio::time::Instant;
use xii_model::Instance;

use super::connection::Client;
use super::exchange::{Answered, End, Exchange, Silence, final_fault};
use super::upload::Upload;
use crate::router::backends::Lease;
use crate::router::fault::Fault;
use crate::router::rewrite::{self, To};
use crate::router::wire::{Framing, MOST_FIELDS, Malformed, Refusal, ResponseHead, Scan};
use crate::router::worker::{BUFFER, Buffers};

/// The most answers before the answer: `100 Continue`, `103 Early Hints`.
const MOST_INFORMATIONAL: usize = 32;

impl<C: Client> Exchange<'_, C> {
    /// Sends the request while waiting for the head of the answer, which is written for the client.
    pub(super) async fn await_answer(
        &mut self,
        upload: &mut Upload,
        upstream: &mut TcpStream,
        lease: &Lease,
    ) -> Result<Answered, Silence> {
        self.buffers.backward.clear();
        for _ in 0..MOST_INFORMATIONAL {
            let length = self.await_head(upload, upstream, lease).await?;
            let instance = &lease.backend().instance;
            let answered = self
                .read_head(upload, length)
                .map_err(|malformed| final_fault(Fault::malformed(instance, malformed)))?;
            self.buffers.backward.consume(length);
            let Some(answered) = answered else {
                self.send_informational().await?;
                continue;
            };
            return Ok(answered);
        }
        let many = Malformed("it has too many interim answers");
        Err(final_fault(Fault::malformed(
            &lease.backend().instance,
            many,
        )))
    }

    async fn await_head(
        &mut self,
        upload: &mut Upload,
        upstream: &mut TcpStream,
        lease: &Lease,
    ) -> Result<usize, Silence> {
        let settings = &self.worker.settings;
        let (first_byte, idle) = (settings.first_byte_timeout, settings.idle_timeout);
        let max_head = settings.max_head;
        let instance = &lease.backend().instance;
        let mut scan = Scan::default();
        let mut armed = false;
        poll_fn(|cx| {
            if !upload.over {
                let before = upload.moves;
                if let Err(silence) = self.poll_upload(cx, upload, upstream) {
                    return Poll::Ready(Err(silence));
                }
                if upload.over {
                    armed = false;
                } else if upload.moves != before {
                    self.arm(idle);
                    armed = true;
                }
            }
            loop {
                match scan.end(self.buffers.backward.filled()) {
                    Ok(Some(length)) => return Poll::Ready(Ok(length)),
                    Ok(None) => {}
                    Err(_) => {
                        let bare = Malformed("a line of its head ends with a bare line feed");
                        return Poll::Ready(Err(final_fault(Fault::malformed(instance, bare))));
                    }
                }
                if self.buffers.backward.is_full() {
                    let size = self.buffers.backward.size();
                    if size >= max_head {
                        let large = Malformed("its head is too large");
                        return Poll::Ready(Err(final_fault(Fault::malformed(instance, large))));
                    }
                    self.buffers
                        .backward
                        .grow((size * 2).min(max_head.max(BUFFER)));
                }
                match self.buffers.backward.poll_fill(cx, upstream) {
                    Poll::Pending => break,
                    Poll::Ready(Ok(0)) => return Poll::Ready(Err(self.closed(instance, None))),
                    Poll::Ready(Err(error)) => {
                        return Poll::Ready(Err(self.closed(instance, Some(&error))));
                    }
                    Poll::Ready(Ok(_)) => {
                        if self.record.first_byte.is_none() {
                            self.record.first_byte = Some(Instant::now());
                        }
                    }
                }
            }
            if !armed {
                self.arm(if upload.over { first_byte } else { idle });
                armed = true;
            }
            if upload.over {
                let half_closed = self.half_closed;
                if self.poll_gone(cx) {
                    return Poll::Ready(Err(Silence::Final(End::Gone)));
                }
                if self.half_closed != half_closed {
                    self.arm(first_byte);
                }
            }
            if self.deadline.poll(cx).is_pending() {
                return Poll::Pending;
            }
            Poll::Ready(Err(match () {
                () if self.half_closed => Silence::Final(End::Gone),
                () if upload.over => final_fault(Fault::first_byte(instance, first_byte)),
                () if upload.on_client => final_fault(Fault::refused(Refusal::with(
                    408,
                    "the request's body did not go on",
                ))),
                () => final_fault(Fault::idle(instance, idle)),
            }))
        })
        .await
    }

    fn closed(&self, instance: &Instance, error: Option<&std::io::Error>) -> Silence {
        if self.buffers.backward.filled().is_empty() {
            Silence::Closed(Fault::closed(instance, error))
        } else {
            final_fault(Fault::closed(instance, error))
        }
    }

    /// Reads the head and writes it for the client; `None` for one that is not the answer yet.
    fn read_head(&mut self, upload: &Upload, length: usize) -> Result<Option<Answered>, Malformed> {
        let bytes = &self.buffers.backward.filled()[..length];
        let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let head = ResponseHead::read(bytes, self.plan.to_head, &mut room)?;
        let switching = head.status == 101;
        if switching && !self.plan.upgrades {
            return Err(Malformed("it changes the protocol unasked"));
        }
        // A client that waits for leave to send its body, and got an answer instead, may send the body or
        // not: what comes next on its connection could be either.
        let unclear = self.plan.expects && upload.received == 0 && !upload.is_read();
        let unpack = self.plan.old && head.framing == Framing::Chunked;
        let close = !self.plan.keep
            || unclear
            || unpack
            || self.half_closed
            || head.framing == Framing::UntilClose
            || self.worker.wants_room();
        let to = To {
            old: self.plan.old,
            close,
        };
        let mut date = self.worker.date.borrow_mut();
        rewrite::answer(&head, to, &mut date, &mut self.buffers.answer);
        if head.status < 200 && !switching {
            return Ok(None);
        }
        self.record.status = head.status;
        Ok(Some(Answered {
            framing: head.framing,
            reusable: head.reusable,
            switching,
            close,
        }))
    }

    /// Passes an interim answer on; HTTP/1.0 knows none.
    pub(super) async fn send_informational(&mut self) -> Result<(), Silence> {
        if self.plan.old {
            return Ok(());
        }
        self.arm(self.worker.settings.idle_timeout);
        let gone = |_| Silence::Final(End::Gone);
        let Buffers { answer, .. } = &mut *self.buffers;
        let mut written = 0;
        poll_fn(|cx| {
            while written < answer.len() {
                let part = &answer[written..];
                match std::pin::Pin::new(&mut *self.client).poll_write(cx, part) {
                    Poll::Ready(Ok(length @ 1..)) => written += length,
                    Poll::Ready(_) => return Poll::Ready(Err(())),
                    Poll::Pending => return self.deadline.poll(cx).map(|()| Err(())),
                }
            }
            std::pin::Pin::new(&mut *self.client)
                .poll_flush(cx)
                .map_err(|_| ())
        })
        .await
        .map_err(gone)
    }
}
