//! `xii chaos`: trouble for a running app, on purpose.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use tokio::signal::unix::{Signal, SignalKind, signal};
use xii_model::grammar::duration;
use xii_runtime::supervisor::{InstanceState, Status, signal_of};

use crate::error::Failure;
use crate::{output, running};

/// Kill or pause instances of a running `xii up`, to see what the app makes of it
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii chaos kill                             SIGKILL to one instance, chosen at random
  xii chaos kill --type web --signal TERM    SIGTERM to one instance of web
  xii chaos kill --every 5s --for 1m         one every five seconds, for a minute
  xii chaos pause --type web --for 10s       stop one instance of web for ten seconds (SIGSTOP, SIGCONT)")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    kind: Trouble,
}

#[derive(Subcommand)]
enum Trouble {
    /// Send a signal that ends an instance
    Kill(Kill),
    /// Hold an instance for a while, as a machine that swaps or a debugger does
    Pause(Pause),
}

#[derive(Args)]
struct Kill {
    /// The signal
    #[arg(long, default_value = "KILL")]
    signal: String,
    #[command(flatten)]
    common: Common,
    /// For how long, with --every
    #[arg(long = "for", value_name = "TIME", value_parser = duration, requires = "every")]
    lasting: Option<Duration>,
}

#[derive(Args)]
struct Pause {
    /// For how long each time
    #[arg(long = "for", value_name = "TIME", value_parser = duration, default_value = "5s")]
    lasting: Duration,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct Common {
    /// Only instances of this type
    #[arg(long = "type", value_name = "TYPE")]
    process: Option<String>,
    /// Again after this time, until Ctrl-C, or until the --for of `kill` is over
    #[arg(long, value_name = "TIME", value_parser = duration)]
    every: Option<Duration>,
    /// The app's folder
    #[arg(long, default_value = ".")]
    path: PathBuf,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.kind {
        Trouble::Kill(kill) => {
            let Some(signal) = signal_of(&kill.signal) else {
                let asked = &kill.signal;
                return Err(Failure::usage(format!(
                    "`{asked}` is no signal that is known here: write a name such as TERM"
                )));
            };
            let name = xii_runtime::supervisor::signal_name(signal.as_raw());
            repeat(&kill.common, kill.lasting, |folder, instance| {
                running::ask(folder, |client| client.signal(instance, &name))?;
                output::print(&format!("{name} to {instance}\n"))?;
                Ok(None)
            })
        }
        // Each pause takes its time, so it is repeated until Ctrl-C.
        Trouble::Pause(pause) => repeat(&pause.common, None, |folder, instance| {
            // Listened to before the instance is stopped, which must not stay so.
            let wait = Interruptible::new()?;
            running::ask(folder, |client| client.signal(instance, "SIGSTOP"))?;
            output::print(&format!("paused {instance}\n"))?;
            let code = wait.pass(pause.lasting);
            running::ask(folder, |client| client.signal(instance, "SIGCONT"))?;
            output::print(&format!("{instance} goes on\n"))?;
            Ok(code)
        }),
    }
}

/// A wait that a signal to end cuts short.
struct Interruptible {
    runtime: tokio::runtime::Runtime,
    interrupt: Signal,
    terminate: Signal,
}

impl Interruptible {
    fn new() -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::unfinished)?;
        let entered = runtime.enter();
        let interrupt = signal(SignalKind::interrupt()).map_err(Failure::unfinished)?;
        let terminate = signal(SignalKind::terminate()).map_err(Failure::unfinished)?;
        drop(entered);
        Ok(Interruptible {
            runtime,
            interrupt,
            terminate,
        })
    }

    /// Waits this long. When a signal came, the exit code that it stands for.
    fn pass(mut self, time: Duration) -> Option<u8> {
        self.runtime.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(time) => None,
                _ = self.interrupt.recv() => Some(130),
                _ = self.terminate.recv() => Some(143),
            }
        })
    }
}

/// Makes trouble once, or again and again; until it gives an exit code.
fn repeat(
    common: &Common,
    lasting: Option<Duration>,
    trouble: impl Fn(&Path, &str) -> Result<Option<u8>, Failure>,
) -> Result<ExitCode, Failure> {
    let end = lasting.map(|lasting| Instant::now() + lasting);
    loop {
        let status = running::ask(&common.path, |client| client.status())?;
        if status.ends_together && common.every.is_some() {
            return Err(Failure::usage(
                "this run ends when one process ends, so there would be nothing left to trouble: \
                 start it with `xii up --on-exit restart`",
            ));
        }
        match victim(&status, common.process.as_deref()) {
            Some(instance) => {
                if let Some(code) = trouble(&common.path, &instance)? {
                    return Ok(ExitCode::from(code));
                }
            }
            None if common.every.is_some() => {}
            None => {
                let which = common.process.as_deref().unwrap_or("any type");
                return Err(Failure {
                    message: format!("no instance of {which} runs now; see `xii ps`"),
                    code: 1,
                });
            }
        }
        let Some(every) = common.every else {
            return Ok(ExitCode::SUCCESS);
        };
        if end.is_some_and(|end| Instant::now() + every > end) {
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(every);
    }
}

/// One of the instances that run, at random.
fn victim(status: &Status, process: Option<&str>) -> Option<String> {
    use std::hash::{BuildHasher, RandomState};
    let running: Vec<_> = status
        .instances
        .iter()
        .filter(|one| process.is_none_or(|name| one.instance.process == name))
        .filter(|one| {
            matches!(
                one.state,
                InstanceState::Ready | InstanceState::NotReady | InstanceState::Starting
            )
        })
        .collect();
    // The standard hasher's keys are random, and no better chance is needed.
    let chance = RandomState::new().hash_one(0) as usize;
    let one = running.get(chance.checked_rem(running.len())?)?;
    Some(one.instance.to_string())
}
