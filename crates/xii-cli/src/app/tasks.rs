//! What `xii run` may be asked for by name.

use std::path::{Path, PathBuf};

use xii_runtime::formation::{Formation, Kind, Process};

use crate::error::Failure;
use crate::progress;

/// The tasks that are declared: every type but those that serve.
pub(crate) fn declared(formation: &Formation) -> Vec<Process> {
    let processes = formation.processes.iter();
    processes
        .filter(|process| process.kind != Kind::Service)
        .cloned()
        .collect()
}

/// Tasks that the survey finds in the code and its manifests: `migrate` of a script, management commands.
/// Where several apps have one of the same name, it is called by its folder, too.
pub(crate) fn found(folder: &Path) -> Result<Vec<Process>, Failure> {
    let survey =
        progress::shown(|options| xii_survey::survey(folder, options)).map_err(Failure::usage)?;
    let mut tasks: Vec<(String, Process)> = Vec::new();
    for app in &survey.apps {
        let own = app.facts.admin_tasks.iter().filter(|task| {
            task.scope.is_deployed()
                && task.kind != "scheduled"
                && task.source != "Procfile release"
        });
        for task in own {
            // A secret in a command was masked when it was read: what is left is not to be run.
            let Some(command) = task.command.as_ref().filter(|text| !text.contains("***")) else {
                continue;
            };
            let known =
                |(root, one): &(String, Process)| *root == app.root && one.name == task.name;
            if tasks.iter().any(known) {
                continue;
            }
            let mut process = Process::new(task.name.clone(), command.clone());
            process.kind = Kind::Task;
            process.origin = task.at.to_string();
            process.folder = (app.root != ".").then(|| PathBuf::from(&app.root));
            tasks.push((app.root.clone(), process));
        }
    }
    let names: Vec<String> = tasks.iter().map(|(_, one)| one.name.clone()).collect();
    Ok(tasks
        .into_iter()
        .map(|(root, mut process)| {
            let shared = names.iter().filter(|name| **name == process.name).count() > 1;
            if shared && root != "." {
                process.name = format!("{root}/{}", process.name);
            }
            process
        })
        .collect())
}
