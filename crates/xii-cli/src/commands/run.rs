//! `xii run`: a one-off task beside the app's processes.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use xii_runtime::StateFolder;
use xii_runtime::control::Client;
use xii_runtime::environment::{Environment, Own, Sibling, tool_folders};
use xii_runtime::formation::{Formation, Process};
use xii_runtime::log::pump::{self, Pump};
use xii_runtime::log::sink::Sink;
use xii_runtime::store::{self, Store};
use xii_runtime::task::{self, TaskName, Work};
use xii_runtime::{platform, task::has_terminal};

use crate::app::{self, Loaded, Wanted};
use crate::error::Failure;
use crate::output;
use crate::settings::nearest;

/// How long the store has at the end.
const LAST: Duration = Duration::from_secs(5);

/// Run a one-off task in the environment and folder of the app's processes
///
/// A task is a type that xii.toml or the Procfile declares (`[tasks]`, `release`), or one that is found in
/// the code: a migration script, a management command. Anything else goes after `--`. On a terminal the
/// task gets one of its own, so that consoles work. Its exit code is returned, 128 and the signal's number
/// for a signal. What it writes is in the log as `run.1`, its first 8 MiB; so is what a terminal shows.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii run migrate                     a task by its name
  xii run migrate -- --dry-run        with arguments
  xii run -- psql                     any program; see `env` of the processes
  xii run -- 'ls *.csv | wc -l'       one argument is a line for the shell
  xii run --list                      which tasks there are")]
pub(crate) struct Arguments {
    /// The task's name
    #[arg(conflicts_with = "list")]
    task: Option<OsString>,
    /// A program with its arguments; after a task's name, arguments for it
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    /// List the tasks
    #[arg(long)]
    list: bool,
    /// The app's folder
    #[arg(long, default_value = ".")]
    path: PathBuf,
    /// A file of variables instead of .env; may be given again, the later over the earlier
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// The Procfile
    #[arg(short = 'f', long, value_name = "FILE")]
    procfile: Option<PathBuf>,
    /// Keep nothing of what it writes
    #[arg(long)]
    no_log: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if !arguments.list && arguments.task.is_none() && arguments.command.is_empty() {
        return Err(Failure::usage(
            "say what to run: a task's name, or `--` and a command; `xii run --list` lists the tasks",
        ));
    }
    // Before anything starts a thread. From here on nothing outlives this process.
    let _guarded = platform::guard().map_err(Failure::unfinished)?;
    let state =
        StateFolder::of(&arguments.path, |name| env::var_os(name)).map_err(Failure::usage)?;
    let loaded = app::load_declared(Wanted {
        folder: &arguments.path,
        procfile: arguments.procfile.as_deref(),
        env_files: &arguments.env_file,
        variables: true,
        caller: Environment::of_caller(env::vars_os()),
    })?;
    if arguments.list {
        return list(&loaded.formation, &arguments.path);
    }
    let task = match &arguments.task {
        Some(name) => Some(named(
            &name.to_string_lossy(),
            &loaded.formation,
            &arguments.path,
        )?),
        None => None,
    };
    let words = words(task.as_ref(), &arguments.command);
    state.create().map_err(Failure::usage)?;
    let name = TaskName::take(state.path()).map_err(Failure::unfinished)?;
    let process = task.unwrap_or_else(|| Process::new("run", ""));
    let folder = match &process.folder {
        Some(inner) => state.app().join(inner),
        None => state.app().to_owned(),
    };
    let environment = loaded.environment.for_instance(&Own {
        process: &process,
        instance: name.instance(),
        port: None,
        siblings: &siblings(&state, &loaded.formation),
        tools: &tool_folders(&[&folder, state.app()], &loaded.environment),
    });
    let pump = start_pump(&state, &loaded, &environment, arguments.no_log)?;
    let work = Work {
        words,
        instance: name.instance().clone(),
        folder,
        environment,
        grace: process.grace,
        pump: pump.handle(),
        terminal: has_terminal(),
    };
    let ended = task::run(&work).map_err(|error| Failure {
        message: error.to_string(),
        code: error.exit_code(),
    });
    for (sink, lines) in pump.finish(LAST) {
        if lines > 0 {
            output::complain(&format!("{lines} lines of the task are not in the {sink}"));
        }
    }
    Ok(ExitCode::from(ended?.exit_code()))
}

/// Where what the task writes is kept.
fn start_pump(
    state: &StateFolder,
    loaded: &Loaded,
    environment: &Environment,
    no_log: bool,
) -> Result<Pump, Failure> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if !no_log {
        let size = loaded.run.log_size.map(store::Settings::of_total);
        match Store::open(&state.log(), size.unwrap_or_default()) {
            Ok(store) => sinks.push(Box::new(store)),
            // A task is not kept from its work by a log.
            Err(error) => output::complain(&format!(
                "the log is not kept, since {} cannot be used: {error}",
                state.log().display()
            )),
        }
    }
    let secrets = app::secrets(environment);
    Pump::start(pump::Settings { sinks, secrets }).map_err(Failure::unfinished)
}

/// What is run: a program with its arguments, or one line for the shell.
fn words(task: Option<&Process>, arguments: &[OsString]) -> Vec<OsString> {
    let Some(task) = task else {
        return arguments.to_vec();
    };
    if arguments.is_empty() {
        return vec![OsString::from(&task.command)];
    }
    // The line stays one for the shell, and the arguments stay as they are.
    let line = format!("{} \"$@\"", task.command);
    let shell = ["/bin/sh", "-c", &line, "sh"].map(OsString::from);
    shell.into_iter().chain(arguments.iter().cloned()).collect()
}

/// The task of this name: what is declared comes before what is found.
fn named(name: &str, formation: &Formation, folder: &Path) -> Result<Process, Failure> {
    if let Some(process) = formation.process(name) {
        return Ok(process.clone());
    }
    let found = app::tasks_found(folder)?;
    if let Some(process) = found.iter().find(|process| process.name == name) {
        return Ok(process.clone());
    }
    let declared = app::tasks_declared(formation);
    let names: Vec<&str> = declared
        .iter()
        .chain(&found)
        .map(|one| one.name.as_str())
        .collect();
    let there = match (nearest(name, names.iter().copied()), names.as_slice()) {
        (Some(meant), _) => format!("did you mean `{meant}`"),
        (None, []) => "none is declared or found".to_owned(),
        (None, names) => format!("there are {}", names.join(", ")),
    };
    Err(Failure::usage(format!(
        "no task is called `{name}`: {there}; a command comes after `--`, as in `xii run -- {name}`"
    )))
}

/// Says which tasks there are, and where each is from.
fn list(formation: &Formation, folder: &Path) -> Result<ExitCode, Failure> {
    let mut tasks = app::tasks_declared(formation);
    for task in app::tasks_found(folder)? {
        if formation.process(&task.name).is_none() {
            tasks.push(task);
        }
    }
    let width = tasks
        .iter()
        .map(|task| task.name.chars().count())
        .max()
        .unwrap_or(0);
    let lines: String = tasks
        .iter()
        .map(|task| {
            format!(
                "{:width$}  {}  ({})\n",
                task.name, task.command, task.origin
            )
        })
        .collect();
    if lines.is_empty() {
        output::complain("no task is declared or found: write `[tasks]` in xii.toml");
        return Ok(ExitCode::from(1));
    }
    output::print(&lines)?;
    Ok(ExitCode::SUCCESS)
}

/// Where the app's types listen, when it runs.
fn siblings(state: &StateFolder, formation: &Formation) -> Vec<Sibling> {
    let socket = state.socket();
    let Ok(status) = Client::new(&socket).status() else {
        return Vec::new();
    };
    let listening = formation.processes.iter().filter(|process| process.listens);
    listening
        .filter_map(|process| {
            let router = status.router.filter(|_| process.name == "web");
            let port = router.map(|address| address.port()).or_else(|| {
                let instances = status.instances.iter();
                let mut own = instances.filter(|one| one.instance.process == process.name);
                own.find_map(|one| one.port)
            })?;
            Some(Sibling::on_port(process.name.clone(), port))
        })
        .collect()
}
