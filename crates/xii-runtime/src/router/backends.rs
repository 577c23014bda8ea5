//! The ready instances, and who gets the next request.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use xii_model::Instance;

/// For how long an instance that took no connection is the last choice.
const SHUNNED: Duration = Duration::from_secs(1);

/// An instance that can serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// The caller's name for this start of the instance: the next start of `web.1` has another.
    pub id: u64,
    /// The instance.
    pub instance: Instance,
    /// Where it listens.
    pub address: SocketAddr,
}

/// A backend and what is outstanding on it, shared by all threads.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) backend: Backend,
    outstanding: AtomicUsize,
    /// Milliseconds since the roster began; 0: not shunned.
    shunned_until: AtomicU64,
    awaited: AtomicBool,
    waiters: Mutex<Vec<oneshot::Sender<()>>>,
}

impl Seat {
    fn new(backend: Backend) -> Self {
        Seat {
            backend,
            outstanding: AtomicUsize::new(0),
            shunned_until: AtomicU64::new(0),
            awaited: AtomicBool::new(false),
            waiters: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::SeqCst)
    }

    /// Resolves once nothing is outstanding.
    fn quiet(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        lock(&self.waiters).push(sender);
        self.awaited.store(true, Ordering::SeqCst);
        self.tell_if_quiet();
        receiver
    }

    fn tell_if_quiet(&self) {
        if self.awaited.load(Ordering::SeqCst) && self.outstanding() == 0 {
            for waiter in lock(&self.waiters).drain(..) {
                // Whoever waited may have gone.
                let _ = waiter.send(());
            }
        }
    }
}

/// A request, or a connection that was taken over by an upgrade, that is outstanding on a backend.
#[derive(Debug)]
pub(super) struct Lease(Arc<Seat>);

impl Lease {
    fn of(seat: &Arc<Seat>) -> Self {
        seat.outstanding.fetch_add(1, Ordering::SeqCst);
        Lease(Arc::clone(seat))
    }

    pub(super) fn backend(&self) -> &Backend {
        &self.0.backend
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.outstanding.fetch_sub(1, Ordering::SeqCst);
        self.0.tell_if_quiet();
    }
}

/// The backends as all threads see them.
#[derive(Debug)]
pub(super) struct Roster {
    began: Instant,
    epoch: AtomicU64,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    ready: Vec<Arc<Seat>>,
    /// Those that were taken out and still have something outstanding.
    leaving: Vec<Arc<Seat>>,
}

impl Roster {
    pub(super) fn new() -> Self {
        Roster {
            began: Instant::now(),
            epoch: AtomicU64::new(0),
            known: Mutex::default(),
        }
    }

    /// Makes these the ready ones. A backend that stays keeps what is outstanding on it.
    pub(super) fn set(&self, backends: Vec<Backend>) {
        let mut known = lock(&self.known);
        let mut old = std::mem::take(&mut known.ready);
        old.append(&mut known.leaving);
        for backend in backends {
            match old.iter().position(|seat| seat.backend == backend) {
                Some(at) => known.ready.push(old.swap_remove(at)),
                None => known.ready.push(Arc::new(Seat::new(backend))),
            }
        }
        // Whoever chooses counts itself in first and looks at the epoch after, so that from here on
        // either it sees that the backends have changed, or `drain` sees it.
        self.epoch.fetch_add(1, Ordering::SeqCst);
        old.retain(|seat| seat.outstanding() > 0);
        known.leaving = old;
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// The ready ones, and the epoch that they are of.
    pub(super) fn ready(&self) -> (u64, Vec<Arc<Seat>>) {
        let known = lock(&self.known);
        (self.epoch(), known.ready.clone())
    }

    /// What is outstanding on a backend, also on one that was taken out.
    pub(super) fn outstanding(&self, id: u64) -> usize {
        let known = lock(&self.known);
        known
            .ready
            .iter()
            .chain(&known.leaving)
            .filter(|seat| seat.backend.id == id)
            .map(|seat| seat.outstanding())
            .sum()
    }

    /// Resolves once nothing is outstanding on a backend; at once for one that is not known.
    pub(super) fn drain(&self, id: u64) -> oneshot::Receiver<()> {
        let known = lock(&self.known);
        let mut seats = known.ready.iter().chain(&known.leaving);
        match seats.find(|seat| seat.backend.id == id) {
            Some(seat) => seat.quiet(),
            None => {
                let (sender, receiver) = oneshot::channel();
                let _ = sender.send(());
                receiver
            }
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Makes a backend that took no connection the last choice for a while: otherwise it would have the
    /// fewest requests outstanding, and be asked first every time.
    pub(super) fn shun(&self, lease: &Lease) {
        let until = self.now() + SHUNNED.as_millis() as u64;
        lease.0.shunned_until.store(until, Ordering::Relaxed);
    }

    /// Chooses among these seats, which are of this epoch: the fewest outstanding, the first of them from
    /// `turn` on; those that were tried already never, those that took no connection lately last.
    ///
    /// # Errors
    /// The backends have changed meanwhile.
    pub(super) fn choose<'s>(
        &self,
        epoch: u64,
        seats: impl Iterator<Item = &'s Arc<Seat>> + Clone,
        turn: usize,
        tried: &[u64],
    ) -> Result<Option<Lease>, Changed> {
        let mut best: Option<(bool, usize, &Arc<Seat>)> = None;
        let (before, after) = (seats.clone().take(turn), seats.skip(turn));
        for seat in after.chain(before) {
            if tried.contains(&seat.backend.id) {
                continue;
            }
            let shunned_until = seat.shunned_until.load(Ordering::Relaxed);
            let shunned = shunned_until != 0 && shunned_until > self.now();
            let rank = (shunned, seat.outstanding.load(Ordering::Relaxed));
            if best.is_none_or(|(shunned, outstanding, _)| rank < (shunned, outstanding)) {
                best = Some((rank.0, rank.1, seat));
            }
        }
        let lease = best.map(|(_, _, seat)| Lease::of(seat));
        if self.epoch() == epoch {
            Ok(lease)
        } else {
            Err(Changed)
        }
    }
}

/// The backends that were chosen among are no longer the ready ones.
#[derive(Debug)]
pub(super) struct Changed;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is whole after every step, so a panic elsewhere spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(id: u64) -> Backend {
        Backend {
            id,
            instance: Instance::new("web", id as u32),
            address: SocketAddr::from(([127, 0, 0, 1], 1)),
        }
    }

    fn choose(roster: &Roster, turn: usize, tried: &[u64]) -> Option<Lease> {
        let (epoch, seats) = roster.ready();
        roster
            .choose(epoch, seats.iter(), turn, tried)
            .expect("nobody changes them")
    }

    #[test]
    fn the_fewest_outstanding_are_chosen_and_ties_go_round() {
        let roster = Roster::new();
        roster.set(vec![backend(1), backend(2), backend(3)]);
        let id = |lease: &Lease| lease.backend().id;
        let second = choose(&roster, 1, &[]).expect("one");
        assert_eq!(id(&second), 2);
        assert_eq!(choose(&roster, 1, &[]).map(|it| id(&it)), Some(3));
        assert_eq!(choose(&roster, 0, &[1]).map(|it| id(&it)), Some(3));
        assert!(choose(&roster, 0, &[1, 2, 3]).is_none());
        roster.shun(&choose(&roster, 0, &[]).expect("the first"));
        assert_eq!(choose(&roster, 0, &[]).map(|it| id(&it)), Some(3));
        assert_eq!(choose(&roster, 0, &[2, 3]).map(|it| id(&it)), Some(1));
    }

    #[test]
    fn draining_waits_for_what_is_outstanding_on_one_that_was_taken_out() {
        let roster = Roster::new();
        roster.set(vec![backend(1), backend(2)]);
        let lease = choose(&roster, 0, &[]).expect("one");
        roster.set(vec![backend(2)]);
        assert_eq!(roster.outstanding(1), 1);
        let mut drained = roster.drain(1);
        assert!(drained.try_recv().is_err());
        drop(lease);
        assert_eq!(drained.try_recv(), Ok(()));
        assert_eq!(roster.drain(7).try_recv(), Ok(()));
    }

    #[test]
    fn a_choice_among_old_backends_is_not_taken() {
        let roster = Roster::new();
        roster.set(vec![backend(1)]);
        let (epoch, seats) = roster.ready();
        roster.set(vec![backend(2)]);
        assert!(roster.choose(epoch, seats.iter(), 0, &[]).is_err());
        assert_eq!(roster.outstanding(1), 0);
    }
}
