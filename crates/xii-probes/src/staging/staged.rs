//! An app that was staged: where it is, what a run of it needs, what was done to build it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use xii_model::BuildStep;

use super::capture::Captured;
use super::plan::Planned;
use super::scratch::Scratch;
use super::snapshot::Snapshot;
use super::{duplicate, editable};

/// An app that is ready to be run. Everything of it is removed when this goes, unless it is to be kept.
#[derive(Debug)]
pub struct Staged {
    /// The app's folder: a built copy, or with `in_place` the folder itself.
    pub folder: PathBuf,
    /// An empty HOME, but for what the build put there. Its owner is who runs xii.
    pub home: PathBuf,
    /// A TMPDIR that every user may write to.
    pub temporary: PathBuf,
    /// The folder that holds all of it; everybody may go through it, so that another user can run the app.
    pub scratch: PathBuf,
    /// What a run of the app in `folder` needs besides its config: PATH, HOME, TMPDIR, LANG, VIRTUAL_ENV and what
    /// version managers need. For a copy see [`Staged::variables_in`].
    pub variables: Vec<(String, String)>,
    /// What was run to build it, for a report.
    pub steps: Vec<BuildStep>,
    /// The same with all that is known of each.
    pub built: Vec<Built>,
    /// What was copied; nothing with `in_place`.
    pub copied: Option<Copied>,
    /// The folder is the original: neither copied nor built.
    pub in_place: bool,
    /// What a reader should know, a sentence each: what was left out, what the build did without.
    pub notes: Vec<String>,
    /// The whole tree that `folder` lies in: the audited folder, or its copy.
    pub(super) tree: PathBuf,
    /// The app's folder below it.
    pub(super) root: String,
    /// Folders of the app that an editable install made importable.
    pub(super) importable: Vec<PathBuf>,
    pub(super) copies: AtomicU32,
    pub(super) held: Arc<Scratch>,
}

/// What was copied into the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// How many files and links.
    pub files: usize,
    /// How many bytes.
    pub bytes: u64,
    /// They are the files that git tracks; otherwise those that `.gitignore` does not name.
    pub tracked: bool,
}

/// A step of the build that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// What was planned.
    pub planned: Planned,
    /// The command that was run: the planned one, or what stands in for it.
    pub line: String,
    /// How it ended.
    pub ended: Ended,
    /// How long it took.
    pub took: Duration,
    /// What it printed.
    pub output: Captured,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With 0.
    Well,
    /// With another exit code.
    Code(i32),
    /// By a signal, which is its number.
    Signal(i32),
    /// It was killed, because the time was over.
    TimedOut,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Well => f.write_str("ended well"),
            Ended::Code(code) => write!(f, "ended with exit code {code}"),
            Ended::Signal(signal) => write!(f, "was ended by signal {signal}"),
            Ended::TimedOut => f.write_str("was not done in time"),
        }
    }
}

impl Built {
    /// The step for a report.
    pub fn step(&self) -> BuildStep {
        BuildStep {
            command: self.line.clone(),
            took_ms: u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            ok: self.ended == Ended::Well,
        }
    }
}

impl Staged {
    /// Another copy of the built app as it is now, for a second instance; the folder of the app in it. Files of the app
    /// are copied, dependency folders are hard-linked where the app was staged: an app that writes *into* one of those
    /// files (not over it) changes all copies. It is removed with the rest.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or the disk is full.
    pub fn copy(&self) -> io::Result<PathBuf> {
        let number = self.copies.fetch_add(1, Ordering::Relaxed) + 1;
        let to = self.held.folder(&format!("copy-{number}"), 0o755)?;
        let how = match self.in_place {
            // Somebody's own files are never linked: what a run does to the copy would be done to them.
            true => duplicate::Dependencies::Copied,
            false => duplicate::Dependencies::Linked,
        };
        duplicate::duplicate(&self.tree, &to, how)?;
        Ok(below(&to, &self.root))
    }

    /// What a run of the app in one of its copies needs besides its config.
    pub fn variables_in(&self, copy: &Path) -> Vec<(String, String)> {
        let (own, other) = (self.folder.to_string_lossy(), copy.to_string_lossy());
        let mut variables: Vec<(String, String)> = self
            .variables
            .iter()
            .map(|(name, value)| {
                let parts: Vec<String> = value
                    .split(':')
                    .map(|part| match part.strip_prefix(&*own) {
                        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                            format!("{other}{rest}")
                        }
                        _ => part.to_owned(),
                    })
                    .collect();
                (name.clone(), parts.join(":"))
            })
            .collect();
        if copy != self.folder
            && let Some(top) = copy.ancestors().nth(depth(&self.root))
            && let Some(path) = editable::search_path(&self.importable, &self.tree, top)
        {
            variables.push(("PYTHONPATH".to_owned(), path));
        }
        variables
    }

    /// One digest of the build: equal for every copy that nothing was changed in (see [`Snapshot::digest`]).
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn digest(&self) -> io::Result<String> {
        Ok(Snapshot::of(&self.folder)?.digest())
    }

    /// What is in a folder now: in the app's own, or in that of a copy.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn snapshot(folder: &Path) -> io::Result<Snapshot> {
        Snapshot::of(folder)
    }

    /// The step whose frozen install failed although the same without the lock file did not, if one did (II.2).
    pub fn failed_lock(&self) -> Option<&Built> {
        self.built
            .iter()
            .find(|built| built.planned.frozen && built.ended != Ended::Well)
    }
}

/// The app's folder in a tree.
pub(super) fn below(tree: &Path, root: &str) -> PathBuf {
    if root == "." {
        tree.to_owned()
    } else {
        tree.join(root)
    }
}

fn depth(root: &str) -> usize {
    if root == "." {
        0
    } else {
        Path::new(root).components().count()
    }
}
