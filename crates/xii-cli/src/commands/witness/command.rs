//! The command.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use xii_model::Instance;
use xii_witness::{Options, Witness};

use super::attend::{self, Ended};
use super::page::Page;
use super::record::Keeper;
use super::{events, masked};
use crate::error::Failure;
use crate::output::{self, Color};

/// Record what a command does to the system: programs, files, addresses, processes, signals
///
/// The command runs as ever, with this terminal's streams, and its exit code is returned, 128 and the signal's
/// number for a signal. When it and all that came of it have ended, the record is written to standard error, or
/// to a file. Told is what was asked of the system, whether it was granted or not. Values that look like
/// secrets are masked. Programs that would gain privileges, such as sudo, run without them. Linux only.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii witness -- npm start                         which ports it binds, which files it writes
  xii witness -- sh -c 'make > make.log'           a line for the shell
  xii witness --reads -- ./app                     the files that it reads too
  xii witness --format json -o app.jsonl -- ./app  one JSON object a line, to a file
  jq -r 'select(.deed == \"opened\").path' app.jsonl

A process that lives on when the command has ended is waited for; Ctrl-C ends it.

Exit codes: the command's own; 125 it could not be recorded, 126 it cannot be run, 127 there is no such program; 2 wrong usage, 3 nothing can be recorded here, or the record cannot be written")]
pub(crate) struct Arguments {
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    /// The format of the record
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Tell files that are only read, too; slower
    #[arg(long)]
    reads: bool,
    /// Write the record to this file instead of standard error
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON object a line: the event as the log of `xii up` has it
    Json,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if let Some(file) = &arguments.output {
        writable(file)?;
    }
    let keeper = Keeper::default();
    let witness = Witness::start(keeper.tell()).map_err(Failure::unfinished)?;
    let instance = Instance::new("run", 1);
    let options = Options {
        reads: arguments.reads,
        user: None,
    };
    let mut words = witness.prefix(&instance.to_string(), &options);
    // After the program and `witnessed`: when this process is killed, the command is not left half blind.
    words.insert(2, "--with-parent".into());
    words.extend(arguments.command.iter().cloned());
    let ended = attend::attend(&words).map_err(|error| {
        let name = Path::new(&arguments.command[0]).display();
        Failure::unfinished(format!("cannot start `{name}`: {error}"))
    })?;
    let record = keeper.finish(witness.lost());
    drop(witness);

    let command: Vec<String> = arguments
        .command
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let command = masked::line(&command);
    let text = match arguments.format {
        Format::Json => events::lines(&record, &ended, &command, &instance),
        Format::Human => {
            let page = Page {
                command: &command,
                folder: std::env::current_dir().ok(),
                color: arguments.output.is_none() && arguments.color.for_stderr(),
            };
            page.of(&record, &ended)
        }
    };
    match &arguments.output {
        Some(file) => output::write_file(file, &text)?,
        None => output::show(&text),
    }
    Ok(ExitCode::from(code(&ended)))
}

fn code(ended: &Ended) -> u8 {
    u8::try_from(ended.code()).unwrap_or(1)
}

/// Said before the command has run for an hour.
fn writable(file: &Path) -> Result<(), Failure> {
    let folder = file.parent().filter(|one| !one.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Failure::usage(format!(
            "cannot write {}: there is no folder {}",
            file.display(),
            folder.display()
        )));
    }
    if file.is_dir() {
        return Err(Failure::usage(format!(
            "cannot write {}: it is a folder",
            file.display()
        )));
    }
    Ok(())
}
