//! `xii stop`: end instances, or the whole run.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::error::Failure;
use crate::{output, running};

/// Stop instances of a running `xii up`, or all of it
///
/// Without a target the run ends. Instances that are stopped stay so until `xii restart`. Returns when they
/// are gone: SIGTERM, then the grace of their type, then SIGKILL.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii stop              end the run
  xii stop worker       stop all workers
  xii stop web.2        stop one instance")]
pub(crate) struct Arguments {
    /// A process type or an instance; the whole run if none is given
    #[arg(value_name = "TYPE|INSTANCE")]
    target: Option<String>,
    /// The app's folder
    #[arg(long, default_value = ".")]
    path: PathBuf,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let said = match &arguments.target {
        None => {
            running::ask(&arguments.path, |client| client.shut_down())?;
            "stopped\n".to_owned()
        }
        Some(target) => {
            let stopped = running::ask(&arguments.path, |client| client.stop(target))?;
            let line = |instance| format!("stopped {instance}\n");
            stopped.iter().map(line).collect()
        }
    };
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}
