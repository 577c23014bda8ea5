//! Running one command of a build, with all that comes of it.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpid};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};
use xii_runtime::log::pump::Mask;
use xii_runtime::platform::{Spawn, descendants, list, spawn};

use super::capture::{Captured, Lines};
use super::staged::Ended;

/// After the end of a command, its streams end as soon as nothing that it left writes to them.
const TO_END: Duration = Duration::from_secs(2);
/// How often it is asked whether a command has ended, should the signal that tells it be lost.
const ASK: Duration = Duration::from_millis(250);

/// A command and what it is run with.
pub(super) struct Order<'a> {
    /// Words before the shell's: the witness.
    pub(super) prefix: Vec<OsString>,
    /// The line, for `sh`.
    pub(super) line: &'a str,
    pub(super) folder: PathBuf,
    pub(super) environment: Vec<(OsString, OsString)>,
    /// When it is killed.
    pub(super) until: Instant,
    pub(super) mask: Option<&'a Mask>,
    /// Hears each line.
    pub(super) tell: &'a dyn Fn(&str),
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) ended: Ended,
    pub(super) output: Captured,
    pub(super) took: Duration,
}

/// Runs a command to its end. Whatever it started is gone then, also when this is dropped before.
pub(super) async fn run(order: Order<'_>) -> io::Result<Outcome> {
    let began = Instant::now();
    let mut children = signal(SignalKind::child())?;
    let mut words = order.prefix;
    // What is built may be run by another user, whatever the caller's mask is.
    let script = format!("umask 022\n{}", order.line);
    words.extend(["/bin/sh", "-c", &script].map(OsString::from));
    let home = order.environment.iter().find(|(name, _)| name == "HOME");
    let mark = home.map(|(_, home)| home.as_encoded_bytes().to_vec());
    let started = spawn(&Spawn {
        words,
        folder: order.folder,
        environment: order.environment,
    })?;
    let mut running = Running {
        pid: started.pid,
        mark,
        over: false,
    };
    let (mut out, mut err) = (Stream::of(started.stdout)?, Stream::of(started.stderr)?);
    let mut output = Captured::default();
    let mut ask = interval(ASK);
    ask.set_missed_tick_behavior(MissedTickBehavior::Delay);

    let ended = loop {
        tokio::select! {
            read = out.read(), if !out.closed => {
                out.took(read, order.mask, &mut output, order.tell);
            }
            read = err.read(), if !err.closed => {
                err.took(read, order.mask, &mut output, order.tell);
            }
            _ = children.recv() => {
                if let Some(ended) = running.ended()? { break ended; }
            }
            _ = ask.tick() => {
                if let Some(ended) = running.ended()? { break ended; }
            }
            () = sleep_until(order.until.into()) => break Ended::TimedOut,
        }
    };
    running.end();
    let rest = async {
        while !(out.closed && err.closed) {
            tokio::select! {
                read = out.read(), if !out.closed => {
                    out.took(read, order.mask, &mut output, order.tell);
                }
                read = err.read(), if !err.closed => {
                    err.took(read, order.mask, &mut output, order.tell);
                }
            }
        }
    };
    // What still holds a stream after that is beyond reach.
    let _ = timeout(TO_END, rest).await;
    out.lines.end(order.mask, &mut output, order.tell);
    err.lines.end(order.mask, &mut output, order.tell);
    Ok(Outcome {
        ended,
        output,
        took: began.elapsed(),
    })
}

/// One of the two streams.
struct Stream {
    pipe: Receiver,
    lines: Lines,
    buffer: Vec<u8>,
    closed: bool,
}

impl Stream {
    fn of(pipe: OwnedFd) -> io::Result<Self> {
        Ok(Stream {
            pipe: Receiver::from_owned_fd(pipe)?,
            lines: Lines::default(),
            buffer: vec![0; 16 * 1024],
            closed: false,
        })
    }

    async fn read(&mut self) -> io::Result<usize> {
        self.pipe.read(&mut self.buffer).await
    }

    fn took(
        &mut self,
        read: io::Result<usize>,
        mask: Option<&Mask>,
        output: &mut Captured,
        tell: &dyn Fn(&str),
    ) {
        match read {
            Ok(0) | Err(_) => self.closed = true,
            Ok(count) => {
                let bytes = self.buffer.get(..count).unwrap_or_default();
                self.lines.push(bytes, mask, output, tell);
            }
        }
    }
}

/// A command that runs, and all that came of it: killed when this goes.
struct Running {
    pid: Pid,
    /// The value of HOME that all of them have, unless they threw it away.
    mark: Option<Vec<u8>>,
    /// It was reaped.
    over: bool,
}

impl Running {
    fn ended(&mut self) -> io::Result<Option<Ended>> {
        let Some((_, status)) = waitpid(Some(self.pid), WaitOptions::NOHANG)? else {
            return Ok(None);
        };
        // Its children have lost their parent by now: `end` finds them by their group and their variables.
        self.over = true;
        Ok(Some(
            match (status.exit_status(), status.terminating_signal()) {
                (Some(0), _) => Ended::Well,
                (Some(code), _) => Ended::Code(code),
                (None, signal) => Ended::Signal(signal.unwrap_or_default()),
            },
        ))
    }

    /// Ends everything that is left, and waits for the command itself.
    fn end(&mut self) {
        let left = descendants(&list(), self.pid.as_raw_pid());
        let _ = kill_process_group(self.pid, Signal::KILL);
        let left = left.iter().map(|process| process.pid);
        for pid in left.chain(self.marked()).filter_map(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
        let limit = Instant::now() + TO_END;
        while !self.over && Instant::now() < limit {
            match waitpid(Some(self.pid), WaitOptions::NOHANG) {
                Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                Ok(Some(_)) | Err(_) => self.over = true,
            }
        }
    }

    /// Processes with this build's HOME: what left the group and lost its parent, as a compiler's server does.
    #[cfg(target_os = "linux")]
    fn marked(&self) -> Vec<i32> {
        let Some(mark) = &self.mark else {
            return Vec::new();
        };
        let mut wanted = b"HOME=".to_vec();
        wanted.extend_from_slice(mark);
        let me = std::process::id().cast_signed();
        let carries = |pid: i32| {
            std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
                environment
                    .split(|byte| *byte == 0)
                    .any(|variable| variable == wanted)
            })
        };
        list()
            .iter()
            .map(|process| process.pid)
            .filter(|pid| *pid != me && carries(*pid))
            .collect()
    }

    #[cfg(not(target_os = "linux"))]
    fn marked(&self) -> Vec<i32> {
        Vec::new()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.over {
            self.end();
        }
    }
}
