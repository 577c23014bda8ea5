//! Passing an answer on, and what is left of the request.

use std::future::poll_fn;
use std::task::Poll;

use tokio::net::TcpStream;

use super::connection::Client;
use super::download::{Download, DownloadFault};
use super::exchange::{Answered, End, Exchange, LARGE, Silence};
use super::tunnel;
use super::upload::Upload;
use crate::router::backends::Lease;
use crate::router::fault::Fault;
use crate::router::metrics::Cause;
use crate::router::wire::Malformed;
use crate::router::worker::Buffers;

impl<C: Client> Exchange<'_, C> {
    /// Passes the answer on, and what is left of the request.
    pub(super) async fn pass_on(
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
        // A request whose body is still coming when its answer is whole ends its connection: nobody
        // would read on.
        End::Done(!answered.close && !self.half_closed && upload.is_read())
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

fn is_timeout(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::TimedOut
}
