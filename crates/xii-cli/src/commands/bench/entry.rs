//! Which of the measurements.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{load, start, stop};
use crate::error::Failure;

/// Measure an app: how it bears load, how fast it starts, what a stop costs
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Load(Box<load::Arguments>),
    Start(start::Arguments),
    Stop(stop::Arguments),
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.what {
        What::Load(arguments) => load::run(arguments),
        What::Start(arguments) => start::run(arguments),
        What::Stop(arguments) => stop::run(arguments),
    }
}
