//! `xii bench start`: the time from the start of a process until it is ready, over several starts.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::load::{Format, json};
use super::session::{Session, Stage};
use super::subject::{Chosen, Subject};
use super::{ink, numbers, stops};
use crate::error::Failure;
use crate::output::{self, Color};

/// Measure the time from the start of a process until it is ready
///
/// Ready is what the type declares: an HTTP path, a line, a command; for a type that listens and declares
/// nothing, that its port takes connections. Each start is of a new process, one after the other.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii bench start                  web of this folder, ten times
  xii bench start api web -n 30
  xii bench start --format json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// How many starts
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// How to print what was measured
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// What was measured; times in milliseconds.
#[derive(Debug, Serialize)]
struct Report {
    process: String,
    command: String,
    #[serde(flatten)]
    times: Times,
    runs: Vec<f64>,
}

/// The spread of some times, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Times {
    pub(super) min_ms: f64,
    pub(super) median_ms: f64,
    pub(super) p90_ms: f64,
    pub(super) max_ms: f64,
}

impl Times {
    /// The spread; all 0 of none.
    pub(super) fn of(times: &[Duration]) -> Times {
        let mut sorted: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
        sorted.sort_by(f64::total_cmp);
        // The least that so many of a hundred are not above.
        let at = |share: usize| {
            let place = (sorted.len() * share).div_ceil(100).saturating_sub(1);
            sorted.get(place).copied().unwrap_or(0.0)
        };
        Times {
            min_ms: at(0),
            median_ms: at(50),
            p90_ms: at(90),
            max_ms: at(100),
        }
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    // First of all: it forks.
    let stage = Stage::new()?;
    let subject = Subject::of(&arguments.chosen)?;
    let mut times = Vec::new();
    for number in 1..=arguments.runs {
        ink::step(&format!("start {number} of {}", arguments.runs));
        let mut session = Session::start(&stage, &subject)?;
        times.push(session.ready(arguments.chosen.within)?.after);
        session.stop(|| {})?;
    }
    ink::steps_done();
    let report = Report {
        process: subject.process.name.clone(),
        command: subject.process.command.clone(),
        times: Times::of(&times),
        runs: times.iter().map(|time| time.as_secs_f64() * 1e3).collect(),
    };
    output::print(&match arguments.format {
        Format::Json => json(&report)?,
        Format::Human => {
            let color = arguments.color.for_stdout();
            let title = format!("{}: {}", report.process, report.command);
            let how = format!(
                "{} starts, each until it was ready",
                numbers::count(report.runs.len() as u64)
            );
            ink::heading(&title, &how, color) + &stops::times("to ready", report.times, color)
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_made_of_times_that_were_measured() {
        let times: Vec<_> = (1..=10).rev().map(Duration::from_millis).collect();
        let spread = Times::of(&times);
        let expected = Times {
            min_ms: 1.0,
            median_ms: 5.0,
            p90_ms: 9.0,
            max_ms: 10.0,
        };
        assert_eq!(spread, expected);
        let one = Times::of(&times[..1]);
        assert_eq!((one.min_ms, one.median_ms, one.max_ms), (10.0, 10.0, 10.0));
        assert_eq!(Times::of(&[]).max_ms, 0.0);
    }
}
