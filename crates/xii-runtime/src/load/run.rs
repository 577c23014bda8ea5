//! Running a load.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use thiserror::Error;

use super::clock::Clock;
use super::message::BadMessage;
use super::plan::{Load, Pace, Span, Switch};
use super::report::Report;
use super::tally::Tally;
use super::worker::Worker;

/// The highest rate that is taken, in requests a second.
const HIGHEST: f64 = 1e7;
/// The most connections that are taken.
const MOST_CONNECTIONS: u32 = 100_000;
/// The most threads that are taken.
const MOST_THREADS: u32 = 256;

/// Why a load could not be run. That a server does not answer is no such reason: it is in the report.
#[derive(Debug, Error)]
pub enum CannotRun {
    /// The request cannot be sent.
    #[error(transparent)]
    Message(#[from] BadMessage),
    /// A number is out of its range.
    #[error("{what} is {given}: {range}")]
    Range {
        /// Which number.
        what: &'static str,
        /// What it is.
        given: String,
        /// What it may be.
        range: &'static str,
    },
    /// The system refused what the generator needs itself.
    #[error("the load cannot be run: {0}")]
    System(#[from] io::Error),
}

impl From<Errno> for CannotRun {
    fn from(errno: Errno) -> Self {
        CannotRun::System(errno.into())
    }
}

/// Runs a load to its end, on threads of its own, and waits for them.
///
/// After the end of its time, or once the switch says stop, no request begins; those on their way may
/// end within their timeout, so that nothing counts as lost because the run was over.
///
/// # Errors
/// When the load is none that can be run, or the system has no threads or descriptors for it.
pub fn run(load: &Load, switch: &Switch) -> Result<Report, CannotRun> {
    check(load)?;
    let messages = load.message.bytes(&load.target, load.keep_alive)?;
    let threads = load.threads.min(load.connections);
    let start = Instant::now();
    let mut workers = Vec::new();
    for thread in 0..threads {
        let more = u32::from(thread < load.connections % threads);
        workers.push(Worker::new(
            load,
            &messages,
            switch.clone(),
            Clock::new(load, start, thread, threads),
            (load.connections / threads + more) as usize,
            tallies()?,
        )?);
    }
    let done: Vec<io::Result<[Tally; 3]>> = thread::scope(|scope| {
        let started: Vec<_> = workers
            .into_iter()
            .map(|worker| {
                let named = thread::Builder::new().name("xii-load".to_owned());
                named.spawn_scoped(scope, move || worker.run())
            })
            .collect();
        if started.iter().any(Result::is_err) {
            // Those that run would send for all of the time, and the whole would not be what was asked.
            switch.stop();
        }
        let ended = started.into_iter().map(|thread| match thread?.join() {
            Ok(outcome) => outcome.map_err(io::Error::from),
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect()
    });
    let mut sum = tallies()?;
    for tallies in done {
        for (all, one) in sum.iter_mut().zip(&tallies?) {
            all.add(one);
        }
    }
    Ok(Report::new(load, measured(load, start, switch), &sum))
}

fn tallies() -> Result<[Tally; 3], CannotRun> {
    let one = || Tally::new().map_err(io::Error::other);
    Ok([one()?, one()?, one()?])
}

/// The measured time in seconds, once it is over.
fn measured(load: &Load, start: Instant, switch: &Switch) -> f64 {
    let passed = start.elapsed().saturating_sub(load.warm_up);
    match load.span {
        Span::For(time) if switch.is_stopped() => time.min(passed),
        Span::For(time) => time,
        Span::Requests(_) | Span::UntilStopped => passed,
    }
    .as_secs_f64()
}

fn check(load: &Load) -> Result<(), CannotRun> {
    let wrong = |what, given: String, range| Err(CannotRun::Range { what, given, range });
    if let Pace::Rate(rate) = load.pace
        && !(rate > 0.0 && rate <= HIGHEST)
    {
        let range = "a rate is above 0 and at most 10,000,000 requests a second";
        return wrong("the rate", rate.to_string(), range);
    }
    if !(1..=MOST_CONNECTIONS).contains(&load.connections) {
        let range = "there are from 1 to 100,000";
        return wrong(
            "the number of connections",
            load.connections.to_string(),
            range,
        );
    }
    if !(1..=MOST_THREADS).contains(&load.threads) {
        let range = "there are from 1 to 256";
        return wrong("the number of threads", load.threads.to_string(), range);
    }
    let day = Duration::from_secs(86_400);
    for (what, time) in [
        ("the timeout", Some(load.timeout)),
        ("the time", load.time()),
    ] {
        if let Some(time) = time.filter(|time| time.is_zero() || *time > day) {
            return wrong(what, format!("{time:?}"), "it is above 0 and at most a day");
        }
    }
    if load.warm_up > day {
        let given = format!("{:?}", load.warm_up);
        return wrong("the warm-up", given, "it is at most a day");
    }
    if load.span == Span::Requests(0) {
        return wrong("the number of requests", "0".to_owned(), "it is at least 1");
    }
    Ok(())
}

impl Load {
    fn time(&self) -> Option<Duration> {
        match self.span {
            Span::For(time) => Some(time),
            Span::Requests(_) | Span::UntilStopped => None,
        }
    }
}
