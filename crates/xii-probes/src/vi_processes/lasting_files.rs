//! Looks for files that the app writes while it serves and that outlive the request.
//!
//! The witness tells which files were opened to be written, made or renamed; those that are still there when the scenario
//! has been answered, and were changed after the app was ready, have outlived their request. Temporary folders, caches,
//! compiled code, the settings of tools below the home folder and folders that xii.toml declares as volumes are left out;
//! log files are XI.2's and PID files VIII.2's. A database in a file counts, also where a variable names it: the next
//! instance has another disk. One that xii chose itself, because nothing else stood, says nothing of the app.
//!
//! What the scenario does not do is not seen: where the code writes files and none showed, this cannot tell.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use xii_model::{Deed, FilePlace, Mark, Purpose, Severity, What, Written};

use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Stage, Steps};
use crate::provision::{CameFrom, Given};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "lasting-files",
    criteria: &["VI.2"],
    phase: Phase::Serving,
    needs: &[Need::Healthy, Need::Witness],
    severity: Severity::Error,
    limit: Duration::from_secs(60),
    alone: false,
    run,
};

/// The most files that are named.
const NAMED: usize = 3;
/// How coarse a file system's clock may be.
const COARSE: Duration = Duration::from_millis(20);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        if stage.scenario().await?.steps.is_empty() {
            return Err(CouldNotTell::because(
                "there is nothing to ask: give a scenario with --scenario",
            ));
        }
        let run = stage.exercised().await?;
        let (_, lost) = run.record.lost();
        let places = Places::of(stage, &run)?;
        let ready = run
            .record
            .first(|event| matches!(event.what, What::Ready { .. }));
        let since = ready
            .map(|event| SystemTime::from(event.at))
            .unwrap_or(SystemTime::UNIX_EPOCH);
        let lasting = lasting(&run, &places, since - COARSE);
        let (chosen, kept): (Vec<&Lasting>, Vec<&Lasting>) = lasting
            .iter()
            .partition(|one| one.database && is_own_choice(&stage.provided().given, &one.path));
        for one in kept.iter().take(NAMED) {
            if let Some(event) = run
                .record
                .first(|event| writes(event).is_some_and(|path| main_file(path) == one.path))
            {
                stage.cite(&event, Mark::Against);
            }
        }
        if let Some(first) = kept.first() {
            let names: Vec<String> = kept
                .iter()
                .take(NAMED)
                .map(|one| stage.shown(&run, &one.path))
                .collect();
            let more = kept.len().saturating_sub(NAMED);
            let more = if more == 0 {
                String::new()
            } else {
                format!(" and {more} more")
            };
            let what = if first.database {
                "a database on local disk"
            } else {
                "files that outlive the request"
            };
            stage.broken(
                "VI.2",
                format!("it writes {what}: {}{more}", names.join(", ")),
            );
        } else if let Some(first) = chosen.first() {
            let shown = stage.shown(&run, &first.path);
            stage.could_not_tell("VI.2", format!("its data went to the SQLite file {shown}, which xii chose since nothing else stood"));
        } else if lost > 0 {
            stage.could_not_tell(
                "VI.2",
                format!("{lost} deeds were not recorded, and a file may be among them"),
            );
        } else if let Some(unseen) = unseen(stage) {
            stage.could_not_tell("VI.2", unseen);
        } else {
            stage.holds(
                "VI.2",
                "no file that it wrote while it served is still there",
            );
        }
        Ok(())
    })
}

/// A write of the code that did not show.
fn unseen(stage: &Stage) -> Option<String> {
    let writes = stage.app().facts.file_writes.iter();
    let one = writes
        .filter(|one| one.scope.is_deployed())
        .filter(|one| {
            let lasts = matches!(
                one.place,
                FilePlace::AppRoot | FilePlace::Absolute | FilePlace::Configured
            );
            // What takes uploads may be far from the handler, and its place computed.
            one.scope.handler && lasts || one.what.what == Written::Upload
        })
        .find(|one| {
            matches!(
                one.what.what,
                Written::Upload | Written::Database | Written::Other
            )
        })?;
    Some(format!(
        "the code writes files ({} at {}), and no request of the scenario made it do so",
        one.through, one.at
    ))
}

/// Where things may lie.
struct Places {
    folder: PathBuf,
    home: PathBuf,
    temporary: Vec<PathBuf>,
    volumes: Vec<PathBuf>,
}

impl Places {
    fn of(stage: &Stage, run: &Run) -> Result<Places, CouldNotTell> {
        let staged = stage.staged()?;
        let mut temporary = vec![staged.temporary.clone()];
        temporary.extend(
            [
                "/tmp", "/var/tmp", "/dev", "/proc", "/sys", "/run", "/var/run",
            ]
            .map(PathBuf::from),
        );
        // The scratch folder itself may lie in /tmp: what is below the app's folder and home is looked at first.
        Ok(Places {
            folder: run.folder.clone(),
            home: staged.home.clone(),
            temporary,
            volumes: stage
                .settings()
                .folders
                .iter()
                .map(|inner| run.folder.join(inner))
                .collect(),
        })
    }

    /// Whether what is written there is meant to last, as far as a path tells.
    fn lasts(&self, path: &Path) -> bool {
        if self.volumes.iter().any(|volume| path.starts_with(volume)) {
            return false;
        }
        let inner = if let Ok(inner) = path.strip_prefix(&self.folder) {
            inner
        } else if self
            .temporary
            .first()
            .is_some_and(|own| path.starts_with(own))
        {
            return false;
        } else if let Ok(inner) = path.strip_prefix(&self.home) {
            // A dot in front: a tool's own settings and caches.
            let first = inner.components().next();
            if first.is_some_and(|first| first.as_os_str().to_string_lossy().starts_with('.')) {
                return false;
            }
            inner
        } else if self.temporary.iter().any(|folder| path.starts_with(folder)) {
            return false;
        } else {
            path
        };
        !is_passing(inner)
    }
}

/// Folders whose content can be made anew at any time.
const PASSING: [&str; 14] = [
    "__pycache__",
    ".cache",
    "cache",
    "caches",
    "tmp",
    "temp",
    ".tmp",
    ".npm",
    ".next",
    ".nuxt",
    ".git",
    ".pytest_cache",
    "logs",
    "log",
];
/// Endings of files that are another criterion's, or nobody's.
const OTHERS: [&str; 8] = ["pyc", "log", "pid", "sock", "socket", "lock", "tmp", "swp"];

fn is_passing(inner: &Path) -> bool {
    let folders = inner.parent().into_iter().flat_map(Path::components);
    let passing = folders
        .filter_map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .any(|part| PASSING.contains(&part.to_ascii_lowercase().as_str()));
    let ending = inner.extension().and_then(|ending| ending.to_str());
    passing || ending.is_some_and(|ending| OTHERS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// A file that outlived its request.
struct Lasting {
    path: String,
    /// It is a SQLite database.
    database: bool,
}

/// The file that an event wrote.
fn writes(event: &xii_model::Event) -> Option<&str> {
    let What::Act(act) = &event.what else {
        return None;
    };
    match &act.deed {
        Deed::Opened { path, purpose } if *purpose != Purpose::Read => Some(path),
        Deed::Renamed { to, .. } => Some(to),
        _ => None,
    }
}

/// A database's journal belongs to the database (SQLite, "Temporary Files Used By SQLite").
fn main_file(path: &str) -> &str {
    ["-journal", "-wal", "-shm"]
        .iter()
        .find_map(|end| path.strip_suffix(end))
        .unwrap_or(path)
}

fn lasting(run: &Run, places: &Places, since: SystemTime) -> Vec<Lasting> {
    let events = run.record.all();
    let written: BTreeSet<&str> = events.iter().filter_map(writes).collect();
    let mut found: Vec<Lasting> = Vec::new();
    for path in written {
        let whole = main_file(path);
        if found.iter().any(|one| one.path == whole) || !places.lasts(Path::new(whole)) {
            continue;
        }
        let changed = |path: &str| {
            let about = std::fs::symlink_metadata(path)
                .ok()
                .filter(std::fs::Metadata::is_file);
            about
                .and_then(|about| about.modified().ok())
                .is_some_and(|at| at >= since)
        };
        // Of a database in WAL mode only the log changes for a while.
        if Path::new(whole).is_file() && (changed(whole) || changed(path)) {
            found.push(Lasting {
                path: whole.to_owned(),
                database: is_sqlite(whole),
            });
        }
    }
    found
}

/// Whether a file is a SQLite database (SQLite, "Database File Format", the header string).
fn is_sqlite(path: &str) -> bool {
    let mut head = [0; 15];
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut head).is_ok())
        && &head == b"SQLite format 3"
}

/// Whether a variable names the file, and xii made the value up.
fn is_own_choice(given: &[Given], path: &str) -> bool {
    let name = Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(path);
    given
        .iter()
        .filter(|one| one.value.contains(name))
        .any(|one| matches!(one.from, CameFrom::Made | CameFrom::Resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        Places {
            folder: "/tmp/xii/copy-1".into(),
            home: "/tmp/xii/home".into(),
            temporary: vec!["/tmp/xii/tmp".into(), "/tmp".into(), "/dev".into()],
            volumes: vec!["/tmp/xii/copy-1/media".into()],
        }
    }

    #[test]
    fn what_is_meant_to_last_lies_outside_of_passing_folders() {
        let places = places();
        for path in [
            "/tmp/xii/copy-1/data/a.json",
            "/tmp/xii/copy-1/db.sqlite3",
            "/tmp/xii/home/good/a.json",
            "/srv/uploads/a",
        ] {
            assert!(places.lasts(Path::new(path)), "{path}");
        }
        for path in [
            "/tmp/xii/tmp/upload-1",
            "/tmp/other",
            "/dev/null",
            "/tmp/xii/copy-1/__pycache__/a.cpython-312.pyc",
            "/tmp/xii/copy-1/app.log",
            "/tmp/xii/copy-1/.next/cache/x",
            "/tmp/xii/copy-1/media/a.png",
            "/tmp/xii/home/.npm/_logs/a",
            "/tmp/xii/copy-1/server.pid",
        ] {
            assert!(!places.lasts(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_journal_is_its_database() {
        assert_eq!(main_file("/a/db.sqlite3-wal"), "/a/db.sqlite3");
        assert_eq!(main_file("/a/db.sqlite3"), "/a/db.sqlite3");
    }
}
