//! One request and its answer.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;
use xii_model::Instance;

use super::connection::Client;
use super::upload::{Upload, UploadFault};
use crate::router::backends::Lease;
use crate::router::deadline::Deadline;
use crate::router::fault::Fault;
use crate::router::metrics::Cause;
use crate::router::wire::{Framing, Refusal};
use crate::router::worker::{BUFFER, Buffers, Worker};

/// The most connections that a request is tried on.
const MOST_TRIES: usize = 4;
/// How long an answer is still waited for when the client has closed its side. A client that only says
/// that it will send no more gets what comes soon; one that has gone does not keep an instance busy.
const HALF_CLOSED: Duration = Duration::from_secs(1);
/// Buffers grow to this for bodies that are larger than they are.
pub(super) const LARGE: usize = 64 << 10;

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

/// What was tried for a request so far.
#[derive(Default)]
struct Tries {
    /// Backends that failed.
    tried: Vec<u64>,
    /// How many connections, since all were begun with anew.
    of_this_round: usize,
    /// A kept connection had ended, so no other is used.
    stale: bool,
    /// None took a connection, and nothing else went wrong: one that is starting may still.
    may_wait: bool,
    until: Option<Instant>,
    last: Option<Fault>,
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
pub(super) enum Silence {
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
    pub(super) half_closed: bool,
}

/// The head of an answer, as far as it decides how the body is passed on.
pub(super) struct Answered {
    pub(super) framing: Framing,
    pub(super) reusable: bool,
    pub(super) switching: bool,
    pub(super) close: bool,
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
        let mut tries = Tries::default();
        loop {
            let lease = match tries.of_this_round < MOST_TRIES {
                true => match self.worker.choose(&tries.tried).await {
                    Ok(lease) => lease,
                    Err(fault) => return End::Fault(tries.last.unwrap_or(fault)),
                },
                false => None,
            };
            let Some(lease) = lease else {
                if tries.may_wait && self.worker.pause(tries.until).await {
                    tries.of_this_round = 0;
                    tries.tried.clear();
                    continue;
                }
                let waited = self.worker.settings.ready_timeout;
                return End::Fault(tries.last.unwrap_or_else(|| Fault::none_ready(waited)));
            };
            tries.of_this_round += 1;
            if tries.last.is_some() {
                self.worker.counters.retry();
                upload.again();
            }
            let idle = match tries.stale {
                true => None,
                false => self.worker.take_idle(&lease, !self.plan.safe),
            };
            let reused = idle.is_some();
            let upstream = match idle {
                Some(stream) => Ok(stream),
                None => self.worker.connect(&lease).await,
            };
            self.blame(&lease);
            let mut upstream = match upstream {
                Ok(upstream) => upstream,
                Err(fault) => {
                    self.worker.shared.roster.shun(&lease);
                    if tries.last.is_none() {
                        tries.until = Some(Instant::now() + self.worker.settings.ready_timeout);
                        tries.may_wait = true;
                    }
                    tries.may_wait &= fault.cause == Cause::Connect;
                    tries.tried.push(lease.backend().id);
                    tries.last = Some(fault);
                    continue;
                }
            };
            match self.await_answer(upload, &mut upstream, &lease).await {
                Ok(answered) => return self.pass_on(upload, upstream, lease, answered).await,
                Err(Silence::Final(end)) => return end,
                Err(Silence::Closed(fault)) => {
                    let may = !upload.beyond && (self.plan.safe || upload.sent_nothing());
                    if !may {
                        return End::Fault(fault);
                    }
                    if reused {
                        tries.stale = true;
                    } else {
                        tries.tried.push(lease.backend().id);
                    }
                    tries.may_wait = false;
                    tries.last = Some(fault);
                }
            }
        }
    }

    /// Says which instance the request went to.
    fn blame(&mut self, lease: &Lease) {
        if self.worker.settings.observer.is_some() {
            self.record.instance = Some(lease.backend().instance.clone());
        }
    }

    pub(super) fn arm(&mut self, after: Duration) {
        let most = if self.half_closed { HALF_CLOSED } else { after };
        self.deadline.set(after.min(most));
    }

    pub(super) fn poll_upload(
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

    /// Whether the client has gone. What it sends ahead, its next request, is read and kept.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> bool {
        while !self.half_closed && !self.buffers.incoming.is_full() {
            match self.buffers.incoming.poll_fill(cx, self.client) {
                Poll::Pending => return false,
                Poll::Ready(Ok(0)) => self.half_closed = true,
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(_)) => return true,
            }
        }
        false
    }
}

const LARGE_BODY: u64 = BUFFER as u64;

/// A fault that no other connection mends.
pub(super) fn final_fault(fault: Fault) -> Silence {
    Silence::Final(End::Fault(fault))
}
