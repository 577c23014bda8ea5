//! Runs the app in a copy of its build, sends the scenario, and compares the copy with what it was.
//!
//! Code that runs is the build, unchanged: then every instance is the same, the folder can be mounted
//! read-only, and a restart brings nothing back. Files that appear, change or go below the app's folder
//! break that. Bytecode that a language writes beside its sources, its caches, and folders that
//! xii.toml declares (`[prove] folders`) are left out.
//!
//! Files that were made and removed again within the run are seen in no comparison.

use std::path::Path;
use std::time::Duration;

use xii_model::{Deed, Mark, Purpose, Severity, What};

use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::scenario::play_on;
use crate::staging::{Change, How, Staged};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "code-changed",
    criteria: &["V.3"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// How long the scenario may take.
const SCENARIO: Duration = Duration::from_secs(30);

/// Folders that tools fill by themselves and that nothing is served from.
const CACHES: [&str; 8] = [
    "__pycache__",
    ".cache",
    ".parcel-cache",
    ".mypy_cache",
    ".pytest_cache",
    ".swc",
    ".npm",
    ".git",
];

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let cannot = |error| CouldNotTell(format!("the app's folder cannot be compared: {error}"));
        let folder = stage.folder()?;
        let before = snapshot(&folder).await.map_err(cannot)?;
        let run = stage.serve(Setup::web()).await?;
        let scenario = stage.scenario().await?;
        let client = stage.client(&run);
        play_on(&scenario, &client, SCENARIO).await;
        run.stop().await;
        let after = snapshot(&folder).await.map_err(cannot)?;
        let declared = stage.settings().folders.clone();
        let changed: Vec<Change> = before
            .changes(&after)
            .into_iter()
            .filter(|one| !is_passing(one, &declared))
            .collect();
        // A folder that appears says nothing of code, and that it was to be made.
        let changes: Vec<Change> = changed
            .iter()
            .filter(|one| !one.folder || one.how == How::Removed)
            .cloned()
            .collect();
        cite(stage, &run, &changes);
        let made = changed
            .iter()
            .find(|one| one.folder && one.how == How::Added);
        match changes.as_slice() {
            [] if let Some(made) = made => stage.could_not_tell(
                "V.3",
                format!(
                    "it makes the folder {} below its own; whether it can do without was not tried",
                    made.path.display()
                ),
            ),
            [] => stage.holds(
                "V.3",
                "every file below the app's folder is as it was before the run",
            ),
            [one, rest @ ..] => {
                let more = match rest.len() {
                    0 => String::new(),
                    more => format!(", and {more} more differ"),
                };
                stage.broken(
                    "V.3",
                    format!(
                        "after a run, {} below the app's folder {}{more}",
                        one.path.display(),
                        one.how
                    ),
                );
            }
        }
        Ok(())
    })
}

/// Reads the folder on another thread: there may be much of it.
async fn snapshot(folder: &Path) -> std::io::Result<crate::staging::Snapshot> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || Staged::snapshot(&folder))
        .await
        .map_err(std::io::Error::other)?
}

/// Whether a change is one that a folder which cannot be written to would do without: a cache, or what is declared.
fn is_passing(change: &Change, declared: &[String]) -> bool {
    let cached = change.path.components().any(|part| {
        part.as_os_str()
            .to_str()
            .is_some_and(|part| CACHES.contains(&part))
    });
    let in_cache = change
        .path
        .to_str()
        .is_some_and(|path| path.contains(".next/cache") || path.ends_with(".pyc"));
    let granted = declared
        .iter()
        .any(|folder| change.path.starts_with(folder.trim_matches('/')));
    cached || in_cache || granted
}

/// Puts the deeds that made the changes into the transcript.
fn cite(stage: &Stage, run: &Run, changes: &[Change]) {
    for event in run.record.all() {
        let What::Act(act) = &event.what else {
            continue;
        };
        let path = match &act.deed {
            Deed::Opened { path, purpose } if *purpose != Purpose::Read => path,
            Deed::Removed { path } => path,
            Deed::Renamed { to, .. } => to,
            _ => continue,
        };
        if changes
            .iter()
            .take(3)
            .any(|one| run.folder.join(&one.path) == Path::new(path))
        {
            stage.cite(&event, Mark::Against);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_and_declared_folders_are_no_code() {
        let change = |path: &str, how| Change {
            path: path.into(),
            how,
            folder: false,
            size: 1,
        };
        let declared = vec!["uploads/".to_owned()];
        for (path, wanted) in [
            ("src/app.js", true),
            ("data/x.db", true),
            ("app/__pycache__/a.pyc", false),
            (".next/cache/x", false),
            ("uploads/a.png", false),
            ("node_modules/.cache/x", false),
        ] {
            assert_eq!(
                is_passing(&change(path, How::Added), &declared),
                !wanted,
                "{path}"
            );
        }
        assert!(!is_passing(
            &change("openapi.json", How::Content),
            &declared
        ));
    }
}
