//! What the connections of one thread share.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::backends::{Lease, Seat};
use super::buffer::Buffer;
use super::date::Date;
use super::fault::Fault;
use super::handle::Shared;
use super::identity::Dice;
use super::metrics::Counters;
use super::settings::Settings;

/// The size of a buffer when it is taken; what has grown is shrunk to it again.
pub(super) const BUFFER: usize = 16 << 10;
/// The most buffers that are kept for connections to come.
const MOST_BUFFERS: usize = 128;
/// The most of them that stay as large as they have grown.
const MOST_LARGE_BUFFERS: usize = 8;
/// The most connections to one backend that a thread keeps idle.
const MOST_IDLE: usize = 128;
/// How old an idle connection may be to carry a request that must not be sent twice. Servers close idle
/// connections after 2 s and more, and a request that is sent at that moment is lost.
const FRESH: Duration = Duration::from_secs(1);
/// How long to wait before instances that take no connection are asked again.
const MOMENT: Duration = Duration::from_millis(50);
/// How old an idle connection may be at all.
const STALE: Duration = Duration::from_secs(60);

/// The buffers of a connection that has a request.
pub(super) struct Buffers {
    /// From the client.
    pub(super) incoming: Buffer,
    /// The head for the instance, and what of the body came with it.
    pub(super) request: Vec<u8>,
    /// From the instance.
    pub(super) backward: Buffer,
    /// The head for the client, and what of the body came with it.
    pub(super) answer: Vec<u8>,
}

/// A connection to an instance that has no request.
struct Idle {
    stream: TcpStream,
    since: Instant,
}

/// A backend, and this thread's idle connections to it.
struct Place {
    seat: Arc<Seat>,
    idle: Vec<Idle>,
}

/// What the connections of one thread share. None of it is held across an await.
pub(super) struct Worker {
    pub(super) settings: Arc<Settings>,
    pub(super) shared: Arc<Shared>,
    pub(super) counters: Arc<Counters>,
    pub(super) dice: RefCell<Dice>,
    pub(super) date: RefCell<Date>,
    /// Told when the backends have changed.
    pub(super) changed: Notify,
    stopping: Cell<bool>,
    connections: RefCell<HashMap<u64, Waker>>,
    next_connection: Cell<u64>,
    /// Told when a connection has ended.
    pub(super) ended: Notify,
    places: RefCell<Vec<Place>>,
    epoch: Cell<u64>,
    turn: Cell<usize>,
    buffers: RefCell<Vec<Buffers>>,
}

impl Worker {
    pub(super) fn new(
        settings: Arc<Settings>,
        shared: Arc<Shared>,
        counters: Arc<Counters>,
    ) -> Self {
        Worker {
            settings,
            shared,
            counters,
            dice: RefCell::new(Dice::new()),
            date: RefCell::default(),
            changed: Notify::new(),
            stopping: Cell::new(false),
            connections: RefCell::default(),
            next_connection: Cell::new(0),
            ended: Notify::new(),
            places: RefCell::default(),
            epoch: Cell::new(0),
            turn: Cell::new(0),
            buffers: RefCell::default(),
        }
    }

    pub(super) fn take_buffers(&self) -> Buffers {
        self.buffers.borrow_mut().pop().unwrap_or_else(|| Buffers {
            incoming: Buffer::new(BUFFER),
            request: Vec::with_capacity(2 << 10),
            backward: Buffer::new(BUFFER),
            answer: Vec::with_capacity(2 << 10),
        })
    }

    pub(super) fn give_buffers(&self, mut buffers: Buffers) {
        let mut kept = self.buffers.borrow_mut();
        if kept.len() < MOST_BUFFERS {
            if kept.len() < MOST_LARGE_BUFFERS {
                buffers.incoming.clear();
                buffers.backward.clear();
            } else {
                buffers.incoming.shrink(BUFFER);
                buffers.backward.shrink(BUFFER);
            }
            for head in [&mut buffers.request, &mut buffers.answer] {
                head.clear();
                head.shrink_to(4 * BUFFER);
            }
            kept.push(buffers);
        }
    }

    /// Chooses who gets a request, among those that were not tried yet; waits a while when no instance is
    /// ready at all.
    pub(super) async fn choose(&self, tried: &[u64]) -> Result<Option<Lease>, Fault> {
        let until = Instant::now() + self.settings.ready_timeout;
        loop {
            let changed = self.changed.notified();
            if let Some(lease) = self.choose_now(tried) {
                return Ok(Some(lease));
            }
            if !tried.is_empty() {
                return Ok(None);
            }
            if tokio::time::timeout_at(until, changed).await.is_err() {
                return Err(Fault::none_ready(self.settings.ready_timeout));
            }
        }
    }

    /// Waits a moment for an instance that takes no connection yet, or for others; whether there is time.
    pub(super) async fn pause(&self, until: Option<Instant>) -> bool {
        let changed = self.changed.notified();
        let now = Instant::now();
        match until {
            Some(until) if now < until => {
                let moment = until.min(now + MOMENT);
                // Either is a reason to look again.
                let _ = tokio::time::timeout_at(moment, changed).await;
                true
            }
            _ => false,
        }
    }

    fn choose_now(&self, tried: &[u64]) -> Option<Lease> {
        let roster = &self.shared.roster;
        loop {
            if roster.epoch() != self.epoch.get() {
                self.refresh();
            }
            let places = self.places.borrow();
            let turn = self.turn.get() % places.len().max(1);
            self.turn.set(turn + 1);
            let seats = places.iter().map(|place| &place.seat);
            if let Ok(lease) = roster.choose(self.epoch.get(), seats, turn, tried) {
                return lease;
            }
        }
    }

    /// Learns the ready backends, and closes idle connections to others.
    pub(super) fn refresh(&self) {
        let (epoch, seats) = self.shared.roster.ready();
        let mut places = self.places.borrow_mut();
        let mut old = std::mem::take(&mut *places);
        for seat in seats {
            let known = old.iter().position(|place| Arc::ptr_eq(&place.seat, &seat));
            places.push(match known {
                Some(at) => old.swap_remove(at),
                None => Place {
                    seat,
                    idle: Vec::new(),
                },
            });
        }
        self.epoch.set(epoch);
        self.changed.notify_waiters();
    }

    /// An idle connection to this backend that is still open, if there is one that may be used.
    pub(super) fn take_idle(&self, lease: &Lease, only_fresh: bool) -> Option<TcpStream> {
        let mut places = self.places.borrow_mut();
        let id = lease.backend().id;
        let place = places.iter_mut().find(|it| it.seat.backend.id == id)?;
        while let Some(idle) = place.idle.pop() {
            if only_fresh && idle.since.elapsed() > FRESH {
                place.idle.push(idle);
                return None;
            }
            if is_quiet(&idle.stream) {
                return Some(idle.stream);
            }
        }
        None
    }

    /// Keeps a connection for a request to come.
    pub(super) fn keep_idle(&self, lease: &Lease, stream: TcpStream) {
        let mut places = self.places.borrow_mut();
        let id = lease.backend().id;
        let place = places.iter_mut().find(|it| it.seat.backend.id == id);
        if let Some(place) = place.filter(|it| it.idle.len() < MOST_IDLE && !self.stopping.get()) {
            let since = Instant::now();
            place.idle.push(Idle { stream, since });
        }
    }

    /// Closes the idle connections that the instance has closed, or that nobody has used for long.
    pub(super) fn sweep(&self) {
        for place in self.places.borrow_mut().iter_mut() {
            place
                .idle
                .retain(|it| it.since.elapsed() < STALE && is_quiet(&it.stream));
        }
    }

    /// A new connection to a backend.
    pub(super) async fn connect(&self, lease: &Lease) -> Result<TcpStream, Fault> {
        let backend = lease.backend();
        let limit = self.settings.connect_timeout;
        match timeout(limit, TcpStream::connect(backend.address)).await {
            Err(_) => Err(Fault::connect_timeout(&backend.instance, limit)),
            Ok(Err(error)) => Err(Fault::connect(&backend.instance, &error)),
            Ok(Ok(stream)) => {
                // Without it small writes wait for acknowledgements; nothing breaks if it fails.
                let _ = stream.set_nodelay(true);
                Ok(stream)
            }
        }
    }

    /// Whether the router is stopping: no connection is kept for another request.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    /// Whether connections are to end with their answer: the router stops, or others wait for their place.
    pub(super) fn wants_room(&self) -> bool {
        self.stopping.get() || self.shared.crowded.load(Ordering::Relaxed)
    }

    /// Has connections that have no request make room, when others wait for it.
    pub(super) fn make_room(&self) {
        if self.wants_room() {
            self.wake_all();
        }
    }

    /// Has every connection look whether it may end.
    pub(super) fn stop(&self) {
        self.stopping.set(true);
        for place in self.places.borrow_mut().iter_mut() {
            place.idle.clear();
        }
        self.wake_all();
    }

    fn wake_all(&self) {
        for waker in self.connections.borrow().values() {
            waker.wake_by_ref();
        }
    }

    /// How many connections of clients are open.
    pub(super) fn open(&self) -> usize {
        self.connections.borrow().len()
    }
}

/// Whether nothing came on an idle connection, not even its end. Without news from the system this asks
/// nobody.
fn is_quiet(stream: &TcpStream) -> bool {
    let mut byte = [0; 1];
    matches!(stream.try_read(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// A client's connection, counted as long as this lives.
pub(super) struct Open {
    worker: Rc<Worker>,
    number: u64,
}

impl Open {
    /// Counts it from now on, also before its task has run for the first time.
    pub(super) fn new(worker: &Rc<Worker>) -> Self {
        let number = worker.next_connection.get();
        worker.next_connection.set(number + 1);
        worker
            .connections
            .borrow_mut()
            .insert(number, Waker::noop().clone());
        Open {
            worker: Rc::clone(worker),
            number,
        }
    }
}

impl Open {
    /// Has the task that runs now woken when the router stops.
    pub(super) async fn listen(&self) {
        poll_fn(|cx| {
            let waker = cx.waker().clone();
            self.worker
                .connections
                .borrow_mut()
                .insert(self.number, waker);
            Poll::Ready(())
        })
        .await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.worker.connections.borrow_mut().remove(&self.number);
        self.worker.counters.closed();
        self.worker.ended.notify_waiters();
    }
}
