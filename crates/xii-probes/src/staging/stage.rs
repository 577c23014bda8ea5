//! Staging: copy, build, and hand over.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;

use super::plan::BuildPlan;
use super::problem::{CannotStage, Why};
use super::registries::get;
use super::scratch::Scratch;
use super::staged::{Built, Copied, Staged, below};
use super::surroundings::Surroundings;
use super::{editable, listing, transfer};

/// What to stage, and how.
pub struct Wanted<'a> {
    /// The audited folder. All of it is copied, so that what the app shares with others is there.
    pub source: &'a Path,
    /// The app's folder below it; `.` for itself.
    pub root: &'a str,
    /// The folder is used as it is, without a copy and without a build.
    pub in_place: bool,
    /// What builds it.
    pub plan: BuildPlan,
    /// The time that copying and building may take together.
    pub within: Duration,
    /// The scratch folder stays when all is over.
    pub keep: bool,
    /// The caller's variables. Of these, PATH is handed on (without other apps' programs), what names registries,
    /// proxies and certificates, and where version managers are.
    pub caller: Vec<(OsString, OsString)>,
    /// Variables that the build gets besides, such as SOURCE_VERSION.
    pub variables: Vec<(String, String)>,
    /// The words before a step's command, given its name (`build.1`): the witness.
    pub prefix: &'a dyn Fn(&str) -> Vec<OsString>,
    /// Hears how far it is.
    pub tell: &'a dyn Fn(Progress<'_>),
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// The files were copied.
    Copied(Copied),
    /// A step was started.
    Started(&'a str),
    /// It printed a line; secrets are masked in it.
    Output(&'a str),
    /// It ended.
    Ended(&'a Built),
}

/// Copies the app and builds the copy.
///
/// When this is dropped before its end, what was started is killed and what was made is removed.
///
/// # Errors
///
/// When it cannot be copied, a tool is missing, a step fails that is needed, or the time is over.
pub async fn stage(wanted: Wanted<'_>) -> Result<Staged, CannotStage> {
    let mut staging = Staging {
        deadline: Instant::now() + wanted.within,
        within: wanted.within,
        root: wanted.root,
        caller: &wanted.caller,
        extra: &wanted.variables,
        prefix: wanted.prefix,
        tell: wanted.tell,
        built: Vec::new(),
        notes: wanted.plan.notes.clone(),
        other_python: false,
    };
    let mut held = None;
    match staging.all(&wanted, &mut held).await {
        Ok(staged) => Ok(staged),
        Err(why) => Err(CannotStage {
            why: Box::new(why),
            built: staging.built,
            notes: staging.notes,
            kept: held
                .filter(|_| wanted.keep)
                .map(|held: Arc<Scratch>| held.path().to_owned()),
        }),
    }
}

/// Staging as far as it came.
pub(super) struct Staging<'a> {
    pub(super) deadline: Instant,
    pub(super) within: Duration,
    pub(super) root: &'a str,
    pub(super) caller: &'a [(OsString, OsString)],
    pub(super) extra: &'a [(String, String)],
    pub(super) prefix: &'a dyn Fn(&str) -> Vec<OsString>,
    pub(super) tell: &'a dyn Fn(Progress<'_>),
    pub(super) built: Vec<Built>,
    pub(super) notes: Vec<String>,
    /// The Python that was found is not the one that the app declares.
    pub(super) other_python: bool,
}

impl Staging<'_> {
    async fn all(
        &mut self,
        wanted: &Wanted<'_>,
        held: &mut Option<Arc<Scratch>>,
    ) -> Result<Staged, Why> {
        let temporary = get(self.caller, "TMPDIR").map_or_else(std::env::temp_dir, PathBuf::from);
        let no_scratch = |why| Why::NoScratch {
            folder: temporary.clone(),
            why,
        };
        let scratch = Scratch::make(&temporary, wanted.keep).map_err(no_scratch)?;
        let scratch = Arc::clone(held.insert(Arc::new(scratch)));
        let surroundings = Surroundings::make(&scratch, self.caller).map_err(no_scratch)?;
        let source = wanted.source.canonicalize().map_err(|why| Why::Unlisted {
            folder: wanted.source.to_owned(),
            why: why.to_string(),
        })?;

        let (tree, copied) = if wanted.in_place {
            self.notes.push(
                "the folder was used as it is: what a clean copy and its build would show is left open"
                    .to_owned(),
            );
            (source, None)
        } else {
            let tree = scratch.folder("app", 0o755).map_err(no_scratch)?;
            let copied = self.copy(&source, &tree, Arc::clone(&scratch)).await?;
            (self.tell)(Progress::Copied(copied));
            (tree, Some(copied))
        };
        let folder = below(&tree, self.root);
        if !wanted.in_place {
            self.build(&wanted.plan, &tree, &folder, &surroundings)
                .await?;
        }

        let mut variables = surroundings.of_run(&folder);
        if wanted.in_place {
            own_environment(&folder, &mut variables);
        }
        variables.extend(wanted.plan.for_runs());
        let text = |value: OsString| value.to_string_lossy().into_owned();
        Ok(Staged {
            home: surroundings.home.clone(),
            temporary: surroundings.temporary.clone(),
            scratch: scratch.path().to_owned(),
            variables: variables
                .into_iter()
                .map(|(name, value)| (name, text(value)))
                .collect(),
            steps: self.built.iter().map(Built::step).collect(),
            built: std::mem::take(&mut self.built),
            copied,
            in_place: wanted.in_place,
            notes: std::mem::take(&mut self.notes),
            importable: editable::importable(&surroundings.virtual_environment, &tree),
            root: self.root.to_owned(),
            copies: AtomicU32::new(0),
            held: scratch,
            folder,
            tree,
        })
    }

    /// Copies the app's files, on a thread that stops when this is dropped.
    async fn copy(
        &mut self,
        source: &Path,
        tree: &Path,
        scratch: Arc<Scratch>,
    ) -> Result<Copied, Why> {
        struct Stop(Arc<AtomicBool>);
        impl Drop for Stop {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let stop = Stop(Arc::default());
        let stopped = Arc::clone(&stop.0);
        let (from, to) = (source.to_owned(), tree.to_owned());
        let path = get(self.caller, "PATH").unwrap_or_default().to_owned();
        let copying = spawn_blocking(move || {
            let listing = listing::list(&from, &path).map_err(|why| Why::Unlisted {
                folder: from.clone(),
                why,
            })?;
            let done = transfer::copy(&listing, &from, &to, &stopped)?;
            // Not removed before nothing more is written to it.
            drop(scratch);
            Ok((listing, done))
        });
        let over = self.over("copying its files");
        let Ok(copied) = tokio::time::timeout_at(self.deadline.into(), copying).await else {
            return Err(over);
        };
        let (listing, done) = copied.map_err(|_| over)??;
        self.notes.extend(listing.notes);
        self.notes.extend(done.notes);
        Ok(Copied {
            files: done.files,
            bytes: done.bytes,
            tracked: listing.by_git,
        })
    }

    pub(super) fn over(&self, line: &str) -> Why {
        Why::TimedOut {
            line: line.to_owned(),
            within: self.within,
        }
    }
}

/// The virtual environment that the folder itself holds, for a run in place.
fn own_environment(folder: &Path, variables: &mut Vec<(String, OsString)>) {
    let own = [".venv", "venv", "env"]
        .iter()
        .map(|name| folder.join(name))
        .find(|venv| venv.join("pyvenv.cfg").is_file());
    let Some(venv) = own else { return };
    for (name, value) in variables.iter_mut() {
        if name == "PATH" {
            let mut path = venv.join("bin").into_os_string();
            path.push(":");
            path.push(&*value);
            *value = path;
        }
    }
    variables.push(("VIRTUAL_ENV".to_owned(), venv.into()));
}
