//! Running a task from start to end.

use std::ffi::OsString;
use std::fs::File;
use std::future::pending;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, waitpid};
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::sync::oneshot;
use xii_model::{Event, Instance, Level, Source, Stream, What};

use super::Ended;
use super::recorder::{MOST, Recorder, Room};
use super::relay;
use super::terminal::Lent;
use crate::environment::Environment;
use crate::log::{PumpHandle, StreamId};
use crate::platform::{self, Attached, Spawn, spawn_attached};
use crate::supervisor::{command, signal_name};

/// How long output is waited for that nobody takes, when we were told to stop.
const HURRY: Duration = Duration::from_secs(2);
/// The time between two looks at a group.
const LOOK: Duration = Duration::from_millis(10);

/// A task to run.
#[derive(Debug)]
pub struct Work {
    /// The command: one word is a line for a shell, several are a program and its arguments.
    pub words: Vec<OsString>,
    /// Its name in the stream.
    pub instance: Instance,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// All that it gets of the environment.
    pub environment: Environment,
    /// The time between SIGTERM and SIGKILL, when somebody tells us to stop.
    pub grace: Duration,
    /// Where its output and its events go.
    pub pump: PumpHandle,
    /// Whether it gets a terminal: only with [`has_terminal`](super::has_terminal).
    pub terminal: bool,
}

/// Why a task did not run.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The program is nowhere.
    #[error("`{0}` was not found in PATH: install it, or mend the command")]
    NotFound(String),
    /// It is there and cannot be run.
    #[error("`{program}` cannot be run: {error}")]
    NotRun {
        /// The program.
        program: String,
        /// What the system says.
        error: io::Error,
    },
    /// The folder is not there.
    #[error("the folder {0} is not there: bring it back, or name another")]
    NoFolder(String),
    /// The system gave no terminal, pipe, thread or signal.
    #[error("the task cannot be started: {0}")]
    System(#[from] io::Error),
}

impl TaskError {
    /// The exit code that a shell would give.
    pub fn exit_code(&self) -> u8 {
        match self {
            TaskError::NotFound(_) => 127,
            TaskError::NotRun { .. } => 126,
            TaskError::NoFolder(_) | TaskError::System(_) => 3,
        }
    }
}

/// Runs a task and waits for its end. Signals that this process is sent go to the task's group; after
/// SIGTERM and SIGHUP it has its grace. Whatever it leaves running is killed.
///
/// This process must be guarded, and have nobody else who waits for its children.
///
/// # Errors
/// When the task was not started.
pub fn run(work: &Work) -> Result<Ended, TaskError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(started(work))
}

async fn started(work: &Work) -> Result<Ended, TaskError> {
    if !work.folder.is_dir() {
        return Err(TaskError::NoFolder(work.folder.display().to_string()));
    }
    let what = spawn_of(work)?;
    let mut told = Told::listen()?;
    let began = Instant::now();
    let shown = shown(&work.words);
    let (mut streams, pid, lent) = start(work, &what, &shown)?;
    let (sender, mut ended) = oneshot::channel();
    std::thread::Builder::new()
        .name("xii-wait".to_owned())
        .spawn(move || {
            // It fails only when somebody else has waited for it.
            let _ = sender.send(wait_for(pid));
        })?;
    let mut deadline: Option<tokio::time::Instant> = None;
    let mut grace_until = None;
    let end = loop {
        tokio::select! {
            biased;
            end = &mut ended => break end.ok().flatten().unwrap_or(Ended::Code(1)),
            sent = told.next() => match (sent, &lent) {
                (None, Some(lent)) => lent.resize(),
                (None, None) => {}
                (Some(sent), _) => {
                    tell(work, pid, sent, "xii was sent it");
                    if matches!(sent, Signal::TERM | Signal::HUP) && deadline.is_none() {
                        deadline = Some(tokio::time::Instant::now() + work.grace);
                        grace_until = deadline;
                    }
                }
            },
            () = at(deadline) => {
                tell(work, pid, Signal::KILL, "its grace was over");
                // It may have left its group.
                let _ = rustix::process::kill_process(pid, Signal::KILL);
                deadline = None;
            }
        }
    };
    if let Some(grace) = grace_until {
        wait_for_group(pid, grace).await;
    }
    sweep(work, pid);
    streams
        .finish(&work.pump, grace_until.is_some(), &mut told)
        .await;
    drop(lent);
    if streams.room.is_used_up() {
        let message = format!("of its output the first {} MiB are kept", MOST >> 20);
        say(
            work,
            What::Note {
                level: Level::Warn,
                message,
            },
        );
    }
    let after_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    say(
        work,
        What::Exited {
            code: end.code(),
            signal: end.signal(),
            after_ms,
        },
    );
    Ok(end)
}

/// What carries its output.
struct Streams {
    ids: Vec<StreamId>,
    carried: Vec<oneshot::Receiver<()>>,
    room: Room,
}

impl Streams {
    fn new() -> Self {
        Streams {
            ids: Vec::new(),
            carried: Vec::new(),
            room: Room::new(),
        }
    }

    fn record(&mut self, work: &Work, stream: Stream, terminal: bool) -> io::Result<Recorder> {
        let (recorder, id) =
            Recorder::new(&work.pump, &work.instance, stream, &self.room, terminal)?;
        self.ids.push(id);
        Ok(recorder)
    }

    fn carry(&mut self, from: OwnedFd, to: OwnedFd, recorder: Recorder) -> io::Result<()> {
        self.carried.push(relay::out(from, to, recorder)?);
        Ok(())
    }

    /// Waits until all of the output has arrived; not for ever, when somebody waits for our end.
    async fn finish(&mut self, pump: &PumpHandle, hurry: bool, told: &mut Told) {
        let patience = if hurry { HURRY } else { Duration::MAX };
        let carried = std::mem::take(&mut self.carried);
        let all = async {
            for one in carried {
                let _ = one.await;
            }
        };
        tokio::select! {
            _ = tokio::time::timeout(patience, all) => {}
            () = told.asked_to_end() => {}
        }
        // An error: the pump has ended, and with it everybody who would read.
        let _ = pump.detach(&self.ids).await;
    }
}

/// Starts the task with what it reads from and writes to.
fn start(
    work: &Work,
    what: &Spawn,
    shown: &str,
) -> Result<(Streams, Pid, Option<Lent>), TaskError> {
    let mut streams = Streams::new();
    let pipe = || rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC);
    let stdout = io::stdout().as_fd().try_clone_to_owned()?;
    let stderr = io::stderr().as_fd().try_clone_to_owned()?;
    let spawned = |attached| {
        spawn_attached(what, attached).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => TaskError::NotFound(program(what)),
            _ => TaskError::NotRun {
                program: program(what),
                error,
            },
        })
    };
    let started = |pid: Pid| What::Started {
        pid: pid.as_raw_pid().cast_unsigned(),
        port: None,
        command: shown.to_owned(),
    };
    if !work.terminal {
        let (out, their_out) = pipe().map_err(io::Error::from)?;
        let (err, their_err) = pipe().map_err(io::Error::from)?;
        let pid = spawned(Attached {
            stdin: input()?,
            stdout: their_out,
            stderr: their_err,
            terminal: false,
        })?;
        say(work, started(pid));
        let recorder = streams.record(work, Stream::Stdout, false)?;
        streams.carry(out, stdout, recorder)?;
        let recorder = streams.record(work, Stream::Stderr, false)?;
        streams.carry(err, stderr, recorder)?;
        return Ok((streams, pid, None));
    }
    let (lent, theirs) = Lent::new()?;
    // What is redirected to a file must not end on the terminal.
    let apart = !rustix::termios::isatty(&stderr);
    let (err, their_err) = if apart {
        let (err, their_err) = pipe().map_err(io::Error::from)?;
        (Some(err), their_err)
    } else {
        (None, theirs.try_clone()?)
    };
    let pid = spawned(Attached {
        stdin: theirs.try_clone()?,
        stdout: theirs,
        stderr: their_err,
        terminal: true,
    })?;
    say(work, started(pid));
    let recorder = streams.record(work, Stream::Stdout, true)?;
    streams.carry(lent.ours.try_clone()?, stdout, recorder)?;
    if let Some(err) = err {
        let recorder = streams.record(work, Stream::Stderr, false)?;
        streams.carry(err, stderr, recorder)?;
    }
    relay::typed(
        io::stdin().as_fd().try_clone_to_owned()?,
        lent.ours.try_clone()?,
    )?;
    Ok((streams, pid, Some(lent)))
}

/// What a task reads without a terminal: our standard input, unless that is one, which it could not read
/// from without taking it from whoever has it.
fn input() -> io::Result<OwnedFd> {
    let stdin = io::stdin();
    if rustix::termios::isatty(&stdin) {
        return Ok(File::open("/dev/null")?.into());
    }
    stdin.as_fd().try_clone_to_owned()
}

fn spawn_of(work: &Work) -> Result<Spawn, TaskError> {
    let path = work.environment.get("PATH").and_then(|path| path.to_str());
    let words = match work.words.as_slice() {
        [line] => match line.to_str() {
            Some(line) => {
                if let Some(program) = command::missing(line, path, &work.folder) {
                    return Err(TaskError::NotFound(program.to_owned()));
                }
                command::words(line, path, &work.folder)
            }
            None => vec![line.clone()],
        },
        words => words.to_vec(),
    };
    Ok(Spawn {
        words,
        folder: work.folder.clone(),
        environment: work
            .environment
            .iter()
            .map(|(name, one)| (name.to_owned(), one.value.clone()))
            .collect(),
    })
}

fn program(what: &Spawn) -> String {
    let first = what.words.first();
    first.map_or_else(String::new, |word| word.to_string_lossy().into_owned())
}

fn shown(words: &[OsString]) -> String {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

fn say(work: &Work, what: What) {
    work.pump.event(Event {
        at: jiff::Timestamp::now(),
        source: Source::Instance(work.instance.clone()),
        release: None,
        what,
    });
}

fn tell(work: &Work, group: Pid, sent: Signal, reason: &str) {
    // The group may have gone a moment ago.
    if kill_process_group(group, sent).is_ok() {
        say(
            work,
            What::Signalled {
                signal: signal_name(sent.as_raw()),
                reason: reason.to_owned(),
            },
        );
    }
}

/// Kills what the task left running.
fn sweep(work: &Work, group: Pid) {
    let left: Vec<u32> = platform::descendants(&platform::list(), std::process::id().cast_signed())
        .into_iter()
        .filter(|process| !process.zombie && process.pid != group.as_raw_pid())
        .map(|process| process.pid.cast_unsigned())
        .collect();
    if left.is_empty() {
        return;
    }
    platform::kill_all();
    let reason = "the task has ended".to_owned();
    say(work, What::Killed { pids: left, reason });
}

/// A shell may be gone long before what it started has ended in order: that has the same grace.
async fn wait_for_group(group: Pid, until: tokio::time::Instant) {
    while tokio::time::Instant::now() < until && platform::group_alive(group) {
        tokio::time::sleep(LOOK).await;
    }
}

fn wait_for(pid: Pid) -> Option<Ended> {
    loop {
        match waitpid(Some(pid), WaitOptions::empty()) {
            Ok(Some((_, status))) if status.exited() || status.signaled() => {
                return Some(Ended::of(status));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

/// When there is a time, at it; else never.
async fn at(time: Option<tokio::time::Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => pending().await,
    }
}

/// The signals that we are sent.
struct Told {
    int: Signals,
    term: Signals,
    hup: Signals,
    quit: Signals,
    usr1: Signals,
    usr2: Signals,
    resized: Signals,
}

impl Told {
    fn listen() -> io::Result<Self> {
        Ok(Told {
            int: signal(SignalKind::interrupt())?,
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            usr1: signal(SignalKind::user_defined1())?,
            usr2: signal(SignalKind::user_defined2())?,
            resized: signal(SignalKind::window_change())?,
        })
    }

    /// Until one comes that asks for an end.
    async fn asked_to_end(&mut self) {
        let asks = |sent| {
            matches!(
                sent,
                Signal::TERM | Signal::HUP | Signal::INT | Signal::QUIT
            )
        };
        while !self.next().await.is_some_and(asks) {}
    }

    /// The next one that is the task's; `None` when the terminal has another size.
    async fn next(&mut self) -> Option<Signal> {
        tokio::select! {
            _ = self.int.recv() => Some(Signal::INT),
            _ = self.term.recv() => Some(Signal::TERM),
            _ = self.hup.recv() => Some(Signal::HUP),
            _ = self.quit.recv() => Some(Signal::QUIT),
            _ = self.usr1.recv() => Some(Signal::USR1),
            _ = self.usr2.recv() => Some(Signal::USR2),
            _ = self.resized.recv() => None,
        }
    }
}
