//! An interposer, as a probe holds it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc as std_mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use xii_model::Relayed;

use super::connection::Shared;
use super::door::Door;
use super::relay::{Command, Order, Relay};
use super::tally::{Counts, Tally};
use super::teller::Teller;
use super::watched::{self, Watched};

/// A relay between an app and one TCP resource of its. It works on a thread of its own, so that a busy probe
/// slows nothing down. Dropping it resets what is open and ends the thread.
///
/// Every order is carried out when its call returns: after [`Interposer::cut`] no byte of an old connection
/// passes, and after [`Interposer::stall`] none at all. A call waits for the thread, which waits for nothing
/// but what it tells: some microseconds.
#[derive(Debug)]
pub struct Interposer {
    address: SocketAddr,
    tally: Arc<Tally>,
    commands: Option<mpsc::UnboundedSender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Interposer {
    /// Listens on a free port of 127.0.0.1 and relays what comes there to `target`.
    ///
    /// `resource` is the variable that names the resource, such as `DATABASE_URL`. `tell` is called on the
    /// interposer's thread for every connection and every order; when there are very many connections between
    /// two orders, the rest is summed up. It must neither wait nor use the interposer.
    ///
    /// # Errors
    ///
    /// When the system has no port, no descriptor or no thread for it.
    pub async fn start(
        resource: &str,
        target: SocketAddr,
        tell: impl Fn(Relayed) + Send + 'static,
    ) -> io::Result<Interposer> {
        let tally = Arc::new(Tally::default());
        let (commands, orders) = mpsc::unbounded_channel();
        let (opened, address) = oneshot::channel();
        let resource = resource.to_owned();
        let counts = Arc::clone(&tally);
        let thread = thread::Builder::new()
            .name("xii-interposer".to_owned())
            .spawn(move || {
                let teller = Teller::new(resource, Box::new(tell));
                work(target, counts, teller, orders, opened);
            })?;
        let address = address
            .await
            .map_err(|_| io::Error::other("the interposer's thread ended at once"))??;
        Ok(Interposer {
            address,
            tally,
            commands: Some(commands),
            thread: Some(thread),
        })
    }

    /// Where the app is to connect to. It stays the same until the interposer is dropped.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Resets every connection (RST, both ways), and each new one as soon as it has come, until
    /// [`Interposer::restore`]. New ones are counted, and their moments kept.
    ///
    /// This is a resource behind a proxy that has lost it. The app's `connect` succeeds and its first read or
    /// write fails; for a host where nobody listens, follow it with [`Interposer::refuse`].
    pub fn cut(&self) {
        self.order(Order::Cut);
    }

    /// Lets the system refuse new connections (`ECONNREFUSED`), as where nobody listens, until
    /// [`Interposer::restore`]. Those that are open stay.
    ///
    /// What the system refuses does not reach the interposer: it cannot count it, and a look at
    /// [`Interposer::attempts`] shows nothing. A witness sees the `connect(2)`.
    pub fn refuse(&self) {
        self.order(Order::Refuse);
    }

    /// Holds every byte back for this time, each way: an answer takes twice as long. At most 256 KiB are
    /// under way on a connection, each way. Nothing is held back any more after a delay of zero.
    pub fn delay(&self, delay: Duration) {
        self.order(Order::Delay(delay));
    }

    /// Lets all connections together pass on so many bytes a second, each way; at least 1.
    pub fn throttle(&self, bytes_per_second: u64) {
        self.order(Order::Throttle(bytes_per_second));
    }

    /// Takes connections and passes nothing on, neither bytes nor ends, on none of them, until
    /// [`Interposer::restore`]; then what was held goes on. Until then, what the app closes counts as open.
    pub fn stall(&self) {
        self.order(Order::Stall);
    }

    /// Tells the app on every open connection that the resource will send no more (FIN), as a server does
    /// with idle connections. What the app sends still goes to the resource; what that answers is dropped.
    /// New connections are not concerned.
    pub fn half_close(&self) {
        self.order(Order::HalfClose);
    }

    /// Relays as at the start; the target stays the one that was last swapped to.
    pub fn restore(&self) {
        self.order(Order::Restore);
    }

    /// Sends new connections to another target. Those that are open stay where they are.
    pub fn swap(&self, target: SocketAddr) {
        self.order(Order::Swap(target));
    }

    /// What went through so far.
    pub fn counts(&self) -> Counts {
        self.tally.counts()
    }

    /// When each connection came, in order, relayed or turned away: the latest 65,536 of them. There were
    /// more when [`Counts::attempts`] is greater.
    pub fn attempts(&self) -> Vec<Instant> {
        self.tally.moments()
    }

    /// Looks for these bytes in all that goes to the resource from now on, for as long as the answer is
    /// kept. What is encrypted or compressed there is not found.
    pub fn watch(&self, needle: &[u8]) -> Watched {
        let (watched, needle) = watched::watch(needle);
        self.order(Order::Watch(needle));
        watched
    }

    fn order(&self, order: Order) {
        let (done, carried_out) = std_mpsc::sync_channel(1);
        if let Some(commands) = &self.commands {
            // The thread is gone only when what it told has panicked.
            if commands.send(Command { order, done }).is_ok() {
                let _ = carried_out.recv();
            }
        }
    }
}

impl Drop for Interposer {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // A panic of what is told was reported already.
            let _ = thread.join();
        }
    }
}

fn work(
    target: SocketAddr,
    tally: Arc<Tally>,
    teller: Teller,
    orders: mpsc::UnboundedReceiver<Command>,
    opened: oneshot::Sender<io::Result<SocketAddr>>,
) {
    let runtime = runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            // Who started it may have gone.
            let _ = opened.send(Err(error));
            return;
        }
    };
    LocalSet::new().block_on(&runtime, async {
        match Door::open() {
            Ok(door) => {
                let address = door.address();
                if opened.send(Ok(address)).is_ok() {
                    let shared = Shared::new(target, tally, teller);
                    Relay::new(door, shared).run(orders).await;
                }
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        }
    });
}
