//! A process that runs, from its start until nothing is left of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, WaitStatus, kill_process, kill_process_group};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use xii_model::{Instance, What};

use super::journal::Journal;
use super::reaper::{Ending, Reaper};
use super::signal::signal_name;
use crate::log::StreamId;
use crate::platform::{self, ProcessInfo};

/// How long processes may take to go once SIGKILL was sent; only one that waits for a device does.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// Where a running process is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It was started and has not yet shown that it can serve.
    Starting,
    /// It can serve.
    Ready,
    /// It could serve, and now cannot.
    NotReady,
    /// It was told to stop.
    Stopping,
    /// Nothing is left of it.
    Gone,
}

/// A process, its group, and what escaped from it.
#[derive(Debug)]
pub(crate) struct Running {
    /// Names it among all starts of a run.
    pub(crate) id: u64,
    pub(crate) instance: Instance,
    pub(crate) pid: Pid,
    pub(crate) port: Option<u16>,
    pub(crate) since: Timestamp,
    pub(crate) started: Instant,
    pub(crate) state: watch::Sender<State>,
    pub(crate) leader: watch::Receiver<Ending>,
    pub(crate) streams: Vec<StreamId>,
    /// It was told to stop, so its end is no failure.
    pub(crate) told: Cell<bool>,
    /// Why it is not ready, when it was asked.
    pub(crate) why: RefCell<Option<String>>,
    /// It was stopped because it failed its liveness check.
    pub(crate) unhealthy: Cell<bool>,
    /// Descendants that had left its group when it was told to stop.
    escaped: RefCell<Vec<ProcessInfo>>,
    /// Somebody sees to its end.
    finishing: Cell<bool>,
    reaper: Rc<Reaper>,
    journal: Journal,
}

/// What a start is known by.
pub(crate) struct Birth {
    pub(crate) id: u64,
    pub(crate) instance: Instance,
    pub(crate) pid: Pid,
    pub(crate) port: Option<u16>,
    pub(crate) streams: Vec<StreamId>,
}

impl Running {
    /// A process that was just started.
    pub(crate) fn new(birth: Birth, reaper: &Rc<Reaper>, journal: &Journal) -> Rc<Self> {
        Rc::new(Running {
            leader: reaper.expect(birth.pid),
            id: birth.id,
            instance: birth.instance,
            pid: birth.pid,
            port: birth.port,
            streams: birth.streams,
            since: Timestamp::now(),
            started: Instant::now(),
            state: watch::Sender::new(State::Starting),
            told: Cell::new(false),
            why: RefCell::default(),
            unhealthy: Cell::new(false),
            escaped: RefCell::default(),
            finishing: Cell::new(false),
            reaper: Rc::clone(reaper),
            journal: journal.clone(),
        })
    }

    /// Writes an event of this instance.
    pub(crate) fn say(&self, what: What) {
        self.journal.instance(&self.instance, what);
    }

    pub(crate) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Moves on to a state, unless it is past it.
    pub(crate) fn become_(&self, state: State) -> bool {
        self.state.send_if_modified(|now| {
            let over = matches!(now, State::Stopping | State::Gone) && state != State::Gone;
            if over || *now == state {
                return false;
            }
            *now = state;
            true
        })
    }

    /// Resolves when the process itself has ended.
    pub(crate) async fn leader_ended(&self) -> WaitStatus {
        let mut leader = self.leader.clone();
        loop {
            if let Some(status) = *leader.borrow_and_update() {
                return status;
            }
            if leader.changed().await.is_err() {
                // The reaper is gone, and with it the run.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Resolves when no member of its group is left.
    async fn group_ended(&self) {
        self.leader_ended().await;
        // Where orphans are adopted every end is told; elsewhere, and to be safe, look now and then.
        let look = Duration::from_millis(if self.reaper.adopts() { 1000 } else { 25 });
        loop {
            let told = self.reaper.ended.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            if !platform::group_alive(self.pid) {
                return;
            }
            let _ = timeout(look, told).await;
        }
    }

    /// Sends a signal to its group.
    pub(crate) fn signal(&self, signal: Signal) {
        // Gone already: then there is nothing to tell.
        let _ = kill_process_group(self.pid, signal);
    }

    /// SIGTERM to the group, SIGKILL to what is left after the grace. Resolves when the group is gone.
    pub(crate) async fn stop(&self, grace: Duration, mut hurry: watch::Receiver<bool>, why: &str) {
        self.told.set(true);
        self.become_(State::Stopping);
        if self.leader.borrow().is_some() && !platform::group_alive(self.pid) {
            return;
        }
        self.remember_escaped().await;
        self.say(What::Signalled {
            signal: "SIGTERM".to_owned(),
            reason: why.to_owned(),
        });
        self.signal(Signal::TERM);
        // A stopped process gets its SIGTERM only when it goes on.
        self.signal(Signal::CONT);
        let reason = tokio::select! {
            () = self.group_ended() => return,
            () = sleep(grace) => {
                // What a drain has left of a grace has odd digits.
                let tenths = (grace.as_secs_f64() * 10.0).round() / 10.0;
                format!("still running {tenths} s after SIGTERM")
            }
            _ = hurry.wait_for(|hurry| *hurry) => "asked to hurry".to_owned(),
        };
        self.kill(reason).await;
    }

    /// SIGKILL to the group. Resolves when it is gone.
    pub(crate) async fn kill(&self, reason: String) {
        self.become_(State::Stopping);
        self.remember_escaped().await;
        self.say(What::Signalled {
            signal: "SIGKILL".to_owned(),
            reason,
        });
        self.signal(Signal::KILL);
        let _ = timeout(AFTER_KILL, self.group_ended()).await;
    }

    /// Its group's remains after its own end are stopped, what escaped is killed, its pipes are read
    /// out, and its end is written down. Whoever calls this second only waits for that.
    pub(crate) async fn finish(
        &self,
        grace: Duration,
        hurry: watch::Receiver<bool>,
        alone: bool,
    ) -> WaitStatus {
        let status = self.leader_ended().await;
        if self.finishing.replace(true) {
            let mut state = self.state.subscribe();
            let _ = state.wait_for(|state| *state == State::Gone).await;
            return status;
        }
        let after_ms = millis(self.started.elapsed());
        if platform::group_alive(self.pid) {
            let told = self.told.get();
            self.stop(grace, hurry, "its leader has ended").await;
            self.told.set(told);
        }
        self.kill_escaped(alone).await;
        self.journal.read_out(self.streams.clone()).await;
        self.say(What::Exited {
            code: status.exit_status(),
            signal: status.terminating_signal().map(signal_name),
            after_ms,
        });
        self.become_(State::Gone);
        status
    }

    /// Notes which descendants have left the group: once the leader is gone, they cannot be told from
    /// others.
    async fn remember_escaped(&self) {
        let group = self.pid.as_raw_pid();
        let all = self.reaper.census.take().await;
        let mut escaped = self.escaped.borrow_mut();
        for process in platform::descendants(&all, group) {
            if process.group != group && !process.zombie && !escaped.contains(&process) {
                escaped.push(process);
            }
        }
    }

    /// Kills what escaped from the group: descendants that were seen, orphans that carry this
    /// instance's name in their environment when no other start of it runs (`alone`), and all that came
    /// of these.
    async fn kill_escaped(&self, alone: bool) {
        let mut killed = Vec::new();
        // A process may fork between the look and the signal.
        for _ in 0..10 {
            let all = self.reaper.census.take().await;
            let own = rustix::process::getpid().as_raw_pid();
            let group = self.pid.as_raw_pid();
            let mut left: Vec<ProcessInfo> = all
                .iter()
                .filter(|process| {
                    process.group == group
                        || self.escaped.borrow().iter().any(|one| one.is(process))
                        || (alone
                            && process.parent == own
                            && platform::carries(
                                process.pid,
                                "XII_PROCESS",
                                &self.instance.to_string(),
                            ))
                })
                .copied()
                .collect();
            for root in left.clone() {
                left.extend(platform::descendants(&all, root.pid));
            }
            left.retain(|process| !process.zombie && process.pid != own);
            if left.is_empty() {
                break;
            }
            for process in left {
                if let Some(pid) = Pid::from_raw(process.pid)
                    && kill_process(pid, Signal::KILL).is_ok()
                    && !killed.contains(&process.pid.cast_unsigned())
                {
                    killed.push(process.pid.cast_unsigned());
                }
            }
        }
        if !killed.is_empty() {
            self.say(What::Killed {
                pids: killed,
                reason: "left its process group and outlived it".to_owned(),
            });
        }
    }
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
