//! The place of an instance in the formation: it is filled, emptied and filled again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use jiff::Zoned;
use rustix::process::WaitStatus;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use xii_model::Instance;

use super::launch::Fault;
use super::orders::{Answer, Order, Orders};
use super::run::Run;
use super::running::{Running, State};
use super::status::InstanceState;
use crate::formation::{Kind, Process};

/// The place of an instance in the formation.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) instance: Instance,
    pub(crate) process: Rc<Process>,
    pub(crate) orders: mpsc::UnboundedSender<Order>,
    /// What runs in it.
    pub(crate) current: RefCell<Option<Rc<Running>>>,
    /// Where it is when nothing runs, and why.
    pub(crate) idle: RefCell<(InstanceState, Option<String>)>,
    /// How often it was started again.
    pub(crate) restarts: Cell<u32>,
    /// Failures in a row.
    pub(crate) failures: Cell<u32>,
    /// The exit code of its last end.
    pub(crate) last_code: Cell<Option<i32>>,
    /// How its last run ended.
    pub(crate) how: RefCell<Option<String>>,
    /// The last time that a schedule named.
    planned: RefCell<Option<Zoned>>,
}

/// Why somebody's order stops it.
const STOPPED: &str = "it is stopped";
/// How long somebody who asked for a start waits for what it depends on.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why an empty slot is to be filled.
enum Wake {
    /// The wait is over.
    Time,
    /// Somebody asked, and waits for the answer.
    Asked(oneshot::Sender<Answer>),
}

/// Why nothing runs any more.
enum Emptied {
    /// It ended by itself.
    Ended(Rc<Running>, WaitStatus),
    /// It could not be started.
    Faulted(Fault),
    /// It is to be started again at once, for somebody who waits for that.
    Again(oneshot::Sender<Answer>),
    /// Somebody stopped it.
    Stopped,
    /// The slot is to end.
    Removed,
}

impl Slot {
    pub(crate) fn new(process: &Rc<Process>, number: u32) -> (Rc<Self>, Orders) {
        let (sender, orders) = Orders::new();
        let slot = Rc::new(Slot {
            instance: Instance::new(process.name.clone(), number),
            process: Rc::clone(process),
            orders: sender,
            current: RefCell::default(),
            idle: RefCell::new((InstanceState::Waiting, None)),
            restarts: Cell::new(0),
            failures: Cell::new(0),
            last_code: Cell::new(None),
            how: RefCell::default(),
            planned: RefCell::default(),
        });
        (slot, orders)
    }

    /// Where it is in its life.
    pub(crate) fn state(&self) -> (InstanceState, Option<String>) {
        let current = self.current.borrow();
        let Some(running) = current.as_deref() else {
            return self.idle.borrow().clone();
        };
        let why = running.why.borrow().clone();
        match running.state() {
            State::Starting => (InstanceState::Starting, why),
            State::Ready => (InstanceState::Ready, None),
            State::NotReady => (InstanceState::NotReady, why),
            State::Stopping | State::Gone => (InstanceState::Stopping, None),
        }
    }

    /// Whether what depends on it may start.
    pub(crate) fn is_ready(&self) -> bool {
        match self.process.kind {
            Kind::Once => self.state().0 == InstanceState::Ended && self.last_code.get() == Some(0),
            _ => self.state().0 == InstanceState::Ready,
        }
    }

    /// Whether it was never filled yet.
    pub(crate) fn is_new(&self) -> bool {
        self.state() == (InstanceState::Waiting, None)
    }

    fn rest(&self, run: &Run, state: InstanceState, why: Option<String>) {
        *self.current.borrow_mut() = None;
        *self.idle.borrow_mut() = (state, why);
        run.changed();
    }

    /// Fills the slot for as long as it exists.
    pub(crate) async fn tend(self: Rc<Self>, run: Rc<Run>, mut orders: Orders) {
        let mut asker: Option<oneshot::Sender<Answer>> = None;
        loop {
            let emptied = match self.fill(&run, &mut orders, asker.take()).await {
                Ok(running) => self.keep(&run, running, &mut orders).await,
                Err(emptied) => emptied,
            };
            let (state, why, wait) = match emptied {
                Emptied::Removed => return,
                Emptied::Again(reply) if orders.ends() => {
                    Order::Restart(reply).refuse();
                    (InstanceState::Stopped, None, None)
                }
                Emptied::Again(reply) => {
                    asker = Some(reply);
                    continue;
                }
                Emptied::Stopped => (InstanceState::Stopped, None, None),
                Emptied::Ended(running, status) => match self.ended(&run, &running, status) {
                    Some(rest) => rest,
                    None => continue,
                },
                Emptied::Faulted(fault) => match self.faulted(&run, fault) {
                    Some(rest) => rest,
                    None => continue,
                },
            };
            self.rest(&run, state, why);
            match self.wait(&run, &mut orders, wait).await {
                Some(Wake::Time) => {}
                Some(Wake::Asked(reply)) => asker = Some(reply),
                None => return,
            }
        }
    }

    /// Waits until it is to be filled again; `None` when the slot is to end.
    async fn wait(
        &self,
        run: &Run,
        orders: &mut Orders,
        mut wait: Option<Duration>,
    ) -> Option<Wake> {
        loop {
            let order = match wait {
                Some(wait) => tokio::select! {
                    biased;
                    order = orders.next() => order,
                    () = sleep(wait) => {
                        if !matches!(self.process.kind, Kind::Schedule(_)) {
                            self.restarts.set(self.restarts.get() + 1);
                        }
                        return Some(Wake::Time);
                    }
                },
                None => orders.next().await,
            };
            match order {
                Order::Restart(reply) => {
                    self.failures.set(0);
                    return Some(Wake::Asked(reply));
                }
                Order::Stop(reply) => {
                    run.clear(&self.instance, STOPPED).await;
                    let _ = reply.send(Ok(()));
                    self.rest(run, InstanceState::Stopped, None);
                    wait = None;
                }
                Order::Remove => {
                    run.clear(&self.instance, STOPPED).await;
                    return None;
                }
            }
        }
    }

    /// Starts what belongs here, once what it depends on is ready.
    async fn fill(
        self: &Rc<Self>,
        run: &Rc<Run>,
        orders: &mut Orders,
        mut asker: Option<oneshot::Sender<Answer>>,
    ) -> Result<Rc<Running>, Emptied> {
        if !self.process.depends_on.is_empty() || matches!(self.process.kind, Kind::Schedule(_)) {
            let unasked = asker.is_none();
            let waiting = async {
                if let Some(missing) = run.not_ready(&self.process.depends_on) {
                    self.rest(run, InstanceState::Waiting, Some(format!("for {missing}")));
                }
                run.dependencies(&self.process.depends_on).await;
                if unasked {
                    self.wait_for_time(run).await;
                }
            };
            tokio::pin!(waiting);
            let patience = sleep(PATIENCE);
            tokio::pin!(patience);
            loop {
                tokio::select! {
                    () = &mut waiting => break,
                    () = &mut patience, if asker.is_some() => {
                        let missing = run.not_ready(&self.process.depends_on);
                        let missing = missing.unwrap_or_default();
                        let why = format!("{} still waits for {missing}", self.instance);
                        asker.take().map(|asker| asker.send(Err(why)));
                    }
                    order = orders.next() => match order {
                        Order::Restart(reply) => {
                            asker = Some(reply);
                            break;
                        }
                        Order::Stop(reply) => {
                            let _ = reply.send(Ok(()));
                            return Err(Emptied::Stopped);
                        }
                        Order::Remove => return Err(Emptied::Removed),
                    },
                }
            }
        }
        match run.launch(&self.process, &self.instance) {
            Ok(running) => {
                *self.current.borrow_mut() = Some(Rc::clone(&running));
                run.changed();
                if let Some(asker) = asker {
                    let within = run.settles_within(&self.process);
                    let answer = answer_when_ready(Rc::clone(&running), within, asker);
                    tokio::task::spawn_local(answer);
                }
                Ok(running)
            }
            Err(fault) => {
                if let Some(asker) = asker {
                    let _ = asker.send(Err(format!("{}: {fault}", self.instance)));
                }
                Err(Emptied::Faulted(fault))
            }
        }
    }

    /// Waits for the next time of a schedule; not at all where there is none.
    async fn wait_for_time(&self, run: &Run) {
        let Kind::Schedule(pattern) = &self.process.kind else {
            return;
        };
        let Some(time) = super::schedule::next(pattern, self.planned.borrow().as_ref()) else {
            // A pattern without a next time, such as one for the 31st of February.
            return std::future::pending().await;
        };
        let mut why = format!("next at {}", time.strftime("%Y-%m-%d %H:%M:%S"));
        if let Some(how) = self.how.borrow().as_ref() {
            why = format!("{why}, the last {how}");
        }
        self.rest(run, InstanceState::Scheduled, Some(why));
        *self.planned.borrow_mut() = Some(time.clone());
        super::schedule::wait_until(&time).await;
    }

    /// Follows what runs until nothing does.
    async fn keep(
        self: &Rc<Self>,
        run: &Rc<Run>,
        mut running: Rc<Running>,
        orders: &mut Orders,
    ) -> Emptied {
        loop {
            tokio::select! {
                _ = running.leader_ended() => {
                    run.refresh_router();
                    let status = run.finish(&running).await;
                    return Emptied::Ended(running, status);
                }
                order = orders.next() => match order {
                    Order::Restart(reply) if run.is_routed(&self.process) => {
                        let _ = reply.send(match run.roll(self, &running, orders).await {
                            Ok(new) => {
                                running = new;
                                self.restarts.set(self.restarts.get() + 1);
                                Ok(())
                            }
                            Err(why) => Err(why),
                        });
                    }
                    Order::Restart(reply) => {
                        run.retire(&running, "it is restarted").await;
                        self.restarts.set(self.restarts.get() + 1);
                        return Emptied::Again(reply);
                    }
                    Order::Stop(reply) => {
                        run.clear(&self.instance, STOPPED).await;
                        let _ = reply.send(Ok(()));
                        return Emptied::Stopped;
                    }
                    Order::Remove => {
                        run.clear(&self.instance, STOPPED).await;
                        return Emptied::Removed;
                    }
                },
            }
        }
    }
}

/// Tells who asked for a start how it went; after this time, how it goes.
async fn answer_when_ready(running: Rc<Running>, within: Duration, asker: oneshot::Sender<Answer>) {
    let instance = &running.instance;
    let ended = || Err(format!("{instance} ended before it was ready"));
    let mut state = running.state.subscribe();
    let answer = tokio::select! {
        biased;
        state = state.wait_for(|state| *state != State::Starting) => match state.as_deref() {
            Ok(State::Ready | State::NotReady) => Ok(()),
            _ => ended(),
        },
        _ = running.leader_ended() => ended(),
        () = sleep(within) => {
            let seconds = within.as_secs_f64();
            let said = running.why.borrow().clone();
            let why = said.unwrap_or_else(|| format!("not ready after {seconds} s"));
            Err(format!("{instance} is {why}; it is waited for on"))
        }
    };
    // Who asked may have gone.
    let _ = asker.send(answer);
}
