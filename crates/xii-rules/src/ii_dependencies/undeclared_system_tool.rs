//! Finds programs of the operating system that the app runs and nothing declares.
//!
//! ## What it looks for
//!
//! Calls of well-known programs (`ffmpeg`, `convert`, `git`, `pg_dump`, …) from the code, and packages
//! that only call such a program (`fluent-ffmpeg`, `pytesseract`, `GitPython`), against the system
//! packages that the image, an `Aptfile` or a Nix file installs and what the base image is known to
//! bring.
//!
//! ## Why it matters
//!
//! A program that happens to be on the developer's machine need not be in the image, or not in this
//! version. The call then fails on the first request that needs it, long after the start.
//!
//! ## What to do instead
//!
//! Declare the program where the app's system packages are declared, or use a package of the
//! language that brings what it needs:
//!
//! ```dockerfile
//! RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg \
//!  && rm -rf /var/lib/apt/lists/*
//! ```
//!
//! ## When it is fine
//!
//! A platform's own documented tools, when the app runs on that platform only.

use std::collections::BTreeMap;

use xii_model::{App, AppKind, Confidence, DependencyGroup, Evidence, Instruction, Severity};

use crate::command::parse;
use crate::images::{self, Weight};
use crate::served::Served;
use crate::system_tools::{TOOLS, Tool, of_program};
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "undeclared-system-tool",
    criteria: &["II.4"],
    severity: Severity::Warning,
    check,
};

/// Files that declare system packages and are not read further.
const OTHER_DECLARATIONS: [&str; 9] = [
    "Aptfile",
    "apt.txt",
    "packages.txt",
    "nixpacks.toml",
    "flake.nix",
    "shell.nix",
    "default.nix",
    "devbox.json",
    "project.toml",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.kind != AppKind::Service {
        return;
    }
    let used = used(app);
    if used.is_empty() {
        let spawns = app
            .facts
            .spawns
            .iter()
            .any(|spawn| spawn.scope.is_deployed());
        if !spawns && !app.facts.imports.is_empty() {
            claims.not_applicable("II.4", "the code runs no other program");
        }
        return;
    }
    let elsewhere = app
        .files
        .iter()
        .find(|file| OTHER_DECLARATIONS.contains(&crate::deploy_names::file_name(&file.path)));
    let installed = installed_words(app);
    let bases: Vec<Weight> = images::deployed(app)
        .filter_map(|image| image.base())
        .map(|stage| images::weight(&stage.base))
        .collect();
    let served = Served::of(app);
    for (name, (tool, at, how)) in used {
        let from_code = app.facts.spawns.iter().any(|spawn| spawn.at == *at);
        let brought = tool
            .bundled
            .iter()
            .any(|package| app.depends_on(&[*package]));
        let declared = installed.iter().any(|word| {
            tool.programs.contains(&word.as_str())
                || tool
                    .packages
                    .iter()
                    .any(|package| word.starts_with(package))
        });
        let with_base = bases.iter().any(|weight| tool.comes_with(*weight));
        if brought || declared || with_base {
            claims.holds(
                "II.4",
                format!("`{name}` is run, and declared with what is installed"),
                at,
            );
            continue;
        }
        if let Some(file) = elsewhere {
            claims.could_not_tell(
                "II.4",
                format!("`{name}` is run, and {} may declare it", file.path),
            );
            continue;
        }
        let place = if bases.is_empty() {
            "nothing in the repository declares it"
        } else {
            "the image does not install it"
        };
        let confidence = match bases.as_slice() {
            // A script beside the app may be a tool of its makers.
            _ if from_code && !served.holds(&at.path) => Confidence::Low,
            [] => Confidence::Medium,
            all if all.iter().all(|weight| *weight == Weight::Slim) => Confidence::High,
            // A base that is not known may bring it.
            _ => Confidence::Low,
        };
        claims
            .finding(
                at,
                format!("{how} needs the program `{name}`, and {place}: the call fails where it happens to be absent"),
            )
            .confidence(confidence)
            .subject(name)
            .help(format!(
                "declare it in the image, or use a package that brings it along:\n    \
                 RUN apt-get update && apt-get install -y --no-install-recommends {} && rm -rf /var/lib/apt/lists/*",
                tool.package()
            ));
    }
}

/// The tools that the app uses, with the first place and how.
fn used(app: &App) -> BTreeMap<&str, (&'static Tool, &Evidence, String)> {
    let mut used: BTreeMap<&str, (&'static Tool, &Evidence, String)> = BTreeMap::new();
    for spawn in app
        .facts
        .spawns
        .iter()
        .filter(|spawn| spawn.scope.is_deployed())
    {
        if let Some(program) = spawn.program.as_deref()
            && let Some(tool) = of_program(program)
        {
            let name = program.rsplit('/').next().unwrap_or(program);
            used.entry(name).or_insert((
                tool,
                &spawn.at,
                format!("this call of {}", spawn.through),
            ));
        }
    }
    for dependency in &app.facts.dependencies {
        if dependency.group != DependencyGroup::Run {
            continue;
        }
        for tool in TOOLS {
            if tool.callers.contains(&dependency.name.as_str())
                && !used.values().any(|(known, ..)| std::ptr::eq(*known, tool))
            {
                used.insert(
                    tool.name(),
                    (tool, &dependency.at, format!("`{}`", dependency.name)),
                );
            }
        }
    }
    used
}

/// The words of everything that the images install.
fn installed_words(app: &App) -> Vec<String> {
    const INSTALLERS: [&str; 11] = [
        "apt-get",
        "apt",
        "apk",
        "yum",
        "dnf",
        "microdnf",
        "aptitude",
        "brew",
        "curl",
        "wget",
        "install_packages",
    ];
    let mut words = Vec::new();
    for image in images::deployed(app) {
        for step in image.effective_steps() {
            match &step.does {
                Instruction::Run { command, .. } => {
                    for command in parse(command) {
                        if INSTALLERS.contains(&command.program()) {
                            // An address that is fetched may be the program itself.
                            words.extend(command.args().iter().flat_map(|arg| {
                                arg.split(['/', '=', '~'])
                                    .map(str::to_owned)
                                    .collect::<Vec<_>>()
                            }));
                        }
                    }
                }
                // A list of packages may be kept in a variable.
                Instruction::Env { value: list, .. }
                | Instruction::Arg {
                    default: Some(list),
                    ..
                } => {
                    words.extend(list.split_whitespace().map(str::to_owned));
                }
                // `COPY --from=mwader/static-ffmpeg /ffmpeg /usr/local/bin/`.
                Instruction::Copy {
                    sources,
                    target,
                    from: Some(from),
                    ..
                } => {
                    let parts = sources.iter().chain([target, from]);
                    words.extend(parts.flat_map(|path| path.split('/').map(str::to_owned)));
                }
                _ => {}
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use xii_model::{Image, ImageRef, Spawn, Stage, Step};

    use super::*;
    use crate::specimen::{brief, fact, place};

    fn of(program: &str, base: Option<(&str, &str)>) -> Vec<String> {
        let mut app = App::default();
        app.facts.push(fact(
            "src/app.js",
            4,
            Spawn {
                program: Some(program.to_owned()),
                shell: false,
                detached: false,
                through: "child_process.execFile".to_owned(),
            },
        ));
        if let Some((base, run)) = base {
            let stage = Stage {
                at: place("Dockerfile", 1),
                name: None,
                base: ImageRef::parse(base),
                parent: None,
                steps: vec![Step {
                    at: place("Dockerfile", 2),
                    does: Instruction::Run {
                        command: run.to_owned(),
                        shell: true,
                        secret_mounts: false,
                    },
                }],
            };
            app.facts.push(fact(
                "Dockerfile",
                1,
                Image {
                    variant: None,
                    stages: vec![stage],
                },
            ));
        }
        brief(&RULE, &app)
    }

    #[test]
    fn the_base_image_decides_how_sure_an_absence_is() {
        assert_eq!(of("ffmpeg", None), ["src/app.js:4:1 II.4 warning/medium"]);
        assert_eq!(
            of("ffmpeg", Some(("node:22-slim", "npm ci"))),
            ["src/app.js:4:1 II.4 warning/high"]
        );
        assert_eq!(
            of("ffmpeg", Some(("acme/base:3", "npm ci"))),
            ["src/app.js:4:1 II.4 warning/low"]
        );
        assert_eq!(
            of("/usr/bin/git", Some(("node:22", "npm ci"))),
            ["holds II.4 `git`"]
        );
        assert_eq!(
            of(
                "pdftotext",
                Some(("node:22-slim", "apt-get install -y poppler-utils=22.12"))
            ),
            ["holds II.4 `pdftotext`"]
        );
        assert!(of("node", None).is_empty());
    }
}
