//! A client's connection: one request after the other.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::exchange::{End, Exchange, Plan, Record};
use crate::router::deadline::Deadline;
use crate::router::fault::Fault;
use crate::router::page;
use crate::router::report::report;
use crate::router::rewrite::{self, Asker, Seen};
use crate::router::wire::{MOST_FIELDS, Refusal, RequestHead, Scan};
use crate::router::worker::{BUFFER, Buffers, Worker};

/// The longest first line of a request.
const LONGEST_LINE: usize = 8 << 10;
/// What a client of HTTP/2 begins with (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long, and how much, is read and thrown away of a client that was told that its connection ends.
/// Without it the system would answer what is unread with a reset, which can overtake the answer.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1 << 20;
/// How long the first request of a connection is waited for when the router stops: it may be on its way.
const LAST_CHANCE: Duration = Duration::from_millis(100);

/// A connection of a client.
pub(in crate::router) trait Client: AsyncRead + AsyncWrite + Unpin {
    /// Has the connection end so that the client cannot take it for the end of its answer.
    fn break_off(&mut self);
}

impl Client for TcpStream {
    fn break_off(&mut self) {
        // If it cannot be set, the connection is closed as any other.
        let _ = self.set_zero_linger();
    }
}

/// Why a connection is no longer served.
pub(in crate::router) enum Ended {
    /// It is to be closed.
    Closed,
    /// The client speaks HTTP/2: these are the bytes that it has sent.
    Http2(Vec<u8>),
}

/// What comes after a request.
enum Next {
    Request,
    Close,
    /// The client may still be sending.
    Linger,
    /// The client must see that the answer is not whole.
    Reset,
}

struct Connection<'c, C> {
    client: &'c mut C,
    asker: &'c Asker,
    worker: &'c Rc<Worker>,
    within: Option<&'static str>,
    deadline: Deadline,
    seen: Seen,
}

/// Serves a client until its connection ends, or turns out to be HTTP/2; `within` names the protocol that
/// the client really speaks, when these requests were taken out of another.
pub(in crate::router) async fn serve<C: Client>(
    client: &mut C,
    asker: &Asker,
    worker: &Rc<Worker>,
    within: Option<&'static str>,
) -> Ended {
    let mut connection = Connection {
        client,
        asker,
        worker,
        within,
        deadline: Deadline::new(worker.settings.head_timeout),
        seen: Seen::default(),
    };
    let mut kept = None;
    let mut first = true;
    if worker.is_stopping() {
        connection.deadline.set(LAST_CHANCE);
    }
    loop {
        let Some(mut buffers) = connection.first_byte(kept.take(), first).await else {
            return Ended::Closed;
        };
        if first && connection.is_http2(&mut buffers).await {
            let bytes = buffers.incoming.filled().to_vec();
            worker.give_buffers(buffers);
            return Ended::Http2(bytes);
        }
        first = false;
        match connection.request(&mut buffers).await {
            Next::Request if buffers.incoming.filled().is_empty() => {
                worker.give_buffers(buffers);
                connection.deadline.set(worker.settings.keep_alive_timeout);
            }
            Next::Request => kept = Some(buffers),
            Next::Close => {
                worker.give_buffers(buffers);
                connection.shut_down().await;
                return Ended::Closed;
            }
            Next::Linger => {
                connection.linger(&mut buffers).await;
                worker.give_buffers(buffers);
                return Ended::Closed;
            }
            Next::Reset => {
                worker.give_buffers(buffers);
                connection.client.break_off();
                return Ended::Closed;
            }
        }
    }
}

impl<C: Client> Connection<'_, C> {
    /// Waits for a request; a connection that waits has no buffers.
    async fn first_byte(&mut self, kept: Option<Buffers>, first: bool) -> Option<Buffers> {
        let mut stopping = self.worker.is_stopping();
        if kept.is_some() {
            return kept;
        }
        poll_fn(|cx| {
            let mut buffers = self.worker.take_buffers();
            match buffers.incoming.poll_fill(cx, self.client) {
                Poll::Ready(Ok(1..)) => return Poll::Ready(Some(buffers)),
                other => {
                    self.worker.give_buffers(buffers);
                    if other.is_ready() || self.worker.wants_room() && !first {
                        return Poll::Ready(None);
                    }
                    if self.worker.is_stopping() && !stopping {
                        stopping = true;
                        self.deadline.set(LAST_CHANCE);
                    }
                }
            }
            self.deadline.poll(cx).map(|()| None)
        })
        .await
    }

    /// Whether the connection begins as HTTP/2 does.
    async fn is_http2(&mut self, buffers: &mut Buffers) -> bool {
        poll_fn(|cx| {
            loop {
                let filled = buffers.incoming.filled();
                if filled.len() >= PREFACE.len() || !PREFACE.starts_with(filled) {
                    return Poll::Ready(filled.starts_with(PREFACE));
                }
                match buffers.incoming.poll_fill(cx, self.client) {
                    Poll::Ready(Ok(1..)) => {}
                    Poll::Ready(_) => return Poll::Ready(false),
                    Poll::Pending => return self.deadline.poll(cx).map(|()| false),
                }
            }
        })
        .await
    }

    /// Reads a request and has it answered.
    async fn request(&mut self, buffers: &mut Buffers) -> Next {
        let head = self.head(buffers).await;
        let started = Instant::now();
        let mut record = Record::default();
        let planned = match head {
            Ok(Some(length)) => self.plan(buffers, length),
            Ok(None) => return Next::Close,
            Err(refusal) => {
                self.seen.clear();
                Err(refusal)
            }
        };
        let plan = match planned {
            Ok(plan) => plan,
            Err(refusal) => {
                let fault = Fault::refused(refusal);
                let told = self.tell(buffers, &fault, false, true, &mut record).await;
                self.report(false, started, record);
                return if told { Next::Linger } else { Next::Close };
            }
        };
        let end = Exchange::new(
            self.worker,
            self.client,
            buffers,
            &mut self.deadline,
            plan,
            &mut record,
        )
        .run()
        .await;
        let next = match end {
            End::Done(true) => Next::Request,
            End::Done(false) if plan.framing.is_none() => Next::Close,
            End::Done(false) => Next::Linger,
            End::Gone => {
                record.cause = Some(crate::router::metrics::Cause::ClientGone);
                record.fault = Some("the client went away before it had its answer".to_owned());
                Next::Close
            }
            End::Cut(true) => Next::Reset,
            End::Cut(false) => Next::Close,
            End::Fault(fault) => {
                let keep = plan.keep && plan.framing.is_none() && !self.worker.wants_room();
                let close = !keep;
                match self
                    .tell(buffers, &fault, plan.to_head, close, &mut record)
                    .await
                {
                    true if keep => Next::Request,
                    true => Next::Linger,
                    false => Next::Close,
                }
            }
        };
        self.report(plan.old, started, record);
        next
    }

    fn report(&self, old: bool, started: Instant, record: Record) {
        let protocol = match self.within {
            Some(protocol) => protocol,
            None if old => "HTTP/1.0",
            None => "HTTP/1.1",
        };
        report(
            self.worker,
            self.asker,
            &self.seen,
            protocol,
            started,
            record,
        );
    }

    /// Reads until a head is whole, and gives its length; `None` if the client goes away before.
    async fn head(&mut self, buffers: &mut Buffers) -> Result<Option<usize>, Refusal> {
        let settings = &self.worker.settings;
        let mut scan = Scan::default();
        let mut armed = false;
        poll_fn(|cx| {
            loop {
                // RFC 9112, 2.2: empty lines before a request are passed over.
                while buffers.incoming.filled().starts_with(b"\r\n") {
                    buffers.incoming.consume(2);
                    scan = Scan::default();
                }
                let filled = buffers.incoming.filled();
                let end = match scan.end(filled) {
                    Ok(end) => end,
                    Err(_) => {
                        let bare = "a line of the request's head ends with a bare line feed";
                        return Poll::Ready(Err(Refusal::bad(bare)));
                    }
                };
                if scan.first_line() > LONGEST_LINE {
                    let long = "the request's first line is too long";
                    return Poll::Ready(Err(Refusal::with(414, long)));
                }
                match end {
                    Some(length) if length > settings.max_head => {
                        return Poll::Ready(Err(too_large()));
                    }
                    Some(length) => return Poll::Ready(Ok(Some(length))),
                    None => {}
                }
                if filled.len() >= settings.max_head {
                    return Poll::Ready(Err(too_large()));
                }
                if buffers.incoming.is_full() {
                    let size = buffers.incoming.size();
                    buffers
                        .incoming
                        .grow((size * 2).min(settings.max_head.max(BUFFER)));
                }
                match buffers.incoming.poll_fill(cx, self.client) {
                    Poll::Ready(Ok(1..)) => {}
                    Poll::Ready(_) => return Poll::Ready(Ok(None)),
                    Poll::Pending => break,
                }
            }
            if buffers.incoming.filled().is_empty() && self.worker.is_stopping() {
                return Poll::Ready(Ok(None));
            }
            if !armed {
                self.deadline.set(settings.head_timeout);
                armed = true;
            }
            self.deadline.poll(cx).map(|()| {
                let slow = "the request's head did not arrive in time";
                Err(Refusal::with(408, slow))
            })
        })
        .await
    }

    /// Reads the head and writes the one for the instance.
    fn plan(&mut self, buffers: &mut Buffers, length: usize) -> Result<Plan, Refusal> {
        let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let bytes = &buffers.incoming.filled()[..length];
        let head = match RequestHead::read(bytes, &mut room) {
            Ok(head) => head,
            Err(refusal) => {
                self.seen.clear();
                return Err(refusal);
            }
        };
        let mut dice = self.worker.dice.borrow_mut();
        let out = &mut buffers.request;
        rewrite::request(&head, self.asker, &mut dice, out, &mut self.seen);
        let plan = Plan {
            framing: head.framing,
            to_head: head.method == "HEAD",
            safe: matches!(head.method, "GET" | "HEAD" | "OPTIONS" | "TRACE"),
            old: head.old,
            expects: head.expects,
            upgrades: rewrite::upgrade(&head).is_some(),
            keep: head.keeps_alive(),
        };
        buffers.incoming.consume(length);
        Ok(plan)
    }

    /// Answers with a fault; whether that could be written.
    async fn tell(
        &mut self,
        buffers: &mut Buffers,
        fault: &Fault,
        to_head: bool,
        close: bool,
        record: &mut Record,
    ) -> bool {
        record.status = fault.status;
        record.cause = Some(fault.cause);
        record.fault = Some(fault.message.clone());
        let body = page::write(
            fault,
            &self.seen.accept,
            &self.seen.request_id,
            to_head,
            close,
            &mut self.worker.date.borrow_mut(),
            &mut buffers.answer,
        );
        record.sent = body as u64;
        self.deadline.set(self.worker.settings.idle_timeout);
        let mut written = 0;
        let answer = &buffers.answer;
        poll_fn(|cx| {
            while written < answer.len() {
                match Pin::new(&mut *self.client).poll_write(cx, &answer[written..]) {
                    Poll::Ready(Ok(length @ 1..)) => written += length,
                    Poll::Ready(_) => return Poll::Ready(false),
                    Poll::Pending => return self.deadline.poll(cx).map(|()| false),
                }
            }
            match Pin::new(&mut *self.client).poll_flush(cx) {
                Poll::Ready(flushed) => Poll::Ready(flushed.is_ok()),
                Poll::Pending => self.deadline.poll(cx).map(|()| false),
            }
        })
        .await
    }

    async fn shut_down(&mut self) {
        self.deadline.set(LINGER);
        poll_fn(|cx| match Pin::new(&mut *self.client).poll_shutdown(cx) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => self.deadline.poll(cx),
        })
        .await;
    }

    /// Says that nothing more comes, and lets the client finish for a while.
    async fn linger(&mut self, buffers: &mut Buffers) {
        self.shut_down().await;
        self.deadline.set(LINGER);
        let mut read = 0;
        poll_fn(|cx| {
            while read < LINGER_BYTES {
                buffers.incoming.clear();
                match buffers.incoming.poll_fill(cx, self.client) {
                    Poll::Ready(Ok(length @ 1..)) => read += length,
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending => return self.deadline.poll(cx),
                }
            }
            Poll::Ready(())
        })
        .await;
    }
}

fn too_large() -> Refusal {
    Refusal::with(431, "the request's head is too large")
}
