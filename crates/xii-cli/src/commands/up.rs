//! `xii up`: run the app's formation in the foreground.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use xii_model::grammar::duration;

use crate::error::Failure;
use crate::output::Color;
use crate::settings::OnExit;
use crate::up;

/// Run the app's processes here, as a twelve-factor platform would
///
/// Process types come from the Procfile, from xii.toml, or from what was found in the code, which is told.
/// Requests to the port reach the instances of `web` through a router; `--no-router` gives each its own port.
/// Ctrl-C stops everything: SIGTERM, the grace, SIGKILL; pressed again, at once.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii up                              everything, each type once, on port 5000
  xii up --scale web=2,worker=1       two instances of web behind the router
  xii up worker                       only the workers
  xii up api web worker --port 8080   these types of the app in the folder api
  xii up --on-exit restart            keep running what ends
  xii up --format json                one JSON object a line, for programs

From another terminal: xii ps, logs, scale, restart, stop, run, chaos.")]
pub(crate) struct Arguments {
    /// The app's folder
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Only these process types, and what they depend on
    #[arg(value_name = "TYPE")]
    pub(crate) types: Vec<String>,
    /// The Procfile [default: Procfile in the folder]
    #[arg(short = 'f', long, value_name = "FILE")]
    pub(crate) procfile: Option<PathBuf>,
    /// How many instances: web=2,worker=1; all=1 names every type
    #[arg(long, value_name = "TYPE=N,…", value_delimiter = ',')]
    pub(crate) scale: Vec<String>,
    /// The router's port, and the base of foreman's rule: base + 100 × type + instance − 1
    /// [default: PORT of the env file or of the caller, else 5000]
    #[arg(short, long)]
    pub(crate) port: Option<u16>,
    /// The address that the router listens on
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub(crate) host: IpAddr,
    /// A file of variables, over those of the caller; a later one is over an earlier one [default: .env]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,
    /// No router: each instance of web has its own port, by foreman's rule
    #[arg(long)]
    pub(crate) no_router: bool,
    /// What follows when a process ends by itself, where its type does not say
    /// [default: stop in a terminal, else restart]
    #[arg(long, value_enum)]
    pub(crate) on_exit: Option<OnExit>,
    /// Restart a type when its files change
    #[arg(long)]
    pub(crate) watch: bool,
    /// Send the stream there too: file:///PATH, syslog+tcp://HOST:PORT, syslog+udp://…, otlp+http://…
    #[arg(long, value_name = "URL")]
    pub(crate) drain: Vec<String>,
    /// Serve /metrics at this port of loopback too; the control socket always has it
    #[arg(long, value_name = "PORT")]
    pub(crate) control_port: Option<u16>,
    /// The time between SIGTERM and SIGKILL, for all types [default: 30s, or what a type declares]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) grace: Option<Duration>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    pub(crate) color: Color,
}

/// How the stream is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON object a line
    Json,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    up::run(arguments)
}
