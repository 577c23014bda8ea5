//! The place of an instance in the formation: it is filled, emptied and filled again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use rustix::process::WaitStatus;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use xii_model::{Instance, What};

use super::backoff::chance;
use super::launch::Fault;
use super::policy::{Next, after_end};
use super::run::Run;
use super::running::{Running, State, millis};
use super::status::InstanceState;
use crate::formation::{Kind, Process};

/// What was done, or why not, in one sentence.
pub(crate) type Answer = Result<(), String>;

/// What somebody asks of a slot.
#[derive(Debug)]
pub(crate) enum Order {
    /// End what runs and start it anew, without a gap where a router stands in front.
    Restart(oneshot::Sender<Answer>),
    /// End what runs, and leave it so.
    Stop(oneshot::Sender<Answer>),
    /// End what runs, and the slot.
    Remove,
}

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
    pub(crate) fn new(
        process: &Rc<Process>,
        number: u32,
    ) -> (Rc<Self>, mpsc::UnboundedReceiver<Order>) {
        let (orders, receiver) = mpsc::unbounded_channel();
        let slot = Rc::new(Slot {
            instance: Instance::new(process.name.clone(), number),
            process: Rc::clone(process),
            orders,
            current: RefCell::default(),
            idle: RefCell::new((InstanceState::Waiting, None)),
            restarts: Cell::new(0),
            failures: Cell::new(0),
            last_code: Cell::new(None),
        });
        (slot, receiver)
    }

    /// Where it is in its life.
    pub(crate) fn state(&self) -> (InstanceState, Option<String>) {
        match self.current.borrow().as_deref().map(Running::state) {
            Some(State::Starting) => (InstanceState::Starting, None),
            Some(State::Ready) => (InstanceState::Ready, None),
            Some(State::NotReady) => (InstanceState::NotReady, None),
            Some(State::Stopping | State::Gone) => (InstanceState::Stopping, None),
            None => self.idle.borrow().clone(),
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
    pub(crate) async fn tend(
        self: Rc<Self>,
        run: Rc<Run>,
        mut orders: mpsc::UnboundedReceiver<Order>,
    ) {
        let mut asker: Option<oneshot::Sender<Answer>> = None;
        loop {
            let emptied = match self.fill(&run, &mut orders, asker.take()).await {
                Ok(running) => self.keep(&run, running, &mut orders).await,
                Err(emptied) => emptied,
            };
            let idle = match emptied {
                Emptied::Removed => return,
                Emptied::Again(reply) => {
                    asker = Some(reply);
                    continue;
                }
                Emptied::Stopped => (InstanceState::Stopped, None, None),
                Emptied::Ended(running, status) => self.ended(&run, &running, status),
                Emptied::Faulted(fault) => self.faulted(&run, fault),
            };
            let (state, why, wait) = idle;
            self.rest(&run, state, why);
            let woken = match wait {
                Some(wait) => tokio::select! {
                    () = sleep(wait) => None,
                    order = orders.recv() => Some(order),
                },
                None => Some(orders.recv().await),
            };
            match woken {
                // The wait is over.
                None => self.restarts.set(self.restarts.get() + 1),
                Some(Some(Order::Restart(reply))) => {
                    self.failures.set(0);
                    asker = Some(reply);
                }
                Some(Some(Order::Stop(reply))) => {
                    let _ = reply.send(Ok(()));
                    self.rest(&run, InstanceState::Stopped, None);
                    match self.wait_stopped(&mut orders).await {
                        Some(reply) => asker = Some(reply),
                        None => return,
                    }
                }
                Some(Some(Order::Remove) | None) => return,
            }
        }
    }

    /// Waits until somebody wants it again; `None` when the slot is to end.
    async fn wait_stopped(
        &self,
        orders: &mut mpsc::UnboundedReceiver<Order>,
    ) -> Option<oneshot::Sender<Answer>> {
        loop {
            match orders.recv().await? {
                Order::Restart(reply) => return Some(reply),
                Order::Stop(reply) => drop(reply.send(Ok(()))),
                Order::Remove => return None,
            }
        }
    }

    /// Starts what belongs here, once what it depends on is ready.
    async fn fill(
        self: &Rc<Self>,
        run: &Rc<Run>,
        orders: &mut mpsc::UnboundedReceiver<Order>,
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
            tokio::select! {
                () = waiting => {}
                order = orders.recv() => match order {
                    Some(Order::Restart(reply)) => asker = Some(reply),
                    Some(Order::Stop(reply)) => {
                        let _ = reply.send(Ok(()));
                        return Err(Emptied::Stopped);
                    }
                    Some(Order::Remove) | None => return Err(Emptied::Removed),
                },
            }
        }
        match run.launch(&self.process, &self.instance) {
            Ok(running) => {
                *self.current.borrow_mut() = Some(Rc::clone(&running));
                run.changed();
                if let Some(asker) = asker {
                    let within = run.settles_within(&self.process);
                    let answering = answer_when_ready(Rc::clone(&running), within, asker);
                    tokio::task::spawn_local(answering);
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
        let Some((wait, when)) = super::schedule::next(pattern) else {
            // A pattern without a next time, such as one for the 31st of February.
            return std::future::pending().await;
        };
        self.rest(
            run,
            InstanceState::Scheduled,
            Some(format!("next at {when}")),
        );
        sleep(wait).await;
    }

    /// Follows what runs until nothing does.
    async fn keep(
        self: &Rc<Self>,
        run: &Rc<Run>,
        mut running: Rc<Running>,
        orders: &mut mpsc::UnboundedReceiver<Order>,
    ) -> Emptied {
        loop {
            tokio::select! {
                _ = running.leader_ended() => {
                    run.refresh_router();
                    let status = run.finish(&running).await;
                    return Emptied::Ended(running, status);
                }
                order = orders.recv() => match order {
                    Some(Order::Restart(reply)) if run.is_routed(&self.process) => {
                        let _ = reply.send(match run.roll(self, &running).await {
                            Ok(new) => {
                                running = new;
                                self.restarts.set(self.restarts.get() + 1);
                                Ok(())
                            }
                            Err(why) => Err(why),
                        });
                    }
                    Some(Order::Restart(reply)) => {
                        run.retire(&running, "it is restarted").await;
                        self.restarts.set(self.restarts.get() + 1);
                        return Emptied::Again(reply);
                    }
                    Some(Order::Stop(reply)) => {
                        run.retire(&running, "it is stopped").await;
                        let _ = reply.send(Ok(()));
                        return Emptied::Stopped;
                    }
                    Some(Order::Remove) | None => {
                        run.retire(&running, "it is stopped").await;
                        return Emptied::Removed;
                    }
                },
            }
        }
    }

    /// What follows an end that nobody asked for.
    fn ended(&self, run: &Run, running: &Running, status: WaitStatus) -> Rest {
        let code = status
            .exit_status()
            .or_else(|| status.terminating_signal().map(|signal| 128 + signal))
            .unwrap_or(1);
        self.last_code.set(Some(code));
        if running.told.get() && !running.unhealthy.get() {
            return (InstanceState::Stopped, None, None);
        }
        if running.started.elapsed() >= run.settings.backoff.healthy {
            self.failures.set(0);
        }
        let failed = code != 0 || running.unhealthy.get();
        let how = match status.terminating_signal() {
            Some(signal) => format!("killed by {}", super::signal_name(signal)),
            None => format!("ended with {code}"),
        };
        if matches!(self.process.kind, Kind::Schedule(_)) {
            return (InstanceState::Scheduled, Some(how), Some(Duration::ZERO));
        }
        self.follows(run, code, failed, how)
    }

    /// What follows a start that failed.
    fn faulted(&self, run: &Run, fault: Fault) -> Rest {
        self.last_code.set(Some(fault.code()));
        let why = fault.to_string();
        if fault.passes() {
            run.complain(&self.instance, &why);
            return self.follows(run, fault.code(), true, why);
        }
        match self.restart(run) {
            crate::formation::Restart::StopAll => {
                run.complain(&self.instance, &why);
                run.end(fault.code());
            }
            _ => run.say(
                &self.instance,
                What::Held {
                    reason: why.clone(),
                },
            ),
        }
        (InstanceState::Held, Some(why), None)
    }

    fn restart(&self, run: &Run) -> crate::formation::Restart {
        self.process.restart.unwrap_or(run.settings.on_exit)
    }

    fn follows(&self, run: &Run, code: i32, failed: bool, how: String) -> Rest {
        match after_end(&self.process.kind, self.restart(run), failed) {
            Next::Stay => (InstanceState::Ended, Some(how), None),
            Next::StopAll => {
                run.end(code);
                (InstanceState::Ended, Some(how), None)
            }
            Next::Again => {
                let failures = self.failures.get() + 1;
                self.failures.set(failures);
                match run.settings.backoff.wait(failures, chance()) {
                    Some(wait) => {
                        let restarting = What::Restarting {
                            after_ms: millis(wait),
                            attempt: failures,
                        };
                        run.say(&self.instance, restarting);
                        (InstanceState::BackingOff, Some(how), Some(wait))
                    }
                    None => {
                        let reason = format!(
                            "{failures} failures in a row, the last: {how}; mend it, then `xii restart {}`",
                            self.instance
                        );
                        run.say(&self.instance, What::Held { reason });
                        (InstanceState::Held, Some(how), None)
                    }
                }
            }
        }
    }
}

/// The state of an empty slot, why, and how long it rests: `None` until somebody asks.
type Rest = (InstanceState, Option<String>, Option<Duration>);

/// Tells who asked for a start how it went.
async fn answer_when_ready(running: Rc<Running>, within: Duration, asker: oneshot::Sender<Answer>) {
    let mut state = running.state.subscribe();
    let answer = tokio::select! {
        state = state.wait_for(|state| *state != State::Starting) => match state.as_deref() {
            Ok(State::Ready | State::NotReady) => Ok(()),
            _ => Err(format!("{} ended before it was ready", running.instance)),
        },
        _ = running.leader_ended() => {
            if running.state() == State::Ready {
                Ok(())
            } else {
                Err(format!("{} ended before it was ready", running.instance))
            }
        }
        () = sleep(within) => Err(format!(
            "{} is not ready after {} s; it is waited for on",
            running.instance,
            within.as_secs_f64()
        )),
    };
    // Who asked may have gone.
    let _ = asker.send(answer);
}
