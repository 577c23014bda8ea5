//! What follows the end of what ran in a slot.

use std::time::Duration;

use rustix::process::WaitStatus;
use xii_model::What;

use super::backoff::chance;
use super::launch::Fault;
use super::policy::{Next, after_end};
use super::run::Run;
use super::running::{Running, millis};
use super::signal::signal_name;
use super::slot::Slot;
use super::status::InstanceState;
use crate::formation::{Kind, Restart};
use crate::platform;

/// The state of an empty slot, why, and how long it rests: `None` until somebody asks.
pub(crate) type Rest = (InstanceState, Option<String>, Option<Duration>);

impl Slot {
    /// What follows an end that nobody asked for; `None`: it is filled again when its time comes.
    pub(crate) fn ended(&self, run: &Run, running: &Running, status: WaitStatus) -> Option<Rest> {
        let unhealthy = running.unhealthy.get();
        let code = match platform::exit_code(status) {
            // Told to stop because it did not answer, it failed, however politely it went.
            0 if unhealthy => 1,
            code => code,
        };
        self.last_code.set(Some(code));
        if running.told.get() && !unhealthy {
            return Some((InstanceState::Stopped, None, None));
        }
        if running.started.elapsed() >= run.settings.backoff.healthy {
            self.failures.set(0);
        }
        let how = match status.terminating_signal() {
            _ if unhealthy => "failed its liveness check".to_owned(),
            Some(signal) => format!("was killed by {}", signal_name(signal)),
            None => format!("ended with {code}"),
        };
        *self.how.borrow_mut() = Some(how.clone());
        self.unless_scheduled(|| self.follows(run, code, code != 0, how))
    }

    /// The same of a start that failed.
    pub(crate) fn faulted(&self, run: &Run, fault: Fault) -> Option<Rest> {
        self.last_code.set(Some(fault.code()));
        let why = fault.to_string();
        if fault.passes() {
            run.complain(&self.instance, &why);
            *self.how.borrow_mut() = Some("could not be started".to_owned());
            return self.unless_scheduled(|| self.follows(run, fault.code(), true, why));
        }
        match self.restart(run) {
            Restart::StopAll => {
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
        Some((InstanceState::Held, Some(why), None))
    }

    /// What is scheduled waits for its next time, whatever came of the last.
    fn unless_scheduled(&self, rest: impl FnOnce() -> Rest) -> Option<Rest> {
        let scheduled = matches!(self.process.kind, Kind::Schedule(_));
        (!scheduled).then(rest)
    }

    fn restart(&self, run: &Run) -> Restart {
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
