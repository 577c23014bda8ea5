//! `xii restart`: end instances and start them anew.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::error::Failure;
use crate::{output, running};

/// Restart instances of a running `xii up`
///
/// Instances of a type are restarted one after the other. Behind the router the new one is started and
/// becomes ready before the old one is drained and stopped, so that no request is lost; if it does not
/// become ready, the old one serves on. What was stopped or is held is started.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii restart           everything
  xii restart web       all instances of web
  xii restart web.2     one of them")]
pub(crate) struct Arguments {
    /// A process type or an instance; everything if none is given
    #[arg(value_name = "TYPE|INSTANCE")]
    target: Option<String>,
    /// The app's folder
    #[arg(long, default_value = ".")]
    path: PathBuf,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let target = arguments.target.as_deref().unwrap_or_default();
    let instances = running::ask(&arguments.path, |client| client.restart(target))?;
    let said: String = instances
        .iter()
        .map(|instance| format!("restarted {instance}\n"))
        .collect();
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}
