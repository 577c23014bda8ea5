//! A run from its beginning to its end.

use std::io;
use std::rc::Rc;
use std::thread::{self, JoinHandle};

use futures_util::future::join_all;
use jiff::Timestamp;
use rustix::process::Signal;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::timeout;
use xii_model::{Instance, What};

use super::handle::{Handle, Refusal, Request, Target};
use super::orders::{Answer, Order};
use super::reaper::Reaper;
use super::roll::WITHIN;
use super::run::Run;
use super::running::Running;
use super::settings::Settings;
use super::signal::signal_name;
use super::slot::Slot;
use super::status::{InstanceState, InstanceStatus, Status};
use crate::formation::{Kind, MOST_INSTANCES};
use crate::platform;

/// A run of a formation, on a thread of its own.
#[derive(Debug)]
pub struct Supervisor {
    handle: Handle,
    thread: JoinHandle<i32>,
}

impl Supervisor {
    /// Starts the formation.
    ///
    /// # Errors
    ///
    /// When the system gives no thread, or no notice of children that end.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let (requests, receiver) = mpsc::unbounded_channel();
        let (begun, beginning) = std::sync::mpsc::channel();
        let thread = thread::Builder::new()
            .name("supervisor".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                match runtime {
                    Ok(runtime) => {
                        LocalSet::new().block_on(&runtime, run(settings, receiver, begun))
                    }
                    Err(error) => {
                        let _ = begun.send(Err(error));
                        1
                    }
                }
            })?;
        beginning
            .recv()
            .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Supervisor {
            handle: Handle { requests },
            thread,
        })
    }

    /// What to talk to it with.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Waits until the run is over: the exit code of the process whose end ended it, or of who shut it
    /// down.
    pub fn wait(self) -> i32 {
        self.thread.join().unwrap_or(1)
    }
}

async fn run(
    settings: Settings,
    mut requests: mpsc::UnboundedReceiver<Request>,
    begun: std::sync::mpsc::Sender<io::Result<()>>,
) -> i32 {
    let children = match Reaper::listen() {
        Ok(children) => children,
        Err(error) => {
            let _ = begun.send(Err(error));
            return 1;
        }
    };
    let guarded = settings.guarded.is_some();
    let since = Timestamp::now();
    let run = Run::new(settings);
    spawn_local(Rc::clone(&run.reaper).run(children));
    let _ = begun.send(Ok(()));
    for process in &run.settings.formation.processes {
        let process = Rc::new(process.clone());
        if process.kind != Kind::Task {
            for number in 1..=process.count {
                run.add_slot(&process, number);
            }
        }
    }
    let mut ended = run.ended.subscribe();
    let asked = loop {
        tokio::select! {
            request = requests.recv() => match request {
                None => break 0,
                Some(Request::Shutdown(code)) => break code,
                Some(request) => run.serve(request, since),
            },
            code = ended.wait_for(Option::is_some) => break code.ok().and_then(|code| *code).unwrap_or(1),
        }
    };
    run.end(asked);
    run.close_router();
    let stopping = {
        let run = Rc::clone(&run);
        spawn_local(async move {
            join_all(run.slots().iter().map(|slot| run.remove_slot(slot))).await;
            // Old ones that new ones have taken over from.
            let left = run.alive();
            let retired = left
                .iter()
                .map(|running| run.retire(running, "the run is ending"));
            join_all(retired).await;
        })
    };
    tokio::pin!(stopping);
    let mut heard = true;
    loop {
        tokio::select! {
            _ = &mut stopping => break,
            request = requests.recv(), if heard => match request {
                Some(Request::Hurry) => run.hurry_up(),
                // Nobody holds a handle any more, so nobody waits.
                None => {
                    heard = false;
                    run.hurry_up();
                }
                Some(Request::Status(reply)) => drop(reply.send(run.status(since))),
                // Dropping a reply says that the run is over.
                Some(_) => {}
            },
        }
    }
    if guarded {
        platform::kill_all();
    }
    asked
}

/// Sends a signal that somebody asked for.
fn sent(running: &Running, signal: Signal) -> Instance {
    running.say(What::Signalled {
        signal: signal_name(signal.as_raw()),
        reason: "asked for".to_owned(),
    });
    running.signal(signal);
    running.instance.clone()
}

impl Run {
    /// Does what was asked, in a task of its own where that takes time.
    fn serve(self: &Rc<Self>, request: Request, since: Timestamp) {
        let run = Rc::clone(self);
        match request {
            Request::Status(reply) => drop(reply.send(run.status(since))),
            Request::Scale(process, count, reply) => {
                spawn_local(async move { drop(reply.send(run.scale(&process, count).await)) });
            }
            Request::Restart(target, reply) => {
                spawn_local(
                    async move { drop(reply.send(run.order(&target, Order::Restart).await)) },
                );
            }
            Request::Stop(target, reply) => {
                spawn_local(async move { drop(reply.send(run.order(&target, Order::Stop).await)) });
            }
            Request::Signal(target, signal, reply) => {
                let sent = run.find(&target).map(|slots| {
                    let current = slots
                        .iter()
                        .filter_map(|slot| slot.current.borrow().clone());
                    current.map(|running| sent(&running, signal)).collect()
                });
                let _ = reply.send(sent);
            }
            Request::Hurry => self.hurry_up(),
            Request::Shutdown(code) => self.end(code),
        }
    }

    /// The slots that are meant.
    fn find(&self, target: &Target) -> Result<Vec<Rc<Slot>>, Refusal> {
        let all = self.slots();
        let found: Vec<_> = all
            .iter()
            .filter(|slot| match target {
                Target::All => true,
                Target::Process(name) => slot.instance.process == *name,
                Target::Instance(instance) => slot.instance == *instance,
            })
            .cloned()
            .collect();
        if found.is_empty() {
            let known: Vec<_> = all.iter().map(|slot| slot.instance.to_string()).collect();
            return Err(Refusal::Unknown {
                asked: target.to_string(),
                known: known.join(", "),
            });
        }
        Ok(found)
    }

    /// Gives an order to all that are meant: types side by side, instances of a type one after the
    /// other, so that the others serve meanwhile.
    async fn order(
        self: &Rc<Self>,
        target: &Target,
        order: fn(oneshot::Sender<Answer>) -> Order,
    ) -> Result<Vec<Instance>, Refusal> {
        let slots = self.find(target)?;
        let stops = matches!(order(oneshot::channel().0), Order::Stop(_));
        let mut types: Vec<Vec<Rc<Slot>>> = Vec::new();
        for slot in &slots {
            match types.last_mut() {
                Some(last) if !stops && last[0].instance.process == slot.instance.process => {
                    last.push(Rc::clone(slot));
                }
                _ => types.push(vec![Rc::clone(slot)]),
            }
        }
        let faults: Vec<String> = join_all(types.into_iter().map(|slots| async move {
            let mut faults = Vec::new();
            for slot in slots {
                let (reply, answer) = oneshot::channel();
                let _ = slot.orders.send(order(reply));
                match answer.await {
                    Ok(Ok(())) => {}
                    Ok(Err(why)) => faults.push(why),
                    Err(_) => faults.push(format!("{} is gone", slot.instance)),
                }
            }
            faults
        }))
        .await
        .concat();
        if faults.is_empty() {
            Ok(slots.iter().map(|slot| slot.instance.clone()).collect())
        } else {
            Err(Refusal::Failed(faults.join("\n")))
        }
    }

    async fn scale(self: &Rc<Self>, name: &str, count: u32) -> Result<(), Refusal> {
        let types = &self.settings.formation.processes;
        let Some(process) = types
            .iter()
            .find(|process| process.name == name && process.kind != Kind::Task)
        else {
            let known: Vec<_> = types.iter().map(|process| process.name.as_str()).collect();
            return Err(Refusal::Unknown {
                asked: name.to_owned(),
                known: known.join(", "),
            });
        };
        if count > MOST_INSTANCES {
            let why =
                format!("{name} cannot have {count} instances: {MOST_INSTANCES} are the most");
            return Err(Refusal::Failed(why));
        }
        let mine = |slot: &Rc<Slot>| slot.instance.process == name;
        let slots: Vec<_> = self.slots().into_iter().filter(mine).collect();
        let surplus = slots.iter().filter(|slot| slot.instance.number > count);
        let shared = Rc::new(process.clone());
        let added: Vec<_> = (1..=count)
            .filter(|number| !slots.iter().any(|slot| slot.instance.number == *number))
            .map(|number| self.add_slot(&shared, number))
            .collect();
        join_all(surplus.map(|slot| self.remove_slot(slot))).await;
        let faults: Vec<String> = join_all(added.iter().map(|slot| self.until_settled(slot)))
            .await
            .into_iter()
            .filter_map(Result::err)
            .collect();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Failed(faults.join("\n")))
        }
    }

    /// Resolves when it shows how a new slot's first start went.
    async fn until_settled(&self, slot: &Rc<Slot>) -> Result<(), String> {
        let mut changes = self.watch_changes();
        let settled = async {
            loop {
                match slot.state() {
                    (InstanceState::Starting, _) => {}
                    (InstanceState::Held | InstanceState::BackingOff, why) => {
                        let why = why.unwrap_or_default();
                        return Err(format!("{} does not run: {why}", slot.instance));
                    }
                    _ if slot.is_new() => {}
                    _ => return Ok(()),
                }
                if changes.changed().await.is_err() {
                    return Ok(());
                }
            }
        };
        timeout(WITHIN, settled).await.unwrap_or_else(|_| {
            let seconds = WITHIN.as_secs();
            Err(format!(
                "{} is not ready after {seconds} s; it is waited for on",
                slot.instance
            ))
        })
    }

    /// Everything about the run.
    pub(crate) fn status(&self, since: Timestamp) -> Status {
        let slots = self.slots();
        let leaders: Vec<i32> = slots
            .iter()
            .map(|slot| {
                let current = slot.current.borrow();
                current
                    .as_ref()
                    .map_or(0, |running| running.pid.as_raw_pid())
            })
            .collect();
        let usage = platform::usage(&leaders);
        let router = self.settings.router.as_ref();
        let instances = slots.iter().zip(usage).map(|(slot, usage)| {
            let current = slot.current.borrow();
            let running = current.as_deref();
            let (state, why) = slot.state();
            InstanceStatus {
                instance: slot.instance.clone(),
                state,
                why,
                pid: running.map(|one| one.pid.as_raw_pid().cast_unsigned()),
                port: running.and_then(|one| one.port),
                since: running.map(|one| one.since),
                restarts: slot.restarts.get(),
                usage,
                outstanding: router
                    .filter(|_| self.is_routed(&slot.process))
                    .and_then(|router| u64::try_from(router.outstanding(running?.id)).ok()),
                command: slot.process.command.clone(),
            }
        });
        Status {
            folder: self.settings.folder.clone(),
            pid: rustix::process::getpid().as_raw_pid().cast_unsigned(),
            since,
            router: router.map(|router| router.address()),
            ends_together: self.settings.on_exit == crate::formation::Restart::StopAll,
            instances: instances.collect(),
        }
    }
}
