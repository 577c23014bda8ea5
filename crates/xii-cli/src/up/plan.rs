//! What `up` is to run, of its arguments, the app's files and the caller's environment.

use std::io::IsTerminal;
use std::path::PathBuf;

use xii_model::grammar::is_process_name;
use xii_runtime::StateFolder;
use xii_runtime::environment::{Environment, Origin};
use xii_runtime::formation::{self, Faulty, Formation, Kind, Restart};
use xii_runtime::ports::base_port;

use crate::app::{self, Wanted, load};
use crate::commands::up::Arguments;
use crate::error::Failure;
use crate::settings::{OnExit, RunSettings};

/// What is to be run, and how.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) state: StateFolder,
    pub(super) formation: Formation,
    pub(super) environment: Environment,
    pub(super) settings: RunSettings,
    pub(super) base_port: u16,
    pub(super) on_exit: Restart,
    /// Whether requests go through the router.
    pub(super) routed: bool,
    /// What was inferred, a line each.
    pub(super) told: Vec<String>,
}

/// Makes the plan.
///
/// # Errors
/// Everything that is wrong with what was given.
pub(super) fn plan(arguments: &Arguments) -> Result<Plan, Failure> {
    let lookup = |name: &str| std::env::var_os(name);
    let (folder, types) = place(arguments);
    let state = StateFolder::of(&folder, lookup).map_err(Failure::usage)?;
    let loaded = load(Wanted {
        folder: state.app(),
        procfile: arguments.procfile.as_deref(),
        env_files: &arguments.env_file,
        variables: true,
        caller: Environment::of_caller(std::env::vars_os()),
    })?;
    let mut formation = loaded.formation;
    shape(&mut formation, arguments, &types)
        .map_err(|Faulty(faults)| Failure::usage(faults.join("\n")))?;
    let base = base_port(arguments.port.or(loaded.run.port), &loaded.environment)
        .map_err(Failure::usage)?;
    let web = formation.process("web");
    let has_web = web.is_some_and(|web| web.kind == Kind::Service && web.listens);
    let wanted = !arguments.no_router && loaded.run.router.enabled.unwrap_or(true);
    let on_exit = match arguments.on_exit.or(loaded.run.on_exit) {
        Some(OnExit::Restart) => Restart::Always,
        Some(OnExit::Stop) => Restart::StopAll,
        Some(OnExit::Ignore) => Restart::Never,
        None if std::io::stdout().is_terminal() => Restart::StopAll,
        None => Restart::Always,
    };
    Ok(Plan {
        state,
        formation,
        environment: loaded.environment,
        settings: loaded.run,
        base_port: base.port,
        on_exit,
        routed: has_web && wanted,
        told: loaded.told,
    })
}

/// The app's folder and the types. `xii up worker` means a type of this folder's app, unless there is a
/// folder of that name.
fn place(arguments: &Arguments) -> (PathBuf, Vec<String>) {
    let path = &arguments.path;
    let name = path.to_str().filter(|name| is_process_name(name));
    match name.filter(|_| !path.exists()) {
        Some(name) => {
            let types = [name.to_owned()].into_iter().chain(arguments.types.clone());
            (PathBuf::from("."), types.collect())
        }
        None => (path.clone(), arguments.types.clone()),
    }
}

/// Applies what the arguments say of the formation.
fn shape(formation: &mut Formation, arguments: &Arguments, types: &[String]) -> Result<(), Faulty> {
    if !arguments.scale.is_empty() {
        let counts = formation::scale(&arguments.scale.join(","))?;
        formation.scale(&counts)?;
    }
    formation.select(types)?;
    if let Some(grace) = arguments.grace {
        for process in &mut formation.processes {
            process.grace = grace;
        }
    }
    let runs = |process: &formation::Process| process.count > 0 && process.kind != Kind::Task;
    if formation.processes.iter().any(runs) {
        Ok(())
    } else {
        let fault = "nothing is to be run: every type is a task, or scaled to 0";
        Err(Faulty(vec![fault.to_owned()]))
    }
}

impl Plan {
    /// Values that no line may show: of the variables of all types, and of one type alone.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut secrets = app::secrets(&self.environment);
        for process in &self.formation.processes {
            let mut own = Environment::default();
            for (name, value) in &process.environment {
                own.set(name, value, Origin::Process(process.name.clone()));
            }
            secrets.extend(app::secrets(&own));
        }
        secrets
    }

    /// The name of every instance that is started.
    pub(super) fn names(&self) -> Vec<String> {
        let started = |one: &&formation::Process| one.kind != Kind::Task;
        self.formation
            .processes
            .iter()
            .filter(started)
            .flat_map(|one| (1..=one.count).map(|number| format!("{}.{number}", one.name)))
            .collect()
    }

    /// A path of xii.toml, which is relative to the app's folder.
    pub(super) fn path(&self, path: &std::path::Path) -> PathBuf {
        self.state.app().join(path)
    }
}
