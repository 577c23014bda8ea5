use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher, event::ModifyKind};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::ignored::{Ignored, walk};
use super::types::Watched;

/// A change is over when nothing has changed for this long: editors and checkouts write many files.
const QUIET: Duration = Duration::from_millis(100);
/// What goes on changing is told of after this long all the same.
const LONGEST: Duration = Duration::from_secs(2);

/// Files have changed, and these types mind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// One of the files, relative to the app's folder.
    pub path: PathBuf,
    /// The process types to restart.
    pub processes: Vec<String>,
}

/// Watches the files of an app from a thread of its own, until nobody listens any more. What git ignores
/// is left out.
///
/// # Errors
///
/// When the system gives no watch: `fs.inotify.max_user_watches` may be too low.
pub fn start(folder: &Path, watched: Vec<Watched>) -> io::Result<UnboundedReceiver<Change>> {
    let (tell, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event| {
        // Nobody listens: the thread has ended.
        let _ = tell.send(event);
    })
    .map_err(io::Error::other)?;
    let (ignored, folders) = Ignored::of(folder);
    for folder in folders {
        add(&mut watcher, &folder)?;
    }
    let (out, changes) = unbounded_channel();
    thread::Builder::new()
        .name("watch".to_owned())
        .spawn(move || run(watcher, &events, &ignored, &watched, &out))?;
    Ok(changes)
}

fn add(watcher: &mut RecommendedWatcher, folder: &Path) -> io::Result<()> {
    match watcher.watch(folder, RecursiveMode::NonRecursive) {
        // It was removed in between.
        Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => Ok(()),
        done => done.map_err(io::Error::other),
    }
}

fn run(
    mut watcher: RecommendedWatcher,
    events: &Receiver<notify::Result<Event>>,
    ignored: &Ignored,
    watched: &[Watched],
    out: &UnboundedSender<Change>,
) {
    while let Ok(first) = events.recv() {
        if out.is_closed() {
            return;
        }
        let begin = Instant::now();
        let mut changed = BTreeSet::new();
        let mut next = Some(first);
        while let Some(event) = next {
            note(event, &mut watcher, ignored, &mut changed);
            if begin.elapsed() > LONGEST {
                break;
            }
            next = events.recv_timeout(QUIET).ok();
        }
        let processes: Vec<String> = watched
            .iter()
            .filter(|one| changed.iter().any(|path| one.minds(path)))
            .map(|one| one.process().to_owned())
            .collect();
        let path = changed
            .into_iter()
            .find(|path| watched.iter().any(|one| one.minds(path)));
        if let Some(path) = path
            && out.send(Change { path, processes }).is_err()
        {
            return;
        }
    }
}

/// Notes what an event says has changed; folders that appear are watched from then on.
fn note(
    event: notify::Result<Event>,
    watcher: &mut RecommendedWatcher,
    ignored: &Ignored,
    changed: &mut BTreeSet<PathBuf>,
) {
    // An overflow of the system's queue: something has changed, but not which file.
    let Ok(event) = event else { return };
    let content = match event.kind {
        EventKind::Create(_) | EventKind::Remove(_) => true,
        EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
        _ => false,
    };
    if !content {
        return;
    }
    for path in event.paths {
        let Some(inner) = ignored.relevant(&path) else {
            continue;
        };
        if !path.is_dir() {
            changed.insert(inner.to_owned());
        } else if matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_)) {
            enter(&path, watcher, ignored, changed);
        }
    }
}

/// A folder has appeared: it is watched from now on, and what is in it already has changed.
fn enter(
    folder: &Path,
    watcher: &mut RecommendedWatcher,
    ignored: &Ignored,
    changed: &mut BTreeSet<PathBuf>,
) {
    // Watched first, so that nothing is made in between.
    let _ = add(watcher, folder);
    for entry in walk(folder) {
        let Some(inner) = ignored.relevant(entry.path()) else {
            continue;
        };
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            let _ = add(watcher, entry.path());
        } else {
            changed.insert(inner.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::formation::{Formation, Process};

    #[test]
    fn a_change_names_the_file_and_who_minds() {
        let scratch = tempfile::tempdir().expect("a folder");
        let root = scratch.path().canonicalize().expect("its real path");
        fs::create_dir(root.join("src")).expect("a folder");
        fs::write(root.join(".gitignore"), "*.log\n").expect("a file");
        let mut web = Process::new("web", "true");
        web.watch = vec!["src/*.js".to_owned()];
        let formation = Formation {
            processes: vec![web, Process::new("worker", "true")],
        };
        let watched = Watched::of(&formation).expect("globs");
        let mut changes = start(&root, watched).expect("a watch");
        // The ignored one first: were it not left out, it would be told of.
        fs::write(root.join("src/a.log"), "x").expect("a file");
        fs::write(root.join("src/a.js"), "x").expect("a file");
        let change = changes.blocking_recv().expect("a change");
        assert_eq!(change.path, Path::new("src/a.js"));
        assert_eq!(change.processes, ["web", "worker"]);
        fs::write(root.join("README"), "x").expect("a file");
        let change = changes.blocking_recv().expect("a change");
        assert_eq!(change.processes, ["worker"]);
        assert_eq!(change.path, Path::new("README"));
        fs::create_dir_all(root.join("lib/deep")).expect("folders");
        fs::write(root.join("lib/deep/new.js"), "x").expect("a file");
        let change = changes.blocking_recv().expect("a change");
        assert_eq!(change.path, Path::new("lib/deep/new.js"));
    }
}
