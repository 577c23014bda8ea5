//! What all slots of a run share.

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use rustix::process::WaitStatus;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_local};
use xii_model::{Instance, Level, What};

use super::journal::Journal;
use super::orders::Order;
use super::reaper::Reaper;
use super::running::{Running, State};
use super::settings::Settings;
use super::slot::Slot;
use super::status::InstanceState;
use crate::environment::Sibling;
use crate::formation::{Kind, MOST_INSTANCES, Process};
use crate::ports::{PrivatePorts, port_of};
use crate::router::Backend;

/// A run: its slots, and what they share.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) settings: Settings,
    pub(crate) reaper: Rc<Reaper>,
    pub(crate) journal: Journal,
    pub(crate) private: RefCell<PrivatePorts>,
    /// In the order of their types.
    slots: RefCell<Vec<(Rc<Slot>, JoinHandle<()>)>>,
    /// All that runs: what fills a slot, and what is on its way out.
    alive: RefCell<Vec<Rc<Running>>>,
    next_id: Cell<u64>,
    /// Counts the changes of anybody's state.
    changes: watch::Sender<u64>,
    hurry: watch::Sender<bool>,
    /// The exit code, once something has ended the run.
    pub(crate) ended: watch::Sender<Option<i32>>,
}

impl Run {
    pub(crate) fn new(settings: Settings) -> Rc<Self> {
        let journal = Journal::new(settings.pump.clone(), settings.release.clone());
        Rc::new(Run {
            reaper: Reaper::new(settings.guarded.is_some()),
            journal,
            private: RefCell::new(private(&settings)),
            slots: RefCell::default(),
            alive: RefCell::default(),
            next_id: Cell::new(1),
            changes: watch::Sender::new(0),
            hurry: watch::Sender::new(false),
            ended: watch::Sender::new(None),
            settings,
        })
    }

    pub(crate) fn next_id(&self) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        id
    }

    pub(crate) fn hurry(&self) -> watch::Receiver<bool> {
        self.hurry.subscribe()
    }

    /// Makes everything that is stopping stop at once.
    pub(crate) fn hurry_up(&self) {
        self.hurry.send_replace(true);
    }

    pub(crate) fn say(&self, instance: &Instance, what: What) {
        self.journal.instance(instance, what);
    }

    pub(crate) fn complain(&self, instance: &Instance, why: &str) {
        let message = format!("{instance}: {why}");
        self.journal.note(Level::Error, message);
    }

    /// Whether requests reach it through the router.
    pub(crate) fn is_routed(&self, process: &Process) -> bool {
        self.settings.router.is_some() && process.name == "web" && process.kind == Kind::Service
    }

    pub(crate) fn grace_of(&self, process: &str) -> Duration {
        self.settings
            .formation
            .process(process)
            .map_or(Process::GRACE, |process| process.grace)
    }

    pub(crate) fn slots(&self) -> Vec<Rc<Slot>> {
        let slots = self.slots.borrow();
        slots.iter().map(|(slot, _)| Rc::clone(slot)).collect()
    }

    /// Makes a slot, which fills itself from then on.
    pub(crate) fn add_slot(self: &Rc<Self>, process: &Rc<Process>, number: u32) -> Rc<Slot> {
        let (slot, orders) = Slot::new(process, number);
        let task = spawn_local(Rc::clone(&slot).tend(Rc::clone(self), orders));
        let order = |name: &str| {
            let types = &self.settings.formation.processes;
            types.iter().position(|process| process.name == name)
        };
        let mut slots = self.slots.borrow_mut();
        slots.push((Rc::clone(&slot), task));
        slots.sort_by_key(|(slot, _)| (order(&slot.instance.process), slot.instance.number));
        slot
    }

    /// Empties a slot and takes it away.
    pub(crate) async fn remove_slot(&self, slot: &Rc<Slot>) {
        let found = {
            let mut slots = self.slots.borrow_mut();
            let at = slots.iter().position(|(one, _)| Rc::ptr_eq(one, slot));
            at.map(|at| slots.remove(at))
        };
        if let Some((slot, task)) = found {
            let _ = slot.orders.send(Order::Remove);
            let _ = task.await;
        }
        self.changed();
    }

    /// To be called after anybody's state has changed.
    pub(crate) fn changed(&self) {
        self.refresh_router();
        self.changes.send_modify(|count| *count += 1);
        self.end_if_nothing_is_left();
    }

    /// Tells of changes of anybody's state from now on.
    pub(crate) fn watch_changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Ends the run with this exit code, unless it has ended.
    pub(crate) fn end(&self, code: i32) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            if first {
                *ended = Some(code);
            }
            first
        });
    }

    /// When everything has ended by itself, is held, or waits for what has ended or is held, nothing will
    /// ever happen again.
    fn end_if_nothing_is_left(&self) {
        if self.ended.borrow().is_some() {
            return;
        }
        let slots = self.slots.borrow();
        let in_vain = |slot: &Slot| {
            let (state, why) = slot.state();
            let missing = self.not_ready(&slot.process.depends_on)?;
            // One that was not looked after yet does not say why it waits.
            (state == InstanceState::Waiting && why.is_some())
                .then(|| format!("{} waits for {missing}", slot.instance))
        };
        let over = |slot: &Slot| {
            let ended = matches!(slot.state().0, InstanceState::Ended | InstanceState::Held);
            ended || in_vain(slot).is_some()
        };
        if slots.is_empty() || !slots.iter().all(|(slot, _)| over(slot)) {
            return;
        }
        let code = slots
            .iter()
            .filter_map(|(slot, _)| slot.last_code.get())
            .find(|code| *code != 0)
            .unwrap_or(0);
        let why: Vec<String> = slots
            .iter()
            .filter_map(|(slot, _)| match slot.state().0 {
                InstanceState::Held => Some(format!("{} cannot be kept running", slot.instance)),
                _ => in_vain(slot),
            })
            .collect();
        if !why.is_empty() {
            let message = format!("nothing is left to run: {}", why.join(", "));
            self.journal.note(Level::Error, message);
        }
        self.end(code);
    }

    /// The first of these types that is not ready.
    pub(crate) fn not_ready(&self, types: &[String]) -> Option<String> {
        let slots = self.slots.borrow();
        types
            .iter()
            .find(|name| {
                slots
                    .iter()
                    .any(|(slot, _)| slot.instance.process == **name && !slot.is_ready())
            })
            .cloned()
    }

    /// Resolves when all instances of these types are ready.
    pub(crate) async fn dependencies(&self, types: &[String]) {
        let mut changes = self.changes.subscribe();
        while self.not_ready(types).is_some() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Lets the router know which instances are ready.
    pub(crate) fn refresh_router(&self) {
        let Some(router) = &self.settings.router else {
            return;
        };
        let slots = self.slots.borrow();
        let backends = slots
            .iter()
            .filter(|(slot, _)| self.is_routed(&slot.process))
            .filter_map(|(slot, _)| {
                let current = slot.current.borrow();
                let running = current.as_ref()?;
                let ready = running.state() == State::Ready && running.leader.borrow().is_none();
                ready.then(|| Backend {
                    id: running.id,
                    instance: running.instance.clone(),
                    address: SocketAddr::from((Ipv4Addr::LOCALHOST, running.port.unwrap_or(0))),
                })
            })
            .collect();
        router.set_backends(backends);
    }

    /// What is left to do when a process has ended.
    pub(crate) async fn finish(&self, running: &Rc<Running>) -> WaitStatus {
        let grace = self.grace_of(&running.instance.process);
        // Another start of the same instance may have orphans of the same name.
        let alone = !self.alive.borrow().iter().any(|other| {
            other.id != running.id
                && other.instance == running.instance
                && other.state() != State::Gone
        });
        let status = running.finish(grace, self.hurry(), alone).await;
        self.alive.borrow_mut().retain(|one| one.id != running.id);
        if let Some(port) = running.port {
            self.private.borrow_mut().give_back(port);
        }
        status
    }

    /// Notes that it runs.
    pub(crate) fn born(&self, running: &Rc<Running>) {
        self.alive.borrow_mut().push(Rc::clone(running));
    }

    /// The types that listen, for their siblings.
    pub(crate) fn siblings(&self) -> Vec<Sibling> {
        let settings = &self.settings;
        let processes = settings.formation.processes.iter().enumerate();
        processes
            .filter(|(_, process)| process.listens)
            .filter_map(|(index, process)| {
                let first = Instance::new(process.name.clone(), 1);
                let port = match &settings.router {
                    Some(router) if self.is_routed(process) => router.address().port(),
                    _ => port_of(settings.base_port, index, &first).ok()?,
                };
                Some(Sibling::on_port(&process.name, port))
            })
            .collect()
    }

    /// All that runs, also what is on its way out.
    pub(crate) fn alive(&self) -> Vec<Rc<Running>> {
        self.alive.borrow().clone()
    }
}

/// Free ports for what is routed, none of them promised by foreman's rule to what is not.
fn private(settings: &Settings) -> PrivatePorts {
    let types = settings.formation.processes.iter().enumerate();
    let promised = types
        .filter(|(_, process)| process.listens)
        .flat_map(|(index, process)| {
            (1..=MOST_INSTANCES).filter_map(move |number| {
                let instance = Instance::new(process.name.clone(), number);
                port_of(settings.base_port, index, &instance).ok()
            })
        });
    PrivatePorts::besides(promised)
}
