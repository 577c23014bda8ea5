use std::fmt;
use std::path::{Path, PathBuf};

use xii_model::{App, AppKind, Framework};
use xii_runtime::formation::Process;

use super::{code, image, scripts};
use crate::error::Failure;
use crate::progress;

/// Sources of process types that orchestrate images: their commands are for containers, so only what
/// plainly works in the background is taken.
const ORCHESTRATION: [&str; 3] = ["compose", "kubernetes", "supervisor"];
/// Words in names of types that work in the background.
const BACKGROUND: [&str; 8] = [
    "worker",
    "celery",
    "beat",
    "scheduler",
    "clock",
    "cron",
    "consumer",
    "queue",
];
/// What a line says to add a process type.
const ADVICE: &str = "write a Procfile with a line such as `web: node server.js`";

/// A process type that was inferred.
#[derive(Debug)]
pub(crate) struct Inferred {
    /// It.
    pub(crate) process: Process,
    /// What is worth knowing of how it will run.
    pub(crate) remark: Option<&'static str>,
}

/// `web: node server.js  (package.json scripts.start)`, and the remark.
impl fmt::Display for Inferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Process {
            name,
            command,
            origin,
            ..
        } = &self.process;
        write!(f, "{name}: {command}  ({origin})")?;
        match self.remark {
            Some(remark) => write!(f, "; {remark}"),
            None => Ok(()),
        }
    }
}

/// What is known of a process type before it is one.
#[derive(Debug)]
pub(super) struct Found {
    /// The command line.
    pub(super) command: String,
    /// Where it stands.
    pub(super) origin: String,
    /// See [`Inferred`].
    pub(super) remark: Option<&'static str>,
}

/// The formation of the one app of a folder.
///
/// # Errors
/// When nothing was found, or in several apps something.
pub(crate) fn inferred(folder: &Path) -> Result<Vec<Inferred>, Failure> {
    let survey =
        progress::shown(|options| xii_survey::survey(folder, options)).map_err(Failure::usage)?;
    let mut found: Vec<(&App, Vec<Inferred>)> = survey
        .apps
        .iter()
        .filter(|app| app.kind == AppKind::Service)
        .map(|app| (app, of_app(app)))
        .filter(|(_, types)| !types.is_empty())
        .collect();
    // The folder's own app speaks for it; its workspaces are started by name.
    if let Some(at) = found.iter().position(|(app, _)| app.root == ".") {
        return Ok(found.swap_remove(at).1);
    }
    let roots: Vec<_> = found.iter().map(|(app, _)| app.root.as_str()).collect();
    let shown = folder.display();
    match found.as_slice() {
        [_] => {}
        [] if survey.apps.iter().any(|app| app.kind == AppKind::Site) => {
            return Err(Failure::usage(format!(
                "{shown} holds files for browsers and nothing that serves them: {ADVICE}"
            )));
        }
        [] => {
            return Err(Failure::usage(format!(
                "{shown} declares no process type, and none could be inferred from its manifests and code: {ADVICE}"
            )));
        }
        _ => {
            return Err(Failure::usage(format!(
                "{shown} holds several apps: give the folder of one ({}), or {ADVICE}",
                roots.join(", ")
            )));
        }
    }
    Ok(found.remove(0).1)
}

/// The process types of an app, `web` first: from what a platform was told, else the package's
/// scripts, else the image, else the code.
pub(crate) fn of_app(app: &App) -> Vec<Inferred> {
    let mut types: Vec<Inferred> = Vec::new();
    let mut add = |name: &str, found: Found| {
        let known = types.iter().any(|one| one.process.name == name);
        if !known && is_whole(&found.command) {
            types.push(inferred_type(app, name, found));
        }
    };
    let declared = app.facts.process_types.iter().filter(|one| {
        one.scope.is_deployed()
            && !matches!(
                one.source.as_str(),
                "Procfile" | "package.json" | "Dockerfile" | "xii.toml"
            )
            && one.name != "release"
    });
    let of_platform = |source: &str| !ORCHESTRATION.contains(&source);
    for one in declared.clone().filter(|one| of_platform(&one.source)) {
        add(&one.name, declared_there(&one.what));
    }
    if let Some(found) = scripts::start(app)
        .or_else(|| image::start(app))
        .or_else(|| code::web(app))
    {
        add("web", found);
    }
    for (name, found) in scripts::others(app) {
        add(name, found);
    }
    for one in declared.filter(|one| !of_platform(&one.source)) {
        let name = one.name.to_ascii_lowercase();
        if BACKGROUND.iter().any(|word| name.contains(word)) {
            add(&one.name, declared_there(&one.what));
        }
    }
    if app.uses(Framework::Celery)
        && app.works()
        && let Some(found) = code::celery(app)
    {
        add("worker", found);
    }
    types.sort_by_key(|one| one.process.name != "web");
    types
}

fn declared_there(process: &xii_model::ProcessType) -> Found {
    let command = process.command.trim();
    Found {
        command: without_shell(command.trim_start_matches("exec ")).to_owned(),
        origin: process.at.to_string(),
        remark: None,
    }
}

/// A command line without the shell that would read it, which reads it anyway.
pub(super) fn without_shell(command: &str) -> &str {
    ["sh -c ", "/bin/sh -c ", "bash -c ", "/bin/bash -c "]
        .iter()
        .find_map(|shell| command.strip_prefix(shell))
        .unwrap_or(command)
}

/// Whether a command can be run as it was read: it says something, and nothing in it was masked as a
/// secret.
fn is_whole(command: &str) -> bool {
    !command.is_empty() && !command.contains("***")
}

fn inferred_type(app: &App, name: &str, found: Found) -> Inferred {
    let mut process = Process::new(name, found.command);
    process.origin = found.origin;
    process.folder = (app.root != ".").then(|| PathBuf::from(&app.root));
    Inferred {
        process,
        remark: found.remark,
    }
}
