//! `xii scale`: change how many instances run.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xii_runtime::formation;

use crate::error::Failure;
use crate::{output, running};

/// Change how many instances of a type run, in a running `xii up`
///
/// Returns when new instances are ready and surplus ones have ended. Behind the router no request is lost.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii scale web=3             three instances of web
  xii scale web=2,worker=0    and no worker
  xii scale web=2 --path api  of the app in the folder api")]
pub(crate) struct Arguments {
    /// TYPE=N, several with commas or spaces between them
    #[arg(required = true, value_name = "TYPE=N")]
    counts: Vec<String>,
    /// The app's folder
    #[arg(long, default_value = ".")]
    path: PathBuf,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let counts = formation::scale(&arguments.counts.join(",")).map_err(Failure::usage)?;
    let known = running::ask(&arguments.path, |client| client.status())?;
    for (name, count) in counts {
        let before = known
            .instances
            .iter()
            .filter(|one| one.instance.process == name)
            .count();
        running::ask(&arguments.path, |client| client.scale(&name, count))?;
        output::print(&format!("{name}: {before} → {count}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}
