//! The commands that start an app's processes, from every file that gives one.

use std::collections::HashSet;

use xii_model::{App, CommandLine, Evidence, FileClass, Image, ImageRef, Instruction};

use super::line::{Command, from_words, parse};
use super::start_lines;
use crate::deploy_names;

/// How many package scripts are followed one into the other.
const MAX_SCRIPTS: usize = 4;

/// A command that starts a process of the app.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// Where it is given.
    pub at: Evidence,
    /// What gives it.
    pub place: Place,
    /// The process type's name; empty for an image.
    pub name: String,
    /// The words, as in [`CommandLine`].
    pub command: CommandLine,
    /// The file says that it is for development or tests.
    pub development: bool,
    /// The image that the command runs in, where the same file says so.
    pub base: Option<ImageRef>,
}

/// What gives a start command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// CMD and ENTRYPOINT of a Dockerfile.
    Image,
    /// A service of a compose file.
    Compose,
    /// A container of a workload.
    Kubernetes,
    /// A Procfile, or another platform's file that works as one does.
    Procfile,
    /// The `start` script of a manifest.
    Manifest,
}

impl Place {
    /// Whether the command's first process is the one that the platform signals, and it alone.
    pub(crate) fn is_container(self) -> bool {
        matches!(self, Place::Image | Place::Compose | Place::Kubernetes)
    }
}

impl Start {
    /// The programs it runs, package scripts not followed.
    pub(crate) fn commands(&self) -> Vec<Command> {
        if self.command.shell || self.command.words.len() == 1 {
            parse(&self.command.line())
        } else {
            from_words(&self.command.words)
        }
    }

    /// Whether the image's `/bin/sh` is known to stay between the platform and a command that it runs
    /// without `exec`: dash of Debian and Ubuntu does, BusyBox of Alpine and bash may replace themselves.
    pub(crate) fn shell_stays(&self) -> bool {
        const DEBIAN: [&str; 7] = [
            "node",
            "python",
            "debian",
            "ubuntu",
            "ruby",
            "golang",
            "buildpack-deps",
        ];
        self.base.as_ref().is_some_and(|base| {
            DEBIAN.contains(&base.short_name())
                && !base.tag.as_deref().unwrap_or_default().contains("alpine")
        }) && !self.command.line().contains("bash")
    }

    /// The programs it runs; `npm start` is replaced by what the script runs.
    pub(crate) fn programs(&self, app: &App) -> Vec<Command> {
        let mut commands = self.commands();
        for _ in 0..MAX_SCRIPTS {
            let mut changed = false;
            commands = commands
                .into_iter()
                .flat_map(|command| match script_of(app, &command) {
                    Some(line) => {
                        changed = true;
                        parse(line)
                    }
                    None => vec![command],
                })
                .take(64)
                .collect();
            if !changed {
                break;
            }
        }
        commands
    }
}

/// The line of the package script that a command runs.
fn script_of<'a>(app: &'a App, command: &Command) -> Option<&'a str> {
    let (_, name) = command.package_script()?;
    start_lines::script(app, name).map(|(line, _)| line)
}

/// Whether a variant in a file's name (`Dockerfile.dev`, `docker-compose.test.yml`) is not what is deployed.
pub(crate) fn is_development(variant: Option<&str>) -> bool {
    variant.is_some_and(|variant| {
        variant.split(['-', '_', '.']).any(|word| {
            deploy_names::is_development_name(word) || word.eq_ignore_ascii_case("docs")
        })
    })
}

/// Every start command of the app, each place once. Release commands are left out: they start
/// nothing that stays.
pub(crate) fn all(app: &App) -> Vec<Start> {
    let mut starts: Vec<Start> = app
        .facts
        .images
        .iter()
        .filter(|image| is_kept(image.scope.class) && holds_code(image))
        .filter_map(|image| image_start(image))
        .collect();
    for service in &app.facts.compose_services {
        // A file for one deploy names the service again and leaves the build to the first file.
        let own = app.facts.compose_services.iter().any(|other| {
            other.name == service.name
                && (other.build_context.is_some() || other.dockerfile.is_some())
        });
        if let Some(command) = service.command.as_ref().filter(|_| own) {
            starts.push(Start {
                at: service.at.clone(),
                place: Place::Compose,
                name: service.name.clone(),
                command: command.clone(),
                base: None,
                development: is_development(service.variant.as_deref())
                    || !is_kept(service.scope.class),
            });
        }
    }
    for workload in &app.facts.workloads {
        if matches!(workload.kind.as_str(), "Job" | "CronJob") {
            continue;
        }
        for container in workload.containers.iter().filter(|one| !one.init) {
            if let Some(command) = &container.command {
                starts.push(Start {
                    at: container.at.clone(),
                    place: Place::Kubernetes,
                    name: workload.name.clone(),
                    command: command.clone(),
                    base: None,
                    development: !is_kept(workload.scope.class),
                });
            }
        }
    }
    for process in &app.facts.process_types {
        let place = match process.source.to_ascii_lowercase().as_str() {
            "package.json" | "pyproject.toml" | "manifest" => Place::Manifest,
            // Told above, where exec form and shell form are known.
            "dockerfile" | "compose" | "kubernetes" => continue,
            _ => Place::Procfile,
        };
        if process.name == "release" {
            continue;
        }
        starts.push(Start {
            at: process.what.at.clone(),
            place,
            name: process.name.clone(),
            command: CommandLine {
                words: vec![process.command.clone()],
                shell: true,
            },
            base: None,
            development: !is_kept(process.scope.class)
                || is_development_file(&process.what.at.path),
        });
    }
    let has_manifest = starts.iter().any(|start| start.place == Place::Manifest);
    if !has_manifest {
        let scripts = app
            .facts
            .scripts
            .iter()
            .filter(|script| script.source == "package.json" && script.name == "start");
        starts.extend(scripts.map(|script| Start {
            at: script.at.clone(),
            place: Place::Manifest,
            name: "start".to_owned(),
            command: CommandLine {
                words: vec![script.command.clone()],
                shell: true,
            },
            base: None,
            development: false,
        }));
    }
    let mut seen = HashSet::new();
    starts
        .retain(|start| seen.insert((start.at.path.clone(), start.at.start, start.command.line())));
    starts
}

/// `Procfile.dev`, and `Procfile.windows`, which is for a developer's machine.
fn is_development_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.ends_with(".windows") {
        return true;
    }
    is_development(name.split_once('.').map(|(_, variant)| variant))
}

fn is_kept(class: FileClass) -> bool {
    matches!(
        class,
        FileClass::Source | FileClass::Tooling | FileClass::Template
    )
}

/// Whether the image takes anything from the repository. One that does not is a tool that runs beside
/// the app.
fn holds_code(image: &Image) -> bool {
    image.stages.iter().any(|stage| {
        stage.steps.iter().any(|step| {
            matches!(&step.does, Instruction::Copy { from: None, .. })
                || matches!(&step.does, Instruction::Run { command, .. } if command.contains("git clone"))
        })
    })
}

/// What a container of the image runs: its ENTRYPOINT, with CMD behind it.
fn image_start(image: &Image) -> Option<Start> {
    let steps = image.effective_steps();
    let mut entry = None;
    let mut cmd = None;
    for step in steps {
        match &step.does {
            Instruction::Entrypoint(line) => entry = Some((&step.at, line)),
            Instruction::Cmd(line) => cmd = Some((&step.at, line)),
            _ => {}
        }
    }
    let (at, command) = match (entry, cmd) {
        (None, None) => return None,
        (None, Some((at, cmd))) => (at, cmd.clone()),
        // A shell form takes no arguments, so CMD is not used.
        (Some((at, entry)), None) => (at, entry.clone()),
        (Some((at, entry)), Some(_)) if entry.shell => (at, entry.clone()),
        (Some((_, entry)), Some((at, cmd))) => {
            let mut words = entry.words.clone();
            if cmd.shell {
                words.extend(["/bin/sh".to_owned(), "-c".to_owned()]);
            }
            words.extend(cmd.words.iter().cloned());
            (
                at,
                CommandLine {
                    words,
                    shell: false,
                },
            )
        }
    };
    Some(Start {
        at: at.clone(),
        place: Place::Image,
        name: String::new(),
        command,
        base: image.base().map(|stage| stage.base.clone()),
        development: is_development(image.variant.as_deref()),
    })
}
