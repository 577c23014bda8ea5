//! Holding a running router.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::backends::{Backend, Roster};
use super::metrics::{Counters, Metrics};

/// What all threads of a router share.
pub(super) struct Shared {
    pub(super) roster: Roster,
    pub(super) counters: Vec<Arc<Counters>>,
    /// No more connections can be taken: those that have no request make room.
    pub(super) crowded: AtomicBool,
}

/// What the threads are told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Order {
    /// The backends have changed so many times.
    pub(super) epoch: u64,
    /// Stop: finish what is in flight within this time.
    pub(super) stop: Option<Duration>,
}

/// A running router. Its clones are the same router; when the last is dropped it stops at once.
#[derive(Clone)]
pub struct RouterHandle(pub(super) Arc<Running>);

pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) shared: Arc<Shared>,
    pub(super) orders: watch::Sender<Order>,
    /// Told once every thread has ended.
    pub(super) ended: Ended,
}

/// Those who wait for the end of all threads.
#[derive(Clone, Default)]
pub(super) struct Ended(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    threads: usize,
    waiters: Vec<oneshot::Sender<()>>,
}

impl Ended {
    /// One more thread runs.
    pub(super) fn begins(&self) {
        self.lock().threads += 1;
    }

    /// One thread has ended.
    pub(super) fn ends(&self) {
        let mut waiting = self.lock();
        waiting.threads -= 1;
        if waiting.threads == 0 {
            for waiter in waiting.waiters.drain(..) {
                // Whoever waited may have gone.
                let _ = waiter.send(());
            }
        }
    }

    fn wait(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.lock();
        if waiting.threads == 0 {
            let _ = sender.send(());
        } else {
            waiting.waiters.push(sender);
        }
        receiver
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RouterHandle {
    /// Where it listens: with the port that the system chose, if it was asked to.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Makes these the ready instances, for every request that is not yet on its way to one. Those that
    /// are no longer among them finish what they have, and their idle connections are closed.
    ///
    /// A backend is the same as before if all of it is: id, instance and address.
    pub fn set_backends(&self, backends: Vec<Backend>) {
        self.0.shared.roster.set(backends);
        let epoch = self.0.shared.roster.epoch();
        self.0.orders.send_modify(|order| order.epoch = epoch);
    }

    /// Resolves once no request and no upgraded connection is outstanding on a backend. Take it out with
    /// [`set_backends`](Self::set_backends) first, so that it gets no new one. How long to wait is the
    /// caller's to decide: an upgraded connection can last for ever. It resolves with an error only when the
    /// router is gone.
    pub fn drain(&self, id: u64) -> oneshot::Receiver<()> {
        self.0.shared.roster.drain(id)
    }

    /// How many requests and upgraded connections are outstanding on a backend.
    pub fn outstanding(&self, id: u64) -> usize {
        self.0.shared.roster.outstanding(id)
    }

    /// What was counted so far, by all threads.
    pub fn metrics(&self) -> Metrics {
        let mut sum = Metrics::default();
        for counters in &self.0.shared.counters {
            counters.add_to(&mut sum);
        }
        sum
    }

    /// Takes no more connections, closes those that have no request, finishes what is in flight and says
    /// `Connection: close` (HTTP/2: GOAWAY) with it; cuts what is left after the grace. Resolves once all
    /// of that is done. Asked again, the shorter grace holds.
    pub fn stop(&self, grace: Duration) -> oneshot::Receiver<()> {
        self.0.orders.send_modify(|order| {
            order.stop = Some(order.stop.map_or(grace, |before| before.min(grace)));
        });
        self.0.ended.wait()
    }
}

impl std::fmt::Debug for RouterHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouterHandle")
            .field("address", &self.0.address)
            .finish_non_exhaustive()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.orders
            .send_modify(|order| order.stop = Some(Duration::ZERO));
    }
}
