//! Finds lock files that are out of step with their manifest.
//!
//! ## What it looks for
//!
//! Dependencies that the manifest beside a lock file declares and the lock does not hold, and
//! requirements that were changed after the lock was made. Direct dependencies only.
//!
//! ## Why it matters
//!
//! A frozen install (`npm ci`, `uv sync --frozen`, `poetry install`) stops with an error when the
//! two differ; an install that is not frozen quietly chooses versions that nobody tried.
//!
//! ## What to do instead
//!
//! Let the package manager bring the lock up to date, and commit both files together:
//!
//! ```sh
//! npm install --package-lock-only && git add package.json package-lock.json
//! uv lock && git add pyproject.toml uv.lock
//! ```

use std::collections::BTreeSet;

use xii_model::{
    App, Confidence, Dependency, DependencyGroup, Ecosystem, Fact, LockFile, Pin, Severity,
};

use crate::deploy_names::{file_name, folder};
use crate::package_names::normalised;
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "stale-lock-file",
    criteria: &["II.2"],
    severity: Severity::Error,
    check,
};

/// How many packages a message names.
const NAMED: usize = 4;

fn check(app: &App, claims: &mut Claims<'_>) {
    for lock in &app.facts.lock_files {
        let Some(manifest) = manifest_of(lock.format) else {
            continue;
        };
        if lock.packages.is_empty() && lock.roots.is_empty() {
            continue;
        }
        let mut drifts: Vec<(&Fact<Dependency>, Drift)> = app
            .facts
            .dependencies
            .iter()
            .filter(|dependency| {
                dependency.ecosystem == lock.ecosystem
                    && file_name(&dependency.at.path) == manifest
                    && folder(&dependency.at.path) == folder(&lock.at.path)
                    && matches!(
                        dependency.group,
                        DependencyGroup::Run | DependencyGroup::Development
                    )
                    && matches!(dependency.pin, Pin::Exact | Pin::Range | Pin::Open)
                    && dependency.name != "python"
            })
            .filter_map(|dependency| Some((dependency, drift(lock, dependency)?)))
            .collect();
        let mut seen = BTreeSet::new();
        drifts.retain(|(dependency, _)| seen.insert(dependency.name.as_str()));
        let Some((first, _)) = drifts.first() else {
            continue;
        };
        let names: Vec<String> = drifts
            .iter()
            .take(NAMED)
            .map(|(dependency, drift)| match drift {
                Drift::Missing => format!("`{}` is not in it", dependency.name),
                Drift::Other(locked) => format!(
                    "`{}` was locked for {locked} and {} is wanted",
                    dependency.name, dependency.requirement
                ),
            })
            .collect();
        let more = match drifts.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let draft = claims.finding(
            &first.at,
            format!(
                "{} is out of step with {manifest}: {}{more}; a frozen install fails",
                lock.format,
                names.join(", ")
            ),
        );
        draft
            .confidence(if lock.roots.is_empty() || drifts.len() > 20 {
                // Without recorded roots, or with everything different, the lock may be read wrongly.
                Confidence::Medium
            } else {
                Confidence::High
            })
            .subject(lock.format)
            .related(&lock.at, "the lock")
            .help(format!(
                "bring the lock up to date and commit both files:\n    {}",
                match lock.format {
                    "yarn.lock" => "yarn install",
                    "pnpm-lock.yaml" => "pnpm install --lockfile-only",
                    "poetry.lock" => "poetry lock",
                    "uv.lock" => "uv lock",
                    "pdm.lock" => "pdm lock",
                    "Pipfile.lock" => "pipenv lock",
                    _ => "npm install --package-lock-only",
                }
            ));
    }
}

/// The manifest that a lock is made from.
fn manifest_of(lock: &str) -> Option<&'static str> {
    Some(match lock {
        "package-lock.json" | "npm-shrinkwrap.json" | "yarn.lock" | "pnpm-lock.yaml" => {
            "package.json"
        }
        "poetry.lock" | "uv.lock" | "pdm.lock" => "pyproject.toml",
        "Pipfile.lock" => "Pipfile",
        _ => return None,
    })
}

/// How a lock differs from a dependency.
#[derive(Debug, PartialEq, Eq)]
enum Drift {
    Missing,
    Other(String),
}

fn drift(lock: &LockFile, dependency: &Dependency) -> Option<Drift> {
    let same = |name: &str| match lock.ecosystem {
        Ecosystem::Python => normalised(name) == normalised(&dependency.name),
        _ => name == dependency.name,
    };
    let recorded: Vec<&str> = lock
        .roots
        .iter()
        .filter(|(name, _)| same(name))
        .map(|(_, requirement)| requirement.as_str())
        .collect();
    if recorded.is_empty() {
        return (!lock.packages.iter().any(|name| same(name))).then_some(Drift::Missing);
    }
    // npm and pnpm keep the requirement as it was written; others in a form of their own.
    let verbatim = matches!(
        lock.format,
        "package-lock.json" | "npm-shrinkwrap.json" | "pnpm-lock.yaml"
    );
    let plain = |text: &str| {
        text.chars()
            .next()
            .is_some_and(|c| c.is_ascii_digit() || "^~<>=*".contains(c))
    };
    let wanted = dependency.requirement.trim();
    let differs = verbatim
        && plain(wanted)
        && recorded
            .iter()
            .all(|locked| plain(locked) && locked.trim() != wanted);
    differs.then(|| Drift::Other(recorded.first().copied().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(name: &str, requirement: &str) -> Dependency {
        Dependency {
            ecosystem: Ecosystem::Npm,
            name: name.to_owned(),
            requirement: requirement.to_owned(),
            group: DependencyGroup::Run,
            pin: Pin::Range,
        }
    }

    #[test]
    fn drift_is_a_missing_package_or_another_requirement() {
        let lock = LockFile {
            ecosystem: Ecosystem::Npm,
            format: "package-lock.json",
            packages: vec!["express".to_owned(), "left".to_owned()],
            roots: vec![("express".to_owned(), "^4.18.0".to_owned())],
            tracked: Some(true),
            hashes: true,
        };
        assert_eq!(drift(&lock, &dependency("express", "^4.18.0")), None);
        assert_eq!(
            drift(&lock, &dependency("express", "^5.0.0")),
            Some(Drift::Other("^4.18.0".to_owned()))
        );
        assert_eq!(
            drift(&lock, &dependency("pg", "^8.0.0")),
            Some(Drift::Missing)
        );
        assert_eq!(drift(&lock, &dependency("left", "^1.0.0")), None);
    }
}
