//! Starting the router: the socket first, then its threads.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, Instant};

use super::accept::{self, Taken};
use super::backends::Roster;
use super::handle::{Ended, Order, RouterHandle, Running, Shared};
use super::metrics::Counters;
use super::settings::{RouterError, Settings};
use super::tls::Acceptor;
use super::worker::Worker;

/// The most threads that are started unasked.
const MOST_THREADS: usize = 4;
/// How many connections the system keeps until they are taken.
const BACKLOG: i32 = 4096;
/// How often idle connections to instances are looked at.
const SWEEP: Duration = Duration::from_secs(1);

/// The HTTP router in front of `web`.
#[derive(Debug)]
pub struct Router;

impl Router {
    /// Listens, and serves on threads of its own until it is told to stop. It has no backends yet.
    ///
    /// # Errors
    /// An address that cannot be had, such as a port that is taken; a certificate or a key that cannot be
    /// used; threads that cannot be made. Nothing is left behind then.
    pub fn start(settings: Settings) -> Result<RouterHandle, RouterError> {
        let tls = settings.tls.as_ref().map(Acceptor::new).transpose()?;
        let (listener, address) = listen(settings.listen)?;
        let threads = match settings.threads {
            0 => std::thread::available_parallelism()
                .map_or(1, usize::from)
                .min(MOST_THREADS),
            threads => threads,
        };
        let shared = Arc::new(Shared {
            roster: Roster::new(),
            counters: (0..threads).map(|_| Arc::default()).collect(),
            crowded: AtomicBool::new(false),
        });
        let settings = Arc::new(settings);
        let (orders, order) = watch::channel(Order::default());
        let ended = Ended::default();
        let running = Running {
            address,
            shared: Arc::clone(&shared),
            orders,
            ended: ended.clone(),
        };
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..threads).map(|_| mpsc::unbounded_channel()).unzip();
        let mut door = Some((listener, senders));
        for (counters, taken) in shared.counters.iter().zip(receivers) {
            let thread = Thread {
                settings: Arc::clone(&settings),
                shared: Arc::clone(&shared),
                counters: Arc::clone(counters),
                tls: tls.clone(),
                order: order.clone(),
                taken,
                door: door.take(),
            };
            // Dropping `running` on the way out ends those that were started.
            thread.start(&ended).map_err(RouterError::Threads)?;
        }
        Ok(RouterHandle(Arc::new(running)))
    }
}

/// Binds before anything else is made, so that a taken port is an error here and now.
fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), RouterError> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};
    let open = || -> io::Result<(TcpListener, SocketAddr)> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None)?;
        // Connections of a router that has just ended do not keep its port; another listener does.
        sockopt::set_socket_reuseaddr(&socket, true)?;
        rustix::net::bind(&socket, &address)?;
        rustix::net::listen(&socket, BACKLOG)?;
        let listener = TcpListener::from(socket);
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    open().map_err(|error| RouterError::Listen { address, error })
}

type Door = (TcpListener, Vec<mpsc::UnboundedSender<Taken>>);

struct Thread {
    settings: Arc<Settings>,
    shared: Arc<Shared>,
    counters: Arc<Counters>,
    tls: Option<Acceptor>,
    order: watch::Receiver<Order>,
    taken: mpsc::UnboundedReceiver<Taken>,
    /// The thread that takes the connections for all.
    door: Option<Door>,
}

impl Thread {
    /// Runs it, and waits until it has what it needs.
    fn start(self, ended: &Ended) -> io::Result<()> {
        let ends = ended.clone();
        let (begun, begins) = std::sync::mpsc::sync_channel(1);
        ended.begins();
        let started = std::thread::Builder::new()
            .name("router".to_owned())
            .spawn(move || {
                let _told = Tells(ends);
                match runtime() {
                    Ok(runtime) => {
                        let _ = begun.send(Ok(()));
                        self.run(&runtime);
                    }
                    Err(error) => {
                        let _ = begun.send(Err(error));
                    }
                }
            });
        match started {
            Err(error) => {
                ended.ends();
                Err(error)
            }
            Ok(_) => begins
                .recv()
                .unwrap_or_else(|_| Err(io::Error::other("a thread ended at its start"))),
        }
    }

    fn run(self, runtime: &LocalRuntime) {
        let Thread {
            settings,
            shared,
            counters,
            tls,
            order,
            taken,
            door,
        } = self;
        let worker = Rc::new(Worker::new(settings, shared, counters));
        runtime.block_on(serve(worker, tls, order, taken, door));
        // What is still there is cut with the runtime.
    }
}

fn runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build_local(LocalOptions::default())
}

/// Tells that a thread has ended, also when it ended in a panic.
struct Tells(Ended);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.ends();
    }
}

async fn serve(
    worker: Rc<Worker>,
    tls: Option<Acceptor>,
    mut order: watch::Receiver<Order>,
    mut taken: mpsc::UnboundedReceiver<Taken>,
    door: Option<Door>,
) {
    let door = door.map(|(listener, senders)| {
        let worker = Rc::clone(&worker);
        tokio::task::spawn_local(accept::run(listener, senders, worker, order.clone()))
    });
    let mut sweep = tokio::time::interval(SWEEP);
    sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            changed = order.changed() => {
                if changed.is_err() || order.borrow_and_update().stop.is_some() {
                    break;
                }
                worker.refresh();
            }
            Some(taken) = taken.recv() => accept::spawn(taken, &worker, tls.as_ref()),
            _ = sweep.tick() => {
                worker.sweep();
                worker.make_room();
            }
        }
    }
    worker.stop();
    // Who is in the system's queue is still taken, by the thread that takes connections; then nobody
    // listens any more, and who comes is refused at once.
    if let Some(door) = door {
        let _ = door.await;
    }
    let began = Instant::now();
    let mut open = true;
    loop {
        let ended = worker.ended.notified();
        if worker.open() == 0 && !open {
            return;
        }
        let grace = order.borrow_and_update().stop.unwrap_or_default();
        tokio::select! {
            () = ended => {}
            next = taken.recv(), if open => match next {
                Some(next) => accept::spawn(next, &worker, tls.as_ref()),
                None => open = false,
            },
            () = tokio::time::sleep_until(began + grace) => return,
            changed = order.changed() => if changed.is_err() { return },
        }
    }
}
