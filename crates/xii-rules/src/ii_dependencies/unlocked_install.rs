//! Finds images that install without the lock file.
//!
//! ## What it looks for
//!
//! Dockerfiles that run `npm install`, `yarn install` or `pipenv install` where an install from the
//! lock is meant, and those that copy the manifest but leave its lock behind.
//!
//! ## Why it matters
//!
//! A lock that the build does not read fixes nothing: the image gets whatever versions fit on the
//! day it is built. `npm install` also changes the lock without a word when the two differ.
//!
//! ## What to do instead
//!
//! ```dockerfile
//! COPY package.json package-lock.json ./
//! RUN npm ci --omit=dev
//! ```
//! ```dockerfile
//! COPY pyproject.toml uv.lock ./
//! RUN uv sync --frozen --no-dev
//! ```

use xii_model::{App, Confidence, Edit, Fact, Image, Instruction, Severity, Stage};

use crate::command::{Command, parse};
use crate::deploy_names::file_name;
use crate::{Claims, Rule, images};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "unlocked-install",
    criteria: &["II.2"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    for image in images::deployed(app) {
        for stage in &image.stages {
            check_stage(app, image, stage, claims);
        }
    }
}

fn check_stage(app: &App, image: &Fact<Image>, stage: &Stage, claims: &mut Claims<'_>) {
    let locked = |format: &str| {
        app.facts
            .lock_files
            .iter()
            .any(|lock| lock.format == format && lock.tracked != Some(false))
    };
    let mut copied: Vec<&str> = Vec::new();
    for (index, step) in stage.steps.iter().enumerate() {
        match &step.does {
            Instruction::Copy {
                sources,
                from: None,
                ..
            } => {
                copied.extend(sources.iter().map(String::as_str));
            }
            Instruction::Run { command, .. } => {
                for command in parse(command) {
                    let Some(install) = install(&command) else {
                        continue;
                    };
                    if !locked(install.lock) {
                        continue;
                    }
                    // Without the manifest's own COPY in this stage it is not known what is there.
                    let lock_left = copied
                        .iter()
                        .any(|path| file_name(path) == install.manifest)
                        && !copied.iter().any(|path| takes(path, install.lock));
                    if lock_left {
                        claims
                            .finding(
                                &step.at,
                                format!(
                                    "`{}` runs where {} was copied and {} was not: the image gets versions that nobody locked",
                                    command.line(), install.manifest, install.lock
                                ),
                            )
                            .confidence(Confidence::High)
                            .help(format!(
                                "copy both, and install from the lock:\n    COPY {} {} ./\n    RUN {}",
                                install.manifest,
                                install.lock,
                                instead(&install, image, stage, index)
                            ));
                        return;
                    }
                    if install.frozen {
                        continue;
                    }
                    let draft = claims.finding(
                        &step.at,
                        format!(
                            "`{}` in {} may choose other versions than {} holds, without a word",
                            command.line(),
                            file_name(&image.at.path),
                            install.lock
                        ),
                    );
                    draft
                        .severity(Severity::Note)
                        .confidence(Confidence::Medium)
                        .help(format!(
                            "install from the lock and nothing else:\n    RUN {}",
                            instead(&install, image, stage, index)
                        ));
                    let plain = step.at.excerpt.trim() == "RUN npm install";
                    if plain && command.line() == "npm install" {
                        draft.unsafe_fix(
                            "install from the lock",
                            vec![Edit::Replace {
                                at: step.at.clone(),
                                with: "RUN npm ci".to_owned(),
                            }],
                        );
                    }
                    return;
                }
            }
            _ => {}
        }
    }
}

/// The frozen install. Where something is built after it, the build needs what only development
/// declares: compilers and bundlers.
fn instead(install: &Install, image: &Image, stage: &Stage, index: usize) -> &'static str {
    let last = image.last().is_some_and(|last| last.at == stage.at);
    let builds = stage.steps.iter().skip(index).any(
        |step| matches!(&step.does, Instruction::Run { command, .. } if command.contains("build")),
    );
    match install.instead {
        "npm ci --omit=dev" if builds || !last => "npm ci",
        "pnpm install --frozen-lockfile --prod" if builds || !last => {
            "pnpm install --frozen-lockfile"
        }
        other => other,
    }
}

/// An install of what a manifest declares.
struct Install {
    manifest: &'static str,
    lock: &'static str,
    frozen: bool,
    instead: &'static str,
}

fn install(command: &Command) -> Option<Install> {
    let verb = command.verb();
    // With a package named it is an install of that package, which other rules judge.
    let alone = command.operands().count() <= 1;
    let global = command.has("-g") || command.has("--global");
    Some(match command.program() {
        "npm" if matches!(verb, Some("install" | "i")) && alone && !global => Install {
            manifest: "package.json",
            lock: "package-lock.json",
            frozen: false,
            instead: "npm ci --omit=dev",
        },
        "npm" if matches!(verb, Some("ci" | "clean-install")) => Install {
            manifest: "package.json",
            lock: "package-lock.json",
            frozen: true,
            instead: "npm ci --omit=dev",
        },
        "yarn" if matches!(verb, None | Some("install")) && alone && !command.has("--version") => {
            Install {
                manifest: "package.json",
                lock: "yarn.lock",
                frozen: ["--frozen-lockfile", "--immutable", "--pure-lockfile"]
                    .iter()
                    .any(|flag| command.has(flag)),
                instead: "yarn install --frozen-lockfile   # yarn 2 and later: --immutable",
            }
        }
        "pnpm" if matches!(verb, Some("install" | "i")) && alone => Install {
            manifest: "package.json",
            lock: "pnpm-lock.yaml",
            // pnpm's install is frozen by itself where CI is set only.
            frozen: !command.has("--no-frozen-lockfile"),
            instead: "pnpm install --frozen-lockfile --prod",
        },
        "pipenv" if matches!(verb, Some("install")) && alone => Install {
            manifest: "Pipfile",
            lock: "Pipfile.lock",
            frozen: command.has("--deploy") || command.has("--ignore-pipfile"),
            instead: "pipenv sync --system",
        },
        _ => return None,
    })
}

/// Whether a source of COPY takes a lock file along.
fn takes(source: &str, lock: &str) -> bool {
    let name = file_name(source.trim_end_matches('/'));
    matches!(source, "." | "./" | "*" | "./*" | "/")
        || name == lock
        || source.contains(['$', '{'])
        || globset::Glob::new(name).is_ok_and(|glob| glob.compile_matcher().is_match(lock))
        // A folder, or a file without an ending, may hold anything.
        || !name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn a_pattern_takes_the_lock_along() {
        for source in [
            ".",
            "package*.json",
            "./package-lock.json",
            "backend/",
            "*.json",
        ] {
            assert!(takes(source, "package-lock.json"), "{source}");
        }
        assert!(!takes("package.json", "package-lock.json"));
        assert!(!takes("package*.json", "yarn.lock"));
    }
}
