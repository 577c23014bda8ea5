//! One request and its answer.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;
use xii_model::Instance;

use super::connection::Client;
use super::download::{Download, DownloadFault};
use super::tunnel;
use super::upload::{Upload, UploadFault};
use crate::router::backends::Lease;
use crate::router::deadline::Deadline;
use crate::router::fault::Fault;
use crate::router::metrics::Cause;
use crate::router::rewrite::{self, To};
use crate::router::wire::{Framing, MOST_FIELDS, Malformed, Refusal, ResponseHead, Scan};
use crate::router::worker::{BUFFER, Buffers, Worker};

/// The most connections that a request is tried on.
const MOST_TRIES: usize = 4;
/// The most answers before the answer: `100 Continue`, `103 Early Hints`.
const MOST_INFORMATIONAL: usize = 32;
/// How long an answer is still waited for when the client has closed its side. A client that only says
/// that it will send no more gets what comes soon; one that has gone does not keep an instance busy.
const HALF_CLOSED: Duration = Duration::from_secs(1);
/// Buffers grow to this for bodies that are larger than they are.
const LARGE: usize = 64 << 10;

/// What of the request's head decides how it is passed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) framing: Framing,
    /// The method is HEAD.
    pub(super) to_head: bool,
    /// The method is one that may be sent twice.
    pub(super) safe: bool,
    /// The client speaks HTTP/1.0.
    pub(super) old: bool,
    /// It waits for `100 Continue`.
    pub(super) expects: bool,
    /// It asks for another protocol.
    pub(super) upgrades: bool,
    /// Its connection may be kept.
    pub(super) keep: bool,
}

/// What became of a request, for the counters and the observer.
#[derive(Default)]
pub(in crate::router) struct Record {
    pub(in crate::router) status: u16,
    pub(in crate::router) instance: Option<Instance>,
    pub(in crate::router) first_byte: Option<Instant>,
    pub(in crate::router) received: u64,
    pub(in crate::router) sent: u64,
    pub(in crate::router) cause: Option<Cause>,
    pub(in crate::router) fault: Option<String>,
}

/// How an exchange ended.
pub(super) enum End {
    /// The answer was passed on; the connection may go on if `true`.
    Done(bool),
    /// Nothing was answered yet: the router must.
    Fault(Fault),
    /// The client went away.
    Gone,
    /// The answer broke off in the middle; if `true` only a reset shows it.
    Cut(bool),
}

/// Why an instance did not answer.
enum Silence {
    /// The connection ended before a byte of an answer.
    Closed(Fault),
    /// Anything else: not to be tried again.
    Final(End),
}

pub(super) struct Exchange<'x, C> {
    pub(super) worker: &'x Worker,
    pub(super) client: &'x mut C,
    pub(super) buffers: &'x mut Buffers,
    pub(super) deadline: &'x mut Deadline,
    pub(super) plan: Plan,
    pub(super) record: &'x mut Record,
    half_closed: bool,
}

/// The head of an answer, as far as it decides how the body is passed on.
struct Answered {
    framing: Framing,
    reusable: bool,
    switching: bool,
    close: bool,
}

impl<'x, C: Client> Exchange<'x, C> {
    pub(super) fn new(
        worker: &'x Worker,
        client: &'x mut C,
        buffers: &'x mut Buffers,
        deadline: &'x mut Deadline,
        plan: Plan,
        record: &'x mut Record,
    ) -> Self {
        Exchange {
            worker,
            client,
            buffers,
            deadline,
            plan,
            record,
            half_closed: false,
        }
    }

    /// Finds an instance that answers, and passes its answer on.
    pub(super) async fn run(&mut self) -> End {
        let request = &mut self.buffers.request;
        let mut upload = match Upload::new(self.plan.framing, &mut self.buffers.incoming, request) {
            Ok(upload) => upload,
            Err(fault) => return End::Fault(Fault::refused(Refusal::bad(fault.0))),
        };
        if matches!(
            self.plan.framing,
            Framing::Chunked | Framing::Length(LARGE_BODY..)
        ) {
            self.buffers.incoming.grow(LARGE);
        }
        let end = self.run_upload(&mut upload).await;
        self.record.received += upload.received;
        end
    }

    async fn run_upload(&mut self, upload: &mut Upload) -> End {
        let mut tried = Vec::new();
        let mut last = None;
        let mut stale = false;
        for attempt in 0..MOST_TRIES {
            let lease = match self.worker.choose(&tried).await {
                Ok(Some(lease)) => lease,
                Ok(None) => break,
                Err(fault) => return End::Fault(last.unwrap_or(fault)),
            };
            if attempt > 0 {
                self.worker.counters.retry();
                upload.again();
            }
            let idle = match stale {
                true => None,
                false => self.worker.take_idle(&lease, !self.plan.safe),
            };
            let reused = idle.is_some();
            let upstream = match idle {
                Some(stream) => Ok(stream),
                None => self.worker.connect(&lease).await,
            };
            let mut upstream = match upstream {
                Ok(upstream) => upstream,
                Err(fault) => {
                    self.worker.shared.roster.shun(&lease);
                    tried.push(lease.backend().id);
                    self.blame(&lease);
                    last = Some(fault);
                    continue;
                }
            };
            self.blame(&lease);
            match self.await_answer(upload, &mut upstream, &lease).await {
                Ok(answered) => return self.pass_on(upload, upstream, lease, answered).await,
                Err(Silence::Final(end)) => return end,
                Err(Silence::Closed(fault)) => {
                    let may = !upload.beyond && (self.plan.safe || upload.sent_nothing());
                    if !may {
                        return End::Fault(fault);
                    }
                    if reused {
                        stale = true;
                    } else {
                        tried.push(lease.backend().id);
                    }
                    last = Some(fault);
                }
            }
        }
        let waited = self.worker.settings.ready_timeout;
        End::Fault(last.unwrap_or_else(|| Fault::none_ready(waited)))
    }

    /// Says which instance the request went to.
    fn blame(&mut self, lease: &Lease) {
        if self.worker.settings.observer.is_some() {
            self.record.instance = Some(lease.backend().instance.clone());
        }
    }

    fn arm(&mut self, after: Duration) {
        let most = if self.half_closed { HALF_CLOSED } else { after };
        self.deadline.set(after.min(most));
    }

    /// Sends the request while waiting for the head of the answer, which is written for the client.
    async fn await_answer(
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

    fn poll_upload(
        &mut self,
        cx: &mut Context<'_>,
        upload: &mut Upload,
        upstream: &mut TcpStream,
    ) -> Result<(), Silence> {
        let Buffers {
            incoming, request, ..
        } = &mut *self.buffers;
        match upload.poll(cx, self.client, incoming, request, upstream) {
            Poll::Pending | Poll::Ready(Ok(())) => Ok(()),
            Poll::Ready(Err(UploadFault::ClientGone)) => Err(Silence::Final(End::Gone)),
            Poll::Ready(Err(UploadFault::Body(fault))) => {
                Err(final_fault(Fault::refused(Refusal::bad(fault.0))))
            }
            Poll::Ready(Err(UploadFault::Instance(error))) => {
                // It may have answered before it closed, as with 413: that is still to be read.
                upload.broken = Some(error);
                upload.over = true;
                Ok(())
            }
        }
    }

    fn closed(&self, instance: &Instance, error: Option<&std::io::Error>) -> Silence {
        if self.buffers.backward.filled().is_empty() {
            Silence::Closed(Fault::closed(instance, error))
        } else {
            final_fault(Fault::closed(instance, error))
        }
    }

    /// Whether the client has gone. What it sends ahead, its next request, is read and kept.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> bool {
        while !self.half_closed && !self.buffers.incoming.is_full() {
            match self.buffers.incoming.poll_fill(cx, self.client) {
                Poll::Pending | Poll::Ready(Ok(1..)) => {}
                Poll::Ready(Ok(0)) => self.half_closed = true,
                Poll::Ready(Err(_)) => return true,
            }
            return false;
        }
        false
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
            || self.worker.is_stopping();
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
    async fn send_informational(&mut self) -> Result<(), Silence> {
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

    /// Passes the answer on, and what is left of the request.
    async fn pass_on(
        &mut self,
        upload: &mut Upload,
        mut upstream: TcpStream,
        lease: Lease,
        answered: Answered,
    ) -> End {
        if answered.switching {
            return self.switch(upstream).await;
        }
        let Buffers {
            backward, answer, ..
        } = &mut *self.buffers;
        let unpack = self.plan.old;
        let mut download = match Download::new(answered.framing, unpack, backward, answer) {
            Ok(download) => download,
            Err(fault) => {
                self.record.status = 0;
                let instance = &lease.backend().instance;
                return End::Fault(Fault::malformed(instance, Malformed(fault.0)));
            }
        };
        if !download.is_read() {
            backward.grow(LARGE);
        }
        let passed = self.pass_body(upload, &mut upstream, &mut download).await;
        self.record.sent = download.sent;
        match passed {
            Ok(()) => {}
            Err(DownloadFault::ClientGone) => return End::Gone,
            Err(fault) => {
                let instance = &lease.backend().instance;
                let why = match fault {
                    DownloadFault::Body(fault) => fault.0.to_owned(),
                    DownloadFault::Instance(Some(error)) if is_timeout(&error) => {
                        "it stood still for too long".to_owned()
                    }
                    _ => "the connection ended too early".to_owned(),
                };
                self.record.cause = Some(Cause::CutShort);
                self.record.fault = Some(format!("{instance}'s answer broke off: {why}"));
                return End::Cut(!download.shows_its_end());
            }
        }
        if answered.reusable && upload.is_whole() && self.buffers.backward.filled().is_empty() {
            self.worker.keep_idle(&lease, upstream);
        }
        drop(lease);
        End::Done(!answered.close && !self.half_closed && self.rest_is_read(upload))
    }

    /// Whether the whole request has been read. One whose body is still coming when its answer is whole
    /// ends its connection: nobody would read on.
    fn rest_is_read(&mut self, upload: &Upload) -> bool {
        upload.is_read()
    }

    async fn pass_body(
        &mut self,
        upload: &mut Upload,
        upstream: &mut TcpStream,
        download: &mut Download,
    ) -> Result<(), DownloadFault> {
        let idle = self.worker.settings.idle_timeout;
        let mut armed = false;
        poll_fn(|cx| {
            let before = upload.moves + download.moves;
            if !upload.over
                && let Err(silence) = self.poll_upload(cx, upload, upstream)
            {
                // The answer goes on where the request does not; but a malformed one is cut.
                match silence {
                    Silence::Final(End::Gone) => {
                        return Poll::Ready(Err(DownloadFault::ClientGone));
                    }
                    _ => {
                        let error = std::io::ErrorKind::InvalidData.into();
                        return Poll::Ready(Err(DownloadFault::Instance(Some(error))));
                    }
                }
            }
            let Buffers {
                backward, answer, ..
            } = &mut *self.buffers;
            let passed = download.poll(cx, self.client, answer, backward, upstream);
            if passed.is_ready() {
                return passed;
            }
            if upload.over && self.poll_gone(cx) {
                return Poll::Ready(Err(DownloadFault::ClientGone));
            }
            if !armed || upload.moves + download.moves != before {
                self.arm(idle);
                armed = true;
            }
            if self.deadline.poll(cx).is_pending() {
                return Poll::Pending;
            }
            Poll::Ready(Err(match download.on_client || self.half_closed {
                true => DownloadFault::ClientGone,
                false => DownloadFault::Instance(Some(std::io::ErrorKind::TimedOut.into())),
            }))
        })
        .await
    }

    /// Passes `101` on, and then bytes both ways.
    async fn switch(&mut self, mut upstream: TcpStream) -> End {
        if self.send_informational().await.is_err() {
            return End::Gone;
        }
        let Buffers {
            incoming, backward, ..
        } = &mut *self.buffers;
        let silence = self.worker.settings.tunnel_timeout;
        let (up, down) = tunnel::run(
            self.client,
            incoming,
            &mut upstream,
            backward,
            self.deadline,
            silence,
        )
        .await;
        self.record.received = up;
        self.record.sent = down;
        End::Done(false)
    }
}

const LARGE_BODY: u64 = BUFFER as u64;

fn is_timeout(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::TimedOut
}

fn final_fault(fault: Fault) -> Silence {
    Silence::Final(End::Fault(fault))
}
