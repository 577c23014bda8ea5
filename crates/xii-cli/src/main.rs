//! The xii command.

mod app;
mod baseline;
mod commands;
mod error;
mod fix;
mod output;
mod page;
mod progress;
mod proving;
mod reporting;
mod running;
mod settings;
mod start;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Failure;

/// The twelve-factor toolchain: audit any codebase, prove it, and run it as a platform would.
#[derive(Parser)]
#[command(
    name = "xii",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(commands::check::Arguments),
    Prove(commands::prove::Arguments),
    Explain(commands::explain::Arguments),
    Init(commands::init::Arguments),
    Up(commands::up::Arguments),
    Ps(commands::ps::Arguments),
    Logs(commands::logs::Arguments),
    Run(commands::run::Arguments),
    Scale(commands::scale::Arguments),
    Restart(commands::restart::Arguments),
    Stop(commands::stop::Arguments),
    Chaos(commands::chaos::Arguments),
    Bench(commands::bench::Arguments),
    Witness(commands::witness::Arguments),
}

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == "witnessed") {
        return commands::witnessed::run(words);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let wrong = error.use_stderr();
            // A closed pipe while help is printed is nobody's error.
            let _ = error.print();
            return ExitCode::from(if wrong { 2 } else { 0 });
        }
    };
    let done = match arguments.command {
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Prove(arguments) => commands::prove::run(&arguments),
        Command::Explain(arguments) => commands::explain::run(&arguments),
        Command::Init(arguments) => commands::init::run(&arguments),
        Command::Up(arguments) => commands::up::run(&arguments),
        Command::Ps(arguments) => commands::ps::run(&arguments),
        Command::Logs(arguments) => commands::logs::run(&arguments),
        Command::Scale(arguments) => commands::scale::run(&arguments),
        Command::Restart(arguments) => commands::restart::run(&arguments),
        Command::Run(arguments) => commands::run::run(&arguments),
        Command::Stop(arguments) => commands::stop::run(&arguments),
        Command::Chaos(arguments) => commands::chaos::run(&arguments),
        Command::Bench(arguments) => commands::bench::run(&arguments),
        Command::Witness(arguments) => commands::witness::run(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(Failure { message, code }) => {
            output::complain(&message);
            ExitCode::from(code)
        }
    }
}
