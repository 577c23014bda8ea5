//! Builds a copy of what git tracks in an empty HOME, and starts what came of it.
//!
//! A build that fails because a package is not there shows a dependency that is not declared (II.1), as
//! does an app that dies at its start over a module that nobody installed. A lock file that is out of step
//! with its manifest makes the frozen install fail (II.2); and an install that succeeds without a lock,
//! and leaves an app whose packages do not fit each other, is what a lock is for (II.2).
//!
//! A list of pinned requirements is no lock of what it does not name: what its install brought besides breaks II.2.
//!
//! A build that fails for want of a tool, a registry, time or space shows nothing. Caches of packages are
//! kept between builds: they hold only what was asked for by name and version.

use std::collections::BTreeSet;
use std::time::Duration;

use xii_model::{Ecosystem, Fact, LockFile, Severity};

use crate::engine::{Phase, Probe, Record, Stage, Steps};
use crate::staging::{Built, CannotStage, Ended, Staged};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "clean-build",
    criteria: &["II.1", "II.2"],
    phase: Phase::Start,
    needs: &[],
    severity: Severity::Error,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// A verdict and why.
type Judged = (Said, String);

/// What is said of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Holds,
    Broken,
    Untold,
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let (declared, locked) = match stage.build() {
            Err(why) => failed(why),
            Ok(staged) if staged.in_place => {
                let why = "nothing was built: the folder was used as it is".to_owned();
                ((Said::Untold, why.clone()), (Said::Untold, why))
            }
            Ok(staged) => {
                let locked = frozen(stage, staged);
                let locks = stage
                    .app()
                    .facts
                    .lock_files
                    .iter()
                    .any(|one| one.tracked != Some(false));
                started(stage, locked, locks).await
            }
        };
        say(stage, "II.1", declared);
        say(stage, "II.2", locked);
        Ok(())
    })
}

fn say(stage: &mut Stage, criterion: &str, (said, why): Judged) {
    match said {
        Said::Holds => stage.holds(criterion, why),
        Said::Broken => stage.broken(criterion, why),
        Said::Untold => stage.could_not_tell(criterion, why),
    }
}

/// What a build that failed shows.
fn failed(why: &CannotStage) -> (Judged, Judged) {
    let untold = || (Said::Untold, format!("the build failed: {why}"));
    let Some(last) = why.built.last().filter(|one| one.ended != Ended::Well) else {
        return (untold(), untold());
    };
    if why.outside().is_some() {
        return (untold(), untold());
    }
    let lines: Vec<&str> = last.output.lines().collect();
    let unlocked = drift(&lines).map(|line| {
        (
            Said::Broken,
            format!(
                "`{}` fails because the lock file does not fit the manifest: {line}",
                last.line
            ),
        )
    });
    let missing = missing(&lines).map(|what| {
        (
            Said::Broken,
            format!(
                "the build of a clean copy fails: {what} is not declared, or not installed by it"
            ),
        )
    });
    let locked = unlocked.unwrap_or_else(untold);
    // With a lock that does not fit, it is not known what an install would bring.
    let declared = if locked.0 == Said::Broken {
        untold()
    } else {
        missing.unwrap_or_else(untold)
    };
    (declared, locked)
}

/// What the frozen installs of a build that succeeded show; none when there was none.
fn frozen(stage: &Stage, staged: &Staged) -> Option<Judged> {
    if let Some(failed) = staged.failed_lock() {
        let lines: Vec<&str> = failed.output.lines().collect();
        return Some(match drift(&lines) {
            Some(line) => (
                Said::Broken,
                format!(
                    "`{}` fails because the lock file does not fit the manifest: {line}",
                    failed.line
                ),
            ),
            None => (
                Said::Untold,
                format!(
                    "`{}` {}, and does not say that the lock file is why",
                    failed.line, failed.ended
                ),
            ),
        });
    }
    let good: Vec<&Built> = staged
        .built
        .iter()
        .filter(|one| one.ended == Ended::Well && is_frozen(one))
        .collect();
    let line = good.first()?.line.clone();
    if line.starts_with("pip install ") && !line.contains("--require-hashes") {
        return Some(pinned(stage, staged, &line));
    }
    Some((
        Said::Holds,
        format!("`{line}` installs what the lock file says, and nothing else"),
    ))
}

/// Whether a list of pinned requirements names all that its install brought: what it leaves out, the next install may
/// bring in another version.
fn pinned(stage: &Stage, staged: &Staged, line: &str) -> Judged {
    let dependencies = &stage.app().facts.dependencies;
    let declared: BTreeSet<&str> = dependencies
        .iter()
        .filter(|one| one.ecosystem == Ecosystem::Python)
        .map(|one| one.name.as_str())
        .collect();
    let installed = staged.installed();
    let others: Vec<String> = installed
        .iter()
        .filter(|(name, _)| !declared.contains(name.as_str()))
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    // Constraints fix what they do not declare, and are in no fact one by one.
    let constrained = |lock: &Fact<LockFile>| lock.at.path.contains("constraints");
    let constrained = stage.app().facts.lock_files.iter().any(constrained);
    match others.as_slice() {
        [_, ..] if constrained => (
            Said::Untold,
            format!("`{line}` installed what it does not name, and constraints may fix that"),
        ),
        _ if installed.is_empty() => (
            Said::Untold,
            format!("what `{line}` installed was not found"),
        ),
        [] => (
            Said::Holds,
            format!(
                "each of the {} packages that `{line}` installed is pinned there",
                installed.len()
            ),
        ),
        [first, ..] => (
            Said::Broken,
            format!(
                "{} of the {} packages that `{line}` installed are not named there, such as {first}: the next build may bring others",
                others.len(),
                installed.len()
            ),
        ),
    }
}

/// Whether a step installs what a lock file says, or fails.
fn is_frozen(built: &Built) -> bool {
    built.planned.frozen
        || [
            "--locked",
            "--frozen",
            "--frozen-lockfile",
            "--immutable",
            "npm ci",
            "--require-hashes",
        ]
        .iter()
        .any(|word| built.line.contains(word))
}

/// What the start of the built app shows.
async fn started(stage: &Stage, locked: Option<Judged>, has_lock: bool) -> (Judged, Judged) {
    let steps = stage
        .build()
        .map(|staged| staged.built.len())
        .unwrap_or_default();
    let good_build = match steps {
        0 => "there is nothing to build".to_owned(),
        _ => "a clean copy builds with an empty HOME".to_owned(),
    };
    let no_lock = || {
        (
            Said::Untold,
            "no step of the build installs from a lock file, or fails without one".to_owned(),
        )
    };
    if stage.web().is_none() {
        return (
            (
                Said::Untold,
                format!(
                    "{good_build}; the app answers no requests, so that its start shows nothing"
                ),
            ),
            locked.unwrap_or_else(no_lock),
        );
    }
    if let Err(why) = stage.healthy().await {
        let lines = last_lines(stage);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        if let Some(clash) = clash(&lines) {
            // A name that an installed package no longer has: the versions do not fit.
            let broken = (
                Said::Broken,
                format!(
                    "the install succeeds, and the app cannot start with what it brought: {clash}"
                ),
            );
            let locked = match (&locked, has_lock) {
                (Some((Said::Holds, _)), true) => locked.unwrap_or_else(no_lock),
                _ => broken,
            };
            return (
                (Said::Untold, format!("the app does not start: {clash}")),
                locked,
            );
        }
        if let Some(what) = missing(&lines).filter(|_| steps > 0) {
            return (
                (
                    Said::Broken,
                    format!(
                        "the build succeeds, and the app dies at its start: {what} is not installed"
                    ),
                ),
                locked.unwrap_or_else(no_lock),
            );
        }
        return ((Said::Untold, why.0), locked.unwrap_or_else(no_lock));
    }
    (
        (
            Said::Holds,
            format!("{good_build}, and what came of it serves"),
        ),
        locked.unwrap_or_else(no_lock),
    )
}

/// The last lines of the runs so far.
fn last_lines(stage: &Stage) -> Vec<String> {
    let records: Vec<Record> = stage
        .history()
        .into_iter()
        .map(|(_, record)| record)
        .collect();
    records
        .iter()
        .take(4)
        .flat_map(|one| one.last_words(60))
        .collect()
}

/// The line that says that a lock file does not fit its manifest.
fn drift(lines: &[&str]) -> Option<String> {
    const SIGNS: [&str; 13] = [
        "can only install packages when your package.json and package-lock.json",
        "`npm ci` can only install packages",
        "missing: ",
        "err_pnpm_outdated_lockfile",
        "cannot install with \"frozen-lockfile\"",
        "your lockfile needs to be updated",
        "the lockfile would have been modified by this install",
        "needs to be updated but --locked was passed",
        "cannot update the lock file",
        "because --locked was passed to prevent this",
        "pyproject.toml changed significantly since poetry.lock was last generated",
        "the lockfile at `uv.lock` needs to be updated",
        "your pipfile.lock",
    ];
    let of = |line: &str, sign: &&str| {
        let lower = line.to_lowercase();
        // npm says `Missing: x@1 from lock file`.
        lower.contains(*sign) && (*sign != "missing: " || lower.contains("from lock file"))
    };
    lines
        .iter()
        .find(|line| SIGNS.iter().any(|sign| of(line, sign)))
        .map(|line| {
            // Where the copy lies says nothing to a reader.
            let words = line
                .split_whitespace()
                .map(|word| match word.split_once("/app/") {
                    Some((before, rest)) if before.contains("/xii-prove-") => rest,
                    _ => word,
                });
            words.collect::<Vec<_>>().join(" ")
        })
}

/// The package or module that a line says is not there.
fn missing(lines: &[&str]) -> Option<String> {
    lines.iter().find_map(|line| {
        let quoted = |after: &str| -> Option<String> {
            let rest = line.split_once(after)?.1.trim_start();
            let quote = rest.chars().next().filter(|one| "'\"`".contains(*one))?;
            let name = rest.get(1..)?.split(quote).next()?;
            // A file of the app's own is no package.
            (!name.is_empty() && !name.starts_with(['.', '/', '#', '@'])
                || name.starts_with('@') && name.contains('/') && !name.starts_with("@/"))
            .then(|| name.to_owned())
        };
        let node = quoted("Cannot find module ")
            .or_else(|| quoted("Cannot find package "))
            .or_else(|| quoted("Module not found: Error: Can't resolve "))
            .map(|name| format!("the package {name}"));
        let python = line
            .contains("ModuleNotFoundError")
            .then(|| quoted("No module named "))
            .flatten()
            .map(|name| format!("the module {name}"));
        let rust = (line.contains("unresolved import")
            || line.contains("unresolved module or unlinked crate")
            || line.contains("can't find crate for")
            || line.contains("undeclared crate or module"))
        .then(|| {
            quoted("unresolved import ")
                .or_else(|| quoted("unlinked crate "))
                .or_else(|| quoted("crate for "))
                .or_else(|| quoted("crate or module "))
        })
        .flatten()
        .map(|name| format!("the crate {}", name.split("::").next().unwrap_or(&name)))
        .filter(|name| {
            !name.ends_with(" crate") && !name.ends_with(" super") && !name.ends_with(" self")
        });
        let go = line
            .split_once("no required module provides package ")
            .and_then(|(_, rest)| rest.split([';', ' ']).next())
            .map(|name| format!("the module {name}"));
        node.or(python).or(rust).or(go)
    })
}

/// The line that says that installed packages do not fit each other.
fn clash(lines: &[&str]) -> Option<String> {
    lines
        .iter()
        .find(|line| {
            (line.contains("ImportError: cannot import name") && !line.contains("circular import"))
                || line.contains("VersionConflict")
                || line.contains("ContextualVersionConflict")
                || line.contains("ERR_PACKAGE_PATH_NOT_EXPORTED")
                || line.contains("does not provide an export named")
                || line.contains("A module that was compiled using NumPy 1.x cannot be run in")
        })
        .map(|line| line.trim().chars().take(240).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_from_what_is_wrong() {
        for (line, wanted) in [
            (
                "Error: Cannot find module 'express'",
                Some("the package express"),
            ),
            ("Error: Cannot find module './routes'", None),
            (
                "Error [ERR_MODULE_NOT_FOUND]: Cannot find package '@acme/db' imported from /a.js",
                Some("the package @acme/db"),
            ),
            ("Error: Cannot find module '@/lib/x'", None),
            (
                "ModuleNotFoundError: No module named 'redis'",
                Some("the module redis"),
            ),
            (
                "error[E0432]: unresolved import `hmac`",
                Some("the crate hmac"),
            ),
            (
                "error[E0433]: failed to resolve: use of unresolved module or unlinked crate `hmac`",
                Some("the crate hmac"),
            ),
            ("error[E0432]: unresolved import `crate::x`", None),
            ("SyntaxError: Unexpected token", None),
        ] {
            assert_eq!(missing(&[line]).as_deref(), wanted, "{line}");
        }
        assert!(
            clash(&["ImportError: cannot import name 'url_quote' from 'werkzeug.urls'"]).is_some()
        );
        assert!(drift(&["error: cannot update the lock file /x/Cargo.lock because --locked was passed to prevent this"]).is_some());
        assert!(drift(&["npm error Missing: left-pad@1.0.0 from lock file"]).is_some());
        assert!(drift(&["missing: something"]).is_none());
    }
}
