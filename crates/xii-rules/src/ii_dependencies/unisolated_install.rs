//! Finds installs that reach past the app's own, locked dependencies.
//!
//! ## What it looks for
//!
//! In images and in scripts: packages installed by name without a version, global installs without
//! one, `sudo` with a package manager, and scripts fetched from the network straight into a shell.
//!
//! ## Why it matters
//!
//! Each of these takes whatever the network serves on the day of the build and puts it where every
//! program sees it. No manifest names it, no lock fixes it, and two builds of one commit differ.
//!
//! ## What to do instead
//!
//! Declare the package in the manifest, or name its version where it is installed:
//!
//! ```dockerfile
//! RUN pip install --no-cache-dir "poetry==1.8.3" && poetry install --only main
//! RUN npm install --global "pm2@5.4.2"
//! ```
//!
//! ## When it is fine
//!
//! An update of `pip` itself just before a locked install: its version hardly shapes the result.
//! It is raised in the strict persona only.

use std::collections::BTreeMap;

use xii_model::{App, Confidence, DependencyGroup, Ecosystem, Evidence, Instruction, Severity};

use crate::command::{Command, parse};
use crate::package_names::normalised;
use crate::wording::list;
use crate::{Claims, Rule, images};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "unisolated-install",
    criteria: &["II.5"],
    severity: Severity::Warning,
    check,
};

/// Findings for one app at most.
const MOST: usize = 10;

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut said = 0;
    let mut installs = 0;
    let mut global = false;
    let declared: Vec<&str> = app
        .facts
        .dependencies
        .iter()
        .map(|dependency| dependency.name.as_str())
        .collect();
    for image in images::deployed(app) {
        for step in image.effective_steps() {
            let Instruction::Run { command, .. } = &step.does else {
                continue;
            };
            let found = parse(command);
            global |= found.iter().any(|one| {
                matches!(one.program(), "npm" | "pnpm" | "yarn")
                    && (one.has("-g") || one.has("--global") || one.verb() == Some("global"))
            });
            installs += found
                .iter()
                .filter(|one| {
                    matches!(
                        one.program(),
                        "pip" | "pip3" | "npm" | "yarn" | "pnpm" | "poetry" | "uv" | "pipenv"
                    )
                })
                .count();
            for (what, fault) in grouped(faults(&found, &declared)) {
                if said < MOST {
                    report(&step.at, &what, fault, claims);
                    said += 1;
                }
            }
        }
    }
    for script in &app.facts.scripts {
        for command in parse(&script.command) {
            if command.runs_through("sudo") && is_package_manager(&command) && said < MOST {
                report(&script.at, &command.line(), Fault::Sudo, claims);
                said += 1;
            }
        }
    }
    // A tool that is installed globally with its version is no fault, and no isolation either.
    if said == 0 && !global {
        hold(app, installs, claims);
    }
}

/// What is wrong with an install.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Unversioned,
    UnversionedInstaller,
    Global,
    Sudo,
    Piped,
}

fn report(at: &Evidence, what: &str, fault: Fault, claims: &mut Claims<'_>) {
    let message = match fault {
        Fault::Unversioned | Fault::UnversionedInstaller => {
            format!(
                "without a version and outside the manifest this installs {what}: each build takes what is newest that day"
            )
        }
        Fault::Global => {
            format!(
                "without a version this installs {what} globally: no lock fixes it, and every program sees it"
            )
        }
        Fault::Sudo => {
            format!(
                "`sudo {what}` installs for the whole machine: the app then depends on what is nowhere declared"
            )
        }
        Fault::Piped => {
            format!(
                "{what} is fetched and run unread: whoever serves that address decides what is in the image"
            )
        }
    };
    let draft = claims.finding(at, message);
    draft.confidence(Confidence::High).subject(what).help(match fault {
        Fault::Unversioned => "declare it in the manifest, or name its version:\n    RUN pip install --no-cache-dir \"PACKAGE==1.2.3\"",
        Fault::UnversionedInstaller => "leave the base image's own as it is, or name the version",
        Fault::Global => "add it to the dependencies and run it with npx, or name its version:\n    RUN npm install --global \"PACKAGE@1.2.3\"",
        Fault::Sudo => "install into the app's own tree: node_modules, or a virtual environment",
        Fault::Piped => "fetch a fixed version and verify its checksum before it runs:\n    RUN curl -fsSLO https://…/tool-1.2.3.tar.gz && echo \"SHA256  tool-1.2.3.tar.gz\" | sha256sum -c",
    });
    match fault {
        Fault::UnversionedInstaller => {
            draft.severity(Severity::Note).strict();
        }
        Fault::Piped => {
            draft.confidence(Confidence::Medium);
        }
        _ => {}
    }
}

/// Faults of one kind as one, with the names of all.
fn grouped(faults: Vec<(String, Fault)>) -> Vec<(String, Fault)> {
    let mut by_kind: BTreeMap<Fault, Vec<String>> = BTreeMap::new();
    for (what, fault) in faults {
        by_kind.entry(fault).or_default().push(what);
    }
    by_kind
        .into_iter()
        .map(|(fault, names)| (list(&names, 4), fault))
        .collect()
}

/// What is wrong with the installs of one step, each once. What the manifest declares is left out:
/// its version stands there.
fn faults(found: &[Command], declared: &[&str]) -> Vec<(String, Fault)> {
    let mut faults: BTreeMap<String, Fault> = BTreeMap::new();
    for (index, command) in found.iter().enumerate() {
        if command.runs_through("sudo") && is_package_manager(command) {
            faults.insert(command.line(), Fault::Sudo);
        }
        for package in unversioned(command) {
            let bare = package.split('[').next().unwrap_or(&package);
            if declared.contains(&bare) || declared.contains(&normalised(bare).as_str()) {
                continue;
            }
            let installer = matches!(
                package.as_str(),
                "pip" | "setuptools" | "wheel" | "npm" | "corepack"
            );
            let global = matches!(command.program(), "npm" | "yarn" | "pnpm");
            faults.insert(
                format!("`{package}`"),
                match (installer, global) {
                    (true, _) => Fault::UnversionedInstaller,
                    (_, true) => Fault::Global,
                    _ => Fault::Unversioned,
                },
            );
        }
        // Only a script that names no version is fetched anew each time.
        let piped = found.get(index + 1).is_some_and(|next| {
            matches!(next.program(), "sh" | "bash" | "python")
                && next.operands().next().is_none_or(|word| word == "-")
        });
        if matches!(command.program(), "curl" | "wget")
            && piped
            && let Some(address) = command.args().iter().find(|arg| arg.starts_with("http"))
            && !address.chars().any(|c| c.is_ascii_digit())
        {
            faults.insert(address.clone(), Fault::Piped);
        }
    }
    faults.into_iter().collect()
}

fn is_package_manager(command: &Command) -> bool {
    matches!(command.program(), "pip" | "pip3" | "npm" | "yarn" | "gem")
        && matches!(command.verb(), Some("install" | "i" | "add"))
}

/// The packages that a command installs by name and without a version.
fn unversioned(command: &Command) -> Vec<String> {
    let args = command.args();
    let python = matches!(
        (command.program(), command.verb()),
        ("pip" | "pip3", Some("install"))
    );
    let npm = match (command.program(), command.verb()) {
        ("npm" | "pnpm", Some("install" | "i" | "add")) => {
            command.has("-g") || command.has("--global")
        }
        ("yarn", Some("global")) => command.has("add"),
        _ => false,
    };
    if !python && !npm {
        return Vec::new();
    }
    // With a constraint or requirement file the versions stand there.
    let fixed = ["-c", "--constraint", "--require-hashes"];
    if fixed.iter().any(|flag| command.has(flag)) {
        return Vec::new();
    }
    let mut packages = Vec::new();
    let mut skip = true;
    let mut value_follows = false;
    for arg in args {
        if skip {
            // Everything up to the verb.
            skip = !matches!(arg.as_str(), "install" | "i" | "add");
            continue;
        }
        if value_follows {
            value_follows = false;
            continue;
        }
        if arg.starts_with('-') {
            value_follows = matches!(
                arg.as_str(),
                "-r" | "--requirement"
                    | "-e"
                    | "--editable"
                    | "-i"
                    | "--index-url"
                    | "--extra-index-url"
                    | "-t"
                    | "--target"
                    | "-f"
                    | "--find-links"
                    | "--prefix"
                    | "--root"
                    | "--registry"
                    | "--python"
                    | "--trusted-host"
                    | "--timeout"
                    | "--retries"
                    | "--src"
            );
            continue;
        }
        let local = arg.starts_with(['.', '/', '$', '<', '>'])
            || arg.contains("://")
            || arg.ends_with(".whl")
            || arg.contains(['*', '$', '{', '>', '<', '&']);
        let versioned = if python {
            arg.contains(['=', '~', '@'])
        } else {
            arg.trim_start_matches('@').contains('@')
        };
        if !local && !versioned {
            packages.push(arg.clone());
        }
    }
    packages
}

/// Positive evidence: what is installed stays in the app's own tree.
fn hold(app: &App, installs: usize, claims: &mut Claims<'_>) {
    for ecosystem in [Ecosystem::Npm, Ecosystem::Python] {
        let of_group = |group: DependencyGroup| {
            app.facts.dependencies.iter().find(move |dependency| {
                dependency.ecosystem == ecosystem && dependency.group == group
            })
        };
        // node_modules is the app's own; Python needs an image or a tool that makes an environment.
        let own_tree = ecosystem == Ecosystem::Npm
            || installs > 0
            || app.facts.manifests.iter().any(|manifest| {
                manifest.ecosystem == ecosystem
                    && (manifest.format == "Pipfile" || manifest.tool.is_some())
            });
        let apart = of_group(DependencyGroup::Development);
        let Some(first) = apart.or(of_group(DependencyGroup::Run)) else {
            continue;
        };
        if own_tree {
            let rest = if apart.is_some() {
                "dependencies of development are declared apart"
            } else {
                "none of development is declared"
            };
            claims.holds(
                "II.5",
                format!("installs stay in the app's own tree, and {rest}"),
                &first.at,
            );
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Vec<String> {
        parse(line).iter().flat_map(unversioned).collect()
    }

    #[test]
    fn packages_without_a_version_are_told_from_files_and_options() {
        assert_eq!(
            of("pip install --no-cache-dir flask gunicorn==21.2"),
            ["flask"]
        );
        assert_eq!(of("python -m pip install -U pip"), ["pip"]);
        assert_eq!(of("npm install -g pm2 @nestjs/cli"), ["pm2", "@nestjs/cli"]);
        for fine in [
            "pip install -r requirements.txt",
            "pip install .",
            "pip install -e .",
            "pip install 'poetry~=1.8'",
            "pip install poetry==$POETRY_VERSION",
            "npm install -g pm2@5",
            "npm install express",
            "npm ci",
        ] {
            assert!(of(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn a_script_from_the_network_is_seen_when_it_names_no_version() {
        let piped = |line: &str| {
            faults(&parse(line), &[])
                .iter()
                .any(|(_, fault)| *fault == Fault::Piped)
        };
        assert!(piped("curl -sSL https://get.tool.example/install.sh | sh"));
        assert!(!piped(
            "curl -fsSL https://x.example/v1.2.3/install.sh | sh"
        ));
        assert!(!piped("curl -o a https://x.example/a && sh a"));
    }
}
