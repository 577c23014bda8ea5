//! Ending what runs, and replacing it, without losing a request.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep, timeout};
use xii_model::Instance;

use super::orders::Orders;
use super::run::Run;
use super::running::{Running, State};
use super::slot::Slot;
use crate::formation::Process;

/// The time until a new process must be ready, where no check says.
pub(super) const WITHIN: Duration = Duration::from_secs(60);

impl Run {
    /// Stops a process without losing a request: no new ones, time for those that it has, then SIGTERM.
    /// Resolves when nothing is left of it, also when somebody else stops it.
    pub(crate) async fn retire(&self, running: &Rc<Running>, why: &str) {
        let grace = self.grace_of(&running.instance.process);
        let begin = Instant::now();
        if !running.told.replace(true) {
            running.become_(State::Stopping);
            self.changed();
            self.drain(running, grace / 2).await;
            let left = grace.saturating_sub(begin.elapsed());
            running.stop(left, self.hurry(), why).await;
        }
        self.finish(running).await;
        self.changed();
    }

    /// Waits for the requests that it has; half of the grace at most, since what the app does after
    /// SIGTERM takes its time too.
    async fn drain(&self, running: &Rc<Running>, most: Duration) {
        let process = self.settings.formation.process(&running.instance.process);
        let routed = process.is_some_and(|process| self.is_routed(process));
        let Some(router) = self.settings.router.as_ref().filter(|_| routed) else {
            return;
        };
        let mut hurry = self.hurry();
        tokio::select! {
            _ = timeout(most, router.drain(running.id)) => {}
            _ = hurry.wait_for(|hurry| *hurry) => {}
            _ = running.leader_ended() => {}
        }
    }

    /// No new requests: the run is ending.
    pub(crate) fn close_router(&self) {
        if let Some(router) = &self.settings.router {
            // Nobody waits for its end: each process is drained for itself.
            drop(router.stop(self.grace_of("web")));
        }
    }

    /// How long somebody who asked for a start waits for it to be ready.
    pub(crate) fn settles_within(&self, process: &Process) -> Duration {
        let declared = process.ready.as_ref();
        declared.map_or(WITHIN, |check| check.within)
    }

    /// Stops all that runs under this name: what fills its slot, and what a new one has taken over from.
    pub(crate) async fn clear(&self, instance: &Instance, why: &str) {
        let mut all = self.alive();
        all.retain(|running| running.instance == *instance);
        join_all(all.iter().map(|running| self.retire(running, why))).await;
    }

    /// Replaces what runs in a slot without losing a request: starts the new one, waits until it is
    /// ready, shifts the requests to it, drains and stops the old one. If the new one does not become
    /// ready, the old one serves on. An order that ends both does not wait for any of that.
    pub(crate) async fn roll(
        self: &Rc<Self>,
        slot: &Slot,
        old: &Rc<Running>,
        orders: &mut Orders,
    ) -> Result<Rc<Running>, String> {
        let instance = &slot.instance;
        let new = self
            .launch(&slot.process, instance)
            .map_err(|fault| format!("{instance}: {fault}; the old one serves on"))?;
        let within = self.settles_within(&slot.process);
        if let Err(why) = self.until_ready(&new, old, within, orders).await {
            let (run, dropped) = (Rc::clone(self), Rc::clone(&new));
            let retiring =
                spawn_local(async move { run.retire(&dropped, "it did not become ready").await });
            tokio::select! {
                _ = retiring => {}
                () = orders.ending() => {}
            }
            return Err(format!(
                "the new {instance} did not become ready: {why}; the old one serves on"
            ));
        }
        *slot.current.borrow_mut() = Some(Rc::clone(&new));
        self.changed();
        let (run, old) = (Rc::clone(self), Rc::clone(old));
        let retiring =
            spawn_local(async move { run.retire(&old, "a new one has taken over").await });
        // The restart is over when the old one is gone.
        tokio::select! {
            _ = retiring => {}
            () = orders.ending() => {}
        }
        Ok(new)
    }

    /// Resolves when the new process can serve, or when it cannot be waited for any longer.
    async fn until_ready(
        &self,
        new: &Rc<Running>,
        old: &Rc<Running>,
        within: Duration,
        orders: &mut Orders,
    ) -> Result<(), String> {
        let mut state = new.state.subscribe();
        let late = sleep(within);
        tokio::pin!(late);
        let mut old_runs = old.leader.borrow().is_none();
        loop {
            return tokio::select! {
                _ = state.wait_for(|state| *state == State::Ready) => Ok(()),
                _ = new.leader_ended() => Err("it ended".to_owned()),
                () = &mut late => {
                    let said = new.why.borrow().clone();
                    let seconds = within.as_secs_f64();
                    Err(said.unwrap_or_else(|| format!("not ready after {seconds} s")))
                }
                () = orders.ending() => Err("somebody stopped it meanwhile".to_owned()),
                _ = old.leader_ended(), if old_runs => {
                    // Requests go elsewhere; the slot sees to the rest if the new one fails too.
                    old_runs = false;
                    self.refresh_router();
                    continue;
                }
            };
        }
    }
}
