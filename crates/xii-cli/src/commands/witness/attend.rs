//! Running the command to the end of all that comes of it.

use std::ffi::OsString;
use std::io;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use xii_runtime::platform;

use crate::output;

/// How long what lives on may take to end before it is spoken of.
const QUIET: Duration = Duration::from_secs(1);

/// Signals that are handed on to the command. Those of a terminal's keys it gets from the terminal.
const HANDED_ON: [(SignalKind, Signal); 4] = [
    (SignalKind::terminate(), Signal::TERM),
    (SignalKind::hangup(), Signal::HUP),
    (SignalKind::user_defined1(), Signal::USR1),
    (SignalKind::user_defined2(), Signal::USR2),
];
const OF_KEYS: [(SignalKind, Signal); 2] = [
    (SignalKind::interrupt(), Signal::INT),
    (SignalKind::quit(), Signal::QUIT),
];

/// How the command ended.
pub(super) struct Ended {
    /// Its process.
    pub(super) pid: u32,
    /// When it was started.
    pub(super) started: Timestamp,
    /// When it ended.
    pub(super) at: Timestamp,
    /// How long it ran.
    pub(super) after: Duration,
    pub(super) status: WaitStatus,
}

impl Ended {
    /// The exit code that a shell would give.
    pub(super) fn code(&self) -> i32 {
        platform::exit_code(self.status)
    }
}

/// Starts the command with this process's streams, hands signals on, and waits for it and for every process
/// that came of it.
///
/// # Errors
///
/// When it cannot be started.
pub(super) fn attend(words: &[OsString]) -> io::Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(words))
}

async fn run(words: &[OsString]) -> io::Result<Ended> {
    // What loses its parent becomes this process's child, and is waited for.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let mut signals = signals()?;
    let mut changed = signal(SignalKind::child())?;
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let (started, clock) = (Timestamp::now(), Instant::now());
    let child = Command::new(program).args(arguments).spawn()?.id();
    let mut rest = Rest {
        command: Pid::from_raw(child.cast_signed()).ok_or(io::ErrorKind::Other)?,
        ended: None,
        asked: false,
    };
    loop {
        if !rest.reap() {
            break;
        }
        tokio::select! {
            _ = changed.recv() => {}
            Some((signal, of_key)) = signals.recv() => rest.take(signal, of_key),
            () = tokio::time::sleep(QUIET), if rest.untold() => rest.tell(),
        }
    }
    let (status, at, moment) = rest
        .ended
        .map(|end| (end.status, end.at, end.moment))
        .ok_or_else(|| io::Error::other("somebody else has waited for it"))?;
    Ok(Ended {
        pid: child,
        started,
        at,
        after: moment.duration_since(clock),
        status,
    })
}

/// The signals that come, and whether each is one that a key sends.
fn signals() -> io::Result<mpsc::UnboundedReceiver<(Signal, bool)>> {
    let (send, receive) = mpsc::unbounded_channel();
    let all = HANDED_ON
        .map(|one| (one, false))
        .into_iter()
        .chain(OF_KEYS.map(|one| (one, true)));
    for ((kind, number), of_key) in all {
        let mut stream = signal(kind)?;
        let send = send.clone();
        tokio::spawn(async move {
            while stream.recv().await.is_some() && send.send((number, of_key)).is_ok() {}
        });
    }
    Ok(receive)
}

/// The command and what came of it.
struct Rest {
    command: Pid,
    ended: Option<End>,
    /// The others were asked to end.
    asked: bool,
}

/// The command's end.
struct End {
    status: WaitStatus,
    at: Timestamp,
    moment: Instant,
    /// It was told that others live on.
    told: bool,
}

impl Rest {
    /// Takes what has ended; whether anything lives.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => {
                    if pid == self.command {
                        self.ended = Some(End {
                            status,
                            at: Timestamp::now(),
                            moment: Instant::now(),
                            told: false,
                        });
                    }
                }
                Ok(None) => return true,
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }

    /// Hands a signal on, or ends what has outlived the command.
    fn take(&mut self, signal: Signal, of_key: bool) {
        if self.ended.is_none() {
            if !(of_key && in_front()) {
                let _ = rustix::process::kill_process(self.command, signal);
            }
            return;
        }
        let signal = if self.asked {
            Signal::KILL
        } else {
            Signal::TERM
        };
        self.asked = true;
        for pid in living() {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    fn untold(&self) -> bool {
        self.ended.as_ref().is_some_and(|end| !end.told)
    }

    fn tell(&mut self) {
        if let Some(end) = &mut self.ended {
            end.told = true;
            let pids: Vec<String> = living().map(|pid| pid.to_string()).collect();
            output::complain(&format!(
                "the command has ended with {}, and what it started lives on (process {}): Ctrl-C, or SIGTERM to this process, ends it",
                platform::exit_code(end.status),
                pids.join(", ")
            ));
        }
    }
}

/// Whether a key of the terminal reaches the command by itself: it is in the group in front.
fn in_front() -> bool {
    rustix::termios::tcgetpgrp(io::stdin()).is_ok_and(|front| front == rustix::process::getpgrp())
}

/// All that came of this process and has not ended.
fn living() -> impl Iterator<Item = Pid> {
    let own = rustix::process::getpid().as_raw_pid();
    platform::descendants(&platform::list(), own)
        .into_iter()
        .filter(|one| !one.zombie)
        .filter_map(|one| Pid::from_raw(one.pid))
}
