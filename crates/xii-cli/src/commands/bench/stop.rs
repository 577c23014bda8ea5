//! `xii bench stop`: what a stop under load costs.

use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use xii_runtime::load::{self, Cause, Load, Pace, Phase, Span, Switch, Target};

use super::load::{Format, json};
use super::session::{Ended, Session, Stage};
use super::start::Times;
use super::subject::{Chosen, Subject};
use super::{asked, ink, stops};
use crate::error::Failure;
use crate::output::{self, Color};

/// New connections a second that are tried from the signal on.
const TRIES: f64 = 200.0;
/// The longest that an answer may take after the end of the process.
const LATE: Duration = Duration::from_secs(2);

/// Measure what a stop under load costs: time to exit, requests lost, what new connections meet
///
/// Each run starts the process, loads it, sends SIGTERM as `xii stop` does, and looks at three things
/// apart: requests that had begun before the signal, requests that began after it on connections that
/// were kept, and new connections, of which 200 a second are tried until the process has ended. That
/// connections are refused then, or closed between two requests, is no loss: a platform sends none by
/// then, and a client sends its request again.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii bench stop                          web of this folder, five times
  xii bench stop api web --request /slow -n 3
  xii bench stop --format json

Exit codes: 0 nothing was lost, 1 something was, or the process had to be killed, 3 it did not start")]
pub(crate) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// How many stops
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    runs: u32,
    /// The path that is asked for
    #[arg(long, value_name = "PATH", default_value = "/")]
    request: String,
    /// Connections that ask, each as soon as it has its answer
    #[arg(long, short, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// How long it is loaded before the signal
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = asked::some_time)]
    before: Duration,
    /// How to print what was measured
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// What was measured.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) process: String,
    pub(super) command: String,
    /// The time between SIGTERM and SIGKILL, in seconds.
    pub(super) grace: f64,
    pub(super) to_exit: Times,
    pub(super) runs: Vec<Run>,
}

/// One stop.
#[derive(Debug, Serialize)]
pub(super) struct Run {
    pub(super) to_exit_ms: f64,
    /// `exit 0`, `SIGTERM`.
    pub(super) ended: String,
    /// It did not end within its grace.
    pub(super) killed: bool,
    /// Requests that began before the signal.
    pub(super) begun_before: Phase,
    /// Requests that began after it, on kept connections and on new ones.
    pub(super) begun_after: Phase,
    /// Requests that were tried on new connections from the signal to the end of the process.
    pub(super) new_connections: Phase,
}

impl Run {
    /// Requests that no client could have helped losing: begun before the signal, or taken on after it and
    /// then dropped. A refused connection is none, nor is a kept one that was closed between two requests.
    pub(super) fn lost(&self) -> u64 {
        let helped = |phase: &Phase| {
            let harmless = [Cause::Refused, Cause::Stale];
            let counts = harmless.iter().filter_map(|cause| phase.causes.get(cause));
            phase.lost - counts.sum::<u64>()
        };
        self.begun_before.lost + helped(&self.begun_after) + helped(&self.new_connections)
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    // First of all: it forks.
    let stage = Stage::new()?;
    let subject = Subject::of(&arguments.chosen)?;
    if !subject.process.listens {
        return Err(Failure::usage(format!(
            "`{}` does not listen, so that it cannot be loaded: declare `listens = true` if it does",
            subject.process.name
        )));
    }
    if !arguments.request.starts_with('/') {
        return Err(Failure::usage("`--request` is a path, such as /health"));
    }
    let mut runs = Vec::new();
    let mut times = Vec::new();
    for number in 1..=arguments.runs {
        ink::step(&format!("stop {number} of {}", arguments.runs));
        let (run, after) = one(arguments, &stage, &subject)?;
        runs.push(run);
        times.push(after);
    }
    ink::steps_done();
    let report = Report {
        process: subject.process.name.clone(),
        command: subject.process.command.clone(),
        grace: subject.process.grace.as_secs_f64(),
        to_exit: Times::of(&times),
        runs,
    };
    output::print(&match arguments.format {
        Format::Json => json(&report)?,
        Format::Human => stops::stop(&report, arguments.color.for_stdout()),
    })?;
    let clean = report.runs.iter().all(|run| run.lost() == 0 && !run.killed);
    Ok(ExitCode::from(u8::from(!clean)))
}

/// Starts, loads and stops once.
fn one(
    arguments: &Arguments,
    stage: &Stage,
    subject: &Subject,
) -> Result<(Run, Duration), Failure> {
    let mut session = Session::start(stage, subject)?;
    let ready = session.ready(arguments.chosen.within)?;
    let Some(port) = ready.port else {
        return Err(Failure::unfinished("the process was given no port"));
    };
    let target = Target::new(
        &[format!("http://127.0.0.1:{port}{}", arguments.request)],
        &[],
    );
    let timeout = subject.process.grace + LATE;
    let kept = Load {
        connections: arguments.connections,
        span: Span::UntilStopped,
        timeout,
        ..Load::new(target.map_err(Failure::usage)?)
    };
    let new = Load {
        pace: Pace::Rate(TRIES),
        keep_alive: false,
        connections: 256,
        ..kept.clone()
    };
    let (kept_switch, new_switch) = (Switch::default(), Switch::default());
    let outcome = thread::scope(|scope| {
        let loading = scope.spawn(|| load::run(&kept, &kept_switch));
        let trying = scope.spawn(|| load::run(&new, &new_switch));
        // Waiting is what is measured here: so long the process is under load.
        thread::sleep(arguments.before);
        let ended = session.stop(|| {
            kept_switch.mark();
            new_switch.mark();
        });
        // Whoever begins now meets nobody, which says nothing of the stop.
        kept_switch.stop();
        new_switch.stop();
        (ended, loading.join(), trying.join())
    });
    let (ended, Ok(kept), Ok(new)) = outcome else {
        return Err(Failure::unfinished(
            "the load generator ended in the middle",
        ));
    };
    let ended: Ended = ended?;
    let kept = kept.map_err(Failure::unfinished)?;
    let new = new.map_err(Failure::unfinished)?;
    let run = Run {
        to_exit_ms: ended.after.as_secs_f64() * 1e3,
        ended: ended.how,
        killed: ended.killed,
        begun_before: kept.measured,
        begun_after: kept.after_mark.unwrap_or_default(),
        new_connections: new.after_mark.unwrap_or_default(),
    };
    Ok((run, ended.after))
}
