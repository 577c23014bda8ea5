//! Lists the programs that the build and the runs execute, less those that the app declares.
//!
//! A program is declared when the app brings it (in its own folder, or as a package of its), when it is
//! the language's own, when a Dockerfile or an Aptfile installs the package that holds it, when the base
//! image is one that is known to hold it, or when xii.toml says so (`[prove] tools`). What every Linux
//! system has (a shell, coreutils, grep, sed and the like) is there without being declared. A program that
//! is none of this, such as curl, git, ffmpeg or ps, is missing on the first machine that is not the
//! developer's.
//!
//! Of the build only what runs beside compilers and package managers is judged. What was asked for and is
//! not installed here is not seen.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use xii_model::{Instruction, Mark, Severity};

use crate::engine::{CouldNotTell, Need, Phase, Probe, Stage, Steps};
use crate::programs::{Program, builds, executed, is_language, is_system, packages_with};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "undeclared-tools",
    criteria: &["II.4"],
    phase: Phase::After,
    needs: &[Need::Build, Need::Witness],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let healthy = match stage.web() {
            Some(_) => stage.exercised().await.map(drop),
            None => Ok(()),
        };
        let declared = Declared::of(stage)?;
        let mut seen = 0;
        let mut missing: Vec<(Program, String)> = Vec::new();
        let types: Vec<String> = stage
            .formation()
            .processes
            .iter()
            .map(|one| one.name.clone())
            .collect();
        let mut all = vec![("the build".to_owned(), stage.built().all(), true)];
        all.extend(
            stage
                .history()
                .into_iter()
                .filter(|(instance, _)| types.contains(&instance.process))
                .map(|(instance, record)| (instance.to_string(), record.all(), false)),
        );
        for (who, events, building) in all {
            for program in executed(&events) {
                seen += 1;
                let known = missing
                    .iter()
                    .any(|(one, _)| file(&one.path) == file(&program.path));
                if !known && !declared.covers(&program, building) {
                    missing.push((program, who.clone()));
                }
            }
        }
        for (program, _) in &missing {
            stage.cite(&program.event, Mark::Against);
        }
        match missing.as_slice() {
            [] => {
                healthy?;
                if seen == 0 {
                    return Err(CouldNotTell::because(
                        "no program was seen that the app's processes became",
                    ));
                }
                stage.holds(
                    "II.4",
                    "every program that the build and the runs execute is the app's own, the language's, the system's, or declared",
                );
            }
            [(program, who), rest @ ..] => {
                let mut names: Vec<&str> = rest.iter().map(|(one, _)| file(&one.path)).collect();
                names.truncate(5);
                let more = match names.is_empty() {
                    true => String::new(),
                    false => format!("; so are {}", names.join(", ")),
                };
                stage.broken(
                    "II.4",
                    format!(
                        "{who} runs `{}` ({}), which nothing declares{more}",
                        program.line(),
                        program.path
                    ),
                );
            }
        }
        Ok(())
    })
}

fn file(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What programs an app declares, and where its own are.
#[derive(Debug, Default)]
struct Declared {
    /// Folders whose programs are the app's.
    own: Vec<String>,
    /// Names of programs.
    tools: Vec<String>,
    /// Names of packages that an image or a platform installs.
    packages: BTreeSet<String>,
    /// A base image is one with the usual tools of a developer.
    rich_base: bool,
}

impl Declared {
    fn of(stage: &Stage) -> Result<Self, CouldNotTell> {
        let staged = stage.staged()?;
        let mut declared = Declared {
            own: vec![
                staged.scratch.display().to_string(),
                staged.folder.display().to_string(),
            ],
            tools: stage.settings().tools.clone(),
            ..Declared::default()
        };
        // Where packages that bring programs are kept between builds.
        let cache = std::env::var("XDG_CACHE_HOME")
            .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cache")));
        declared
            .own
            .extend(cache.map(|cache| format!("{cache}/xii")));
        for image in &stage.app().facts.images {
            for step in image.stages.iter().flat_map(|one| &one.steps) {
                if let Instruction::Run { command, .. } = &step.does {
                    declared.packages.extend(installed(command));
                }
            }
            declared.rich_base |= image.base().is_some_and(|base| {
                let slim = base.base.tag.as_deref().is_some_and(|tag| {
                    ["slim", "alpine", "distroless", "windows"]
                        .iter()
                        .any(|one| tag.contains(one))
                });
                let full = [
                    "node",
                    "python",
                    "ruby",
                    "golang",
                    "rust",
                    "openjdk",
                    "buildpack-deps",
                    "perl",
                ];
                !slim && full.contains(&base.base.short_name())
            });
        }
        for name in ["Aptfile", "apt.txt", "packages.txt"] {
            if let Ok(text) = std::fs::read_to_string(staged.folder.join(name)) {
                let lines = text
                    .lines()
                    .map(str::trim)
                    .filter(|line| !line.starts_with('#'));
                declared.packages.extend(lines.map(str::to_owned));
            }
        }
        Ok(declared)
    }

    fn covers(&self, program: &Program, building: bool) -> bool {
        let path = program.path.as_str();
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
        let inside = |path: &Path| self.own.iter().any(|own| path.starts_with(own));
        if inside(Path::new(path)) || inside(&real) {
            return true;
        }
        let name = file(path);
        if is_system(name) || is_language(path, name) {
            return true;
        }
        // A build may compile, and ask a repository for what it names.
        if building && (builds(&program.words).is_some() || BUILDERS.contains(&name)) {
            return true;
        }
        self.has(name)
    }

    fn has(&self, name: &str) -> bool {
        const RICH: [&str; 22] = [
            "curl",
            "wget",
            "git",
            "gcc",
            "g++",
            "cc",
            "c++",
            "make",
            "ld",
            "as",
            "ar",
            "patch",
            "unzip",
            "xz",
            "bzip2",
            "file",
            "convert",
            "ssh",
            "gpg",
            "pkg-config",
            "ps",
            "hg",
        ];
        self.tools.iter().any(|one| one == name)
            || (self.rich_base && RICH.contains(&name))
            || packages_with(name).iter().any(|one| {
                self.packages.iter().any(|package| {
                    package == one
                        || package.starts_with(&format!("{one}-"))
                        || package.starts_with(&format!("{one}="))
                })
            })
    }
}

/// What package managers and compilers run for themselves.
const BUILDERS: [&str; 18] = [
    "git",
    "git-remote-https",
    "git-remote-http",
    "cc",
    "gcc",
    "g++",
    "c++",
    "cc1",
    "cc1plus",
    "collect2",
    "ld",
    "ld.bfd",
    "ld.gold",
    "lld",
    "as",
    "ar",
    "make",
    "pkg-config",
];

/// The packages that a line of a Dockerfile installs.
fn installed(command: &str) -> Vec<String> {
    let mut packages = Vec::new();
    for part in command.split(['&', ';', '|', '\n']) {
        let mut words = part.split_whitespace().skip_while(|one| {
            !matches!(
                *one,
                "apt-get" | "apt" | "apk" | "yum" | "dnf" | "microdnf" | "zypper" | "brew"
            )
        });
        if words.next().is_none() {
            continue;
        }
        let mut words = words.skip_while(|one| !matches!(*one, "install" | "add"));
        if words.next().is_some() {
            packages.extend(
                words
                    .filter(|one| !one.starts_with('-') && *one != "\\")
                    .map(str::to_owned),
            );
        }
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_an_image_are_read() {
        let command = "apt-get update && apt-get install -y --no-install-recommends curl imagemagick=8 && rm -rf /x";
        assert_eq!(installed(command), ["curl", "imagemagick=8"]);
        assert_eq!(
            installed("apk add --no-cache git openssh-client"),
            ["git", "openssh-client"]
        );
        assert!(installed("npm install curl").is_empty());
        let declared = Declared {
            packages: installed(command).into_iter().collect(),
            ..Declared::default()
        };
        assert!(declared.has("convert") && declared.has("curl") && !declared.has("git"));
    }
}
