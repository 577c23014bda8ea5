//! One run of the app: started, watched, stopped.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use xii_model::{Event, Source, What};
use xii_runtime::formation::Restart;
use xii_runtime::load::on_interrupt;
use xii_runtime::log::pump::{self, Pump};
use xii_runtime::log::record::{Body, Records};
use xii_runtime::platform::{self, Guarded};
use xii_runtime::supervisor::{Backoff, Handle, Settings, Supervisor, Target};

use super::subject::Subject;
use crate::error::Failure;

/// Blocks of events that may wait for us.
const WAITING: usize = 4096;
/// How long the events of an end may take to reach us.
const LAST_EVENTS: Duration = Duration::from_secs(5);
/// Lines of the app that are shown when it does not start.
const LAST_LINES: usize = 10;
/// Bytes of each.
const LONGEST_LINE: usize = 400;
/// How long lines that were written before the end may take to be read.
const REST: Duration = Duration::from_millis(500);

/// What holds over all runs: nothing outlives the command, and Ctrl-C ends the run that goes on.
pub(super) struct Stage {
    current: Arc<Mutex<Option<Handle>>>,
    interrupted: Arc<Mutex<bool>>,
    _guarded: Guarded,
}

impl Stage {
    /// Must be called before any thread is started.
    pub(super) fn new() -> Result<Stage, Failure> {
        let guarded = platform::guard()
            .map_err(|error| Failure::unfinished(format!("cannot watch over the app: {error}")))?;
        platform::raise_open_files();
        let current: Arc<Mutex<Option<Handle>>> = Arc::default();
        let interrupted: Arc<Mutex<bool>> = Arc::default();
        let (handle, said) = (Arc::clone(&current), Arc::clone(&interrupted));
        on_interrupt(move |count| {
            *said.lock().unwrap_or_else(PoisonError::into_inner) = true;
            if let Some(handle) = &*handle.lock().unwrap_or_else(PoisonError::into_inner) {
                handle.shut_down(130);
                if count > 1 {
                    handle.hurry();
                }
            }
        })
        .map_err(Failure::unfinished)?;
        Ok(Stage {
            current,
            interrupted,
            _guarded: guarded,
        })
    }

    /// Whether somebody wants it to end.
    pub(super) fn interrupted(&self) -> bool {
        *self
            .interrupted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run.
pub(super) struct Session<'a> {
    stage: &'a Stage,
    subject: &'a Subject,
    supervisor: Option<Supervisor>,
    runtime: Runtime,
    events: Receiver<Event>,
    /// What the app wrote last.
    lines: Arc<Mutex<VecDeque<Vec<u8>>>>,
    // Ends last: it reads what the others still say.
    _pump: Pump,
}

/// An instance that is ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ready {
    /// From the start of its process.
    pub(super) after: Duration,
    pub(super) port: Option<u16>,
}

/// How an instance ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    /// From the first signal.
    pub(super) after: Duration,
    /// `exit 0`, `SIGTERM`.
    pub(super) how: String,
    /// It was killed because it did not end within its grace.
    pub(super) killed: bool,
}

impl<'a> Session<'a> {
    /// Starts the app.
    pub(super) fn start(stage: &'a Stage, subject: &'a Subject) -> Result<Session<'a>, Failure> {
        let pump = Pump::start(pump::Settings::default()).map_err(Failure::unfinished)?;
        let mut subscription = pump.handle().subscribe(WAITING);
        let (tell, events) = mpsc::channel();
        let lines: Arc<Mutex<VecDeque<Vec<u8>>>> = Arc::default();
        let kept = Arc::clone(&lines);
        thread::spawn(move || {
            while let Some(block) = subscription.next_blocking() {
                for record in Records::of(&block) {
                    if let Body::Line { bytes, .. } = record.body {
                        keep(
                            &mut kept.lock().unwrap_or_else(PoisonError::into_inner),
                            bytes,
                        );
                    } else if let Some(event) = record.event()
                        && tell.send(event).is_err()
                    {
                        return;
                    }
                }
            }
        });
        let supervisor = Supervisor::start(Settings {
            formation: subject.formation.clone(),
            folder: subject.folder.clone(),
            environment: subject.environment.clone(),
            base_port: subject.free_base()?,
            router: None,
            // One that ends is what is measured, or a reason to end all.
            on_exit: Restart::Never,
            backoff: Backoff::default(),
            release: None,
            pump: pump.handle(),
            guarded: None,
        })
        .map_err(Failure::unfinished)?;
        let handle = supervisor.handle();
        *stage.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
        Ok(Session {
            stage,
            subject,
            supervisor: Some(supervisor),
            runtime: Builder::new_current_thread()
                .build()
                .map_err(Failure::unfinished)?,
            events,
            lines,
            _pump: pump,
        })
    }

    /// Waits until the measured instance is ready.
    ///
    /// # Errors
    /// When it ends before, cannot be started, or takes too long.
    pub(super) fn ready(&mut self, within: Duration) -> Result<Ready, Failure> {
        let end = Instant::now() + within;
        let mut started: Option<(Timestamp, Option<u16>)> = None;
        loop {
            let Some(event) = self.next(end) else {
                return Err(self.failure(&format!("is not ready after {} s", within.as_secs_f64())));
            };
            if self.stage.interrupted() {
                return Err(Failure {
                    message: "interrupted".to_owned(),
                    code: 130,
                });
            }
            let own = event.source == Source::Instance(self.subject.instance.clone());
            match event.what {
                What::Started { port, .. } if own => started = Some((event.at, port)),
                What::Ready { .. } if own => {
                    if let Some((at, port)) = started {
                        return Ok(Ready {
                            after: since(at, event.at),
                            port,
                        });
                    }
                }
                What::Exited { code, signal, .. } if own => {
                    let how = how(code, signal);
                    return Err(self.failure(&format!("ended with {how} before it was ready")));
                }
                // A type that it depends on keeps failing, or its command is not found.
                What::Held { reason } => {
                    return Err(self.failure(&format!("is not started: {reason}")));
                }
                _ => {}
            }
        }
    }

    /// Has the measured instance stopped, and waits for its end. `mark` is called just before.
    pub(super) fn stop(&mut self, mark: impl FnOnce()) -> Result<Ended, Failure> {
        let Some(supervisor) = &self.supervisor else {
            return Err(Failure::unfinished("the run is over"));
        };
        let (handle, instance) = (supervisor.handle(), self.subject.instance.clone());
        let own = Source::Instance(instance.clone());
        let stopping = async {
            mark();
            handle.stop(Target::Instance(instance)).await
        };
        // Events wait meanwhile: there are few besides lines.
        let stopped = self.runtime.block_on(stopping);
        let end = Instant::now() + LAST_EVENTS;
        let mut signalled: Option<Timestamp> = None;
        let mut killed = false;
        while let Some(event) = self.next(end) {
            match event.what {
                What::Signalled { signal, .. } if event.source == own => {
                    killed |= signal == "SIGKILL";
                    signalled.get_or_insert(event.at);
                }
                What::Exited { code, signal, .. } if event.source == own => {
                    let from = signalled.unwrap_or(event.at);
                    return Ok(Ended {
                        after: since(from, event.at),
                        killed: killed && signal.as_deref() == Some("SIGKILL"),
                        how: how(code, signal),
                    });
                }
                _ => {}
            }
        }
        stopped.map_err(Failure::unfinished)?;
        Err(self.failure("was stopped, and its end was not seen"))
    }

    /// The next event that is no line.
    fn next(&mut self, end: Instant) -> Option<Event> {
        loop {
            let left = end.saturating_duration_since(Instant::now());
            // Ctrl-C is looked for now and then.
            let step = left.min(Duration::from_millis(200));
            match self.events.recv_timeout(step) {
                Ok(event) => return Some(event),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if left <= step || self.stage.interrupted() => {
                    return None;
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Says what went wrong, and what the app wrote last.
    fn failure(&mut self, what: &str) -> Failure {
        if self.stage.interrupted() {
            return Failure {
                message: "interrupted".to_owned(),
                code: 130,
            };
        }
        // Lines that it wrote just before its end come a moment later.
        let _ = self.next(Instant::now() + REST);
        let mut message = format!("{} {what}", self.subject.instance);
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if !lines.is_empty() {
            message.push_str("; it wrote last:");
        }
        for line in lines.iter() {
            let line = String::from_utf8_lossy(line);
            message.push_str("\n  ");
            message.extend(line.chars().filter(|one| !one.is_control()).take(200));
        }
        drop(lines);
        Failure::unfinished(message)
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if let Some(supervisor) = self.supervisor.take() {
            supervisor.handle().shut_down(0);
            supervisor.wait();
        }
        *self
            .stage
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn keep(lines: &mut VecDeque<Vec<u8>>, line: &[u8]) {
    if lines.len() == LAST_LINES {
        lines.pop_front();
    }
    lines.push_back(line.get(..LONGEST_LINE).unwrap_or(line).to_vec());
}

fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

fn how(code: Option<i32>, signal: Option<String>) -> String {
    match (code, signal) {
        (_, Some(signal)) => signal,
        (Some(code), None) => format!("exit {code}"),
        (None, None) => "an unknown status".to_owned(),
    }
}
