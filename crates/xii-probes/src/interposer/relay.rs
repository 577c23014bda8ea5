//! The thread of an interposer: it takes connections and does what it is told, one thing after the other.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Weak, mpsc as std_mpsc};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::connection::{Shared, relay};
use super::door::Door;
use super::line::Rules;
use super::tally::Tally;
use super::teller::{Kind, connections};
use super::watched::Needle;

/// How many connections are relayed at once; each takes two file descriptors.
const MOST_OPEN: usize = 1000;

/// How long no connection is taken when the system has no descriptor for one.
const PAUSE: Duration = Duration::from_millis(50);

/// What an interposer is told.
pub(super) enum Order {
    Cut,
    Refuse,
    Delay(Duration),
    Throttle(u64),
    Stall,
    HalfClose,
    Restore,
    Swap(SocketAddr),
    Watch(Weak<Needle>),
}

/// An order, and whom to tell that it is carried out.
pub(super) struct Command {
    pub(super) order: Order,
    pub(super) done: std_mpsc::SyncSender<()>,
}

/// What becomes of new connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Relay,
    Reset,
    Refuse,
}

/// Takes connections and orders until nobody can give any more.
pub(super) struct Relay {
    door: Door,
    gate: Gate,
    shared: Rc<Shared>,
    tasks: JoinSet<()>,
}

impl Relay {
    pub(super) fn new(door: Door, shared: Shared) -> Self {
        Relay {
            door,
            gate: Gate::Relay,
            shared: Rc::new(shared),
            tasks: JoinSet::new(),
        }
    }

    /// Works until the sender of the commands is gone; then every connection is reset.
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let mut failed = false;
        loop {
            tokio::select! {
                // An order comes before the connections that it is about.
                biased;
                command = commands.recv() => {
                    let Some(Command { order, done }) = command else { break };
                    self.obey(order).await;
                    // Who asked may have gone.
                    let _ = done.send(());
                }
                Some(_) = self.tasks.join_next(), if !self.tasks.is_empty() => {}
                taken = self.door.accept(), if !failed => match taken {
                    Ok(app) => self.take(app),
                    Err(error) => {
                        failed = true;
                        self.shared.teller.connection(Kind::Refused, || {
                            format!("could not take a connection: {error}")
                        });
                    }
                },
                () = sleep(PAUSE), if failed => failed = false,
            }
        }
        self.tasks.shutdown().await;
        self.shared.teller.sum_up();
    }

    fn take(&mut self, app: TcpStream) {
        let shared = &self.shared;
        let number = shared.tally.attempt();
        let full = self.tasks.len() >= MOST_OPEN;
        if self.gate == Gate::Relay && !full {
            self.tasks
                .spawn_local(relay(Rc::clone(shared), app, number));
            return;
        }
        // Closed so, the socket is reset; it fails only when the app has left already.
        let _ = app.set_zero_linger();
        drop(app);
        Tally::add(&shared.tally.refused, 1);
        shared.teller.connection(Kind::Refused, || {
            if full {
                format!("refused connection {number}: no more than {MOST_OPEN} are relayed at once")
            } else {
                format!("refused connection {number}")
            }
        });
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Cut => {
                self.gate = Gate::Reset;
                let listens = self.reopen();
                let reset = connections(self.shared.open.borrow().len());
                self.tasks.shutdown().await;
                self.tell(format!(
                    "cut: {reset} reset, new ones are reset too{listens}"
                ));
            }
            Order::Refuse => {
                self.take_waiting().await;
                self.gate = Gate::Refuse;
                self.door.close();
                let open = connections(self.shared.open.borrow().len());
                self.tell(format!("refuses new connections; {open} left open"));
            }
            Order::Delay(delay) => {
                self.change(|rules| rules.delay = delay);
                self.tell(format!("delays by {} ms each way", delay.as_millis()));
            }
            Order::Throttle(rate) => {
                let rate = rate.max(1);
                self.shared.to_resource.forget();
                self.shared.to_app.forget();
                self.change(|rules| rules.rate = Some(rate));
                self.tell(format!("throttled to {rate} bytes a second each way"));
            }
            Order::Stall => {
                self.gate = Gate::Relay;
                let listens = self.reopen();
                self.change(|rules| rules.stalled = true);
                self.tell(format!(
                    "stalled: connections are taken, and nothing passes{listens}"
                ));
            }
            Order::HalfClose => {
                let open: Vec<_> = self.shared.open.borrow().values().cloned().collect();
                for ends in &open {
                    ends.half_close();
                }
                // Wakes those who hold something for the app.
                self.change(|_| {});
                let told = connections(open.len());
                self.tell(format!("half-closed: the app was told the end of {told}"));
            }
            Order::Restore => {
                self.gate = Gate::Relay;
                let listens = self.reopen();
                self.change(|rules| *rules = Rules::default());
                self.tell(format!("restored{listens}"));
            }
            Order::Swap(target) => {
                self.take_waiting().await;
                self.shared.target.set(target);
                self.tell(format!("swapped: new connections go to {target}"));
            }
            Order::Watch(needle) => self.shared.needles.borrow_mut().push(needle),
        }
    }

    fn change(&self, how: impl FnOnce(&mut Rules)) {
        self.shared.rules.send_modify(how);
    }

    /// Listens again; says why not when the system refuses.
    fn reopen(&mut self) -> String {
        match self.door.reopen() {
            Ok(()) => String::new(),
            Err(error) => format!(", but it cannot listen: {error}"),
        }
    }

    /// Takes the connections that were made before an order came.
    async fn take_waiting(&mut self) {
        while let Some(Ok(app)) = self.waiting().await {
            self.take(app);
        }
    }

    async fn waiting(&self) -> Option<io::Result<TcpStream>> {
        tokio::select! {
            biased;
            taken = self.door.accept() => Some(taken),
            () = std::future::ready(()) => None,
        }
    }

    fn tell(&self, how: String) {
        self.shared.teller.intervention(how);
    }
}
