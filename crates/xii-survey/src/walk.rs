//! The walk: which files there are, in a fixed order, within bounds.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ignore::{WalkBuilder, WalkState};
use xii_model::Notice;

use crate::Options;

/// Folders are not entered below this depth: nothing that a person wrote lies deeper.
const MAX_DEPTH: usize = 64;

/// Folders that hold what tools made or fetched. What is committed of them is told from git's index.
const SKIPPED: [&str; 24] = [
    ".git",
    ".hg",
    ".svn",
    "node_modules",
    "bower_components",
    "jspm_packages",
    ".venv",
    "__pycache__",
    "__pypackages__",
    "site-packages",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".turbo",
    ".gradle",
    ".terraform",
    ".yarn",
    ".pnpm-store",
    ".idea",
];

/// A regular file below the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Walked {
    /// Path below the root, with forward slashes.
    pub(crate) path: String,
    /// Where it is.
    pub(crate) full: PathBuf,
    /// Size in bytes when it was walked.
    pub(crate) size: u64,
}

/// All regular files below the root that are not ignored, in the order of their paths, and what
/// could not be walked. Symbolic links are not followed; pipes, sockets and devices are not opened.
pub(crate) fn walk(root: &Path, options: &Options) -> (Vec<Walked>, Vec<Notice>) {
    let files = Mutex::new(Vec::new());
    let notices = Mutex::new(Vec::new());
    let count = AtomicUsize::new(0);
    let full = AtomicBool::new(false);
    let deep = AtomicBool::new(false);
    WalkBuilder::new(root)
        .hidden(false)
        .follow_links(false)
        .git_global(false)
        .require_git(false)
        .max_depth(Some(MAX_DEPTH))
        .threads(std::thread::available_parallelism().map_or(2, usize::from))
        .filter_entry(|entry| {
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            !(folder && entry.depth() > 0 && is_skipped(entry.path()))
        })
        .build_parallel()
        .run(|| {
            Box::new(|entry| {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        push(&notices, notice(root, &error));
                        return WalkState::Continue;
                    }
                };
                if entry.depth() == MAX_DEPTH && entry.file_type().is_some_and(|kind| kind.is_dir())
                {
                    deep.store(true, Ordering::Relaxed);
                }
                if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                    return WalkState::Continue;
                }
                if count.fetch_add(1, Ordering::Relaxed) >= options.max_files {
                    full.store(true, Ordering::Relaxed);
                    return WalkState::Quit;
                }
                let size = entry.metadata().map_or(0, |metadata| metadata.len());
                let full = entry.into_path();
                push(
                    &files,
                    Walked {
                        path: below(root, &full),
                        full,
                        size,
                    },
                );
                WalkState::Continue
            })
        });
    let mut files = files.into_inner().unwrap_or_default();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut notices = notices.into_inner().unwrap_or_default();
    if full.into_inner() {
        notices.push(whole(format!(
            "more than {} files: the rest was not read; audit a folder of it instead",
            options.max_files
        )));
    }
    if deep.into_inner() {
        notices.push(whole(format!(
            "folders nested deeper than {MAX_DEPTH} were not read"
        )));
    }
    notices.sort();
    (files, notices)
}

fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    if let Ok(mut list) = list.lock() {
        list.push(item);
    }
}

fn whole(message: String) -> Notice {
    Notice {
        path: ".".to_owned(),
        line: None,
        message,
    }
}

fn is_skipped(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    SKIPPED.contains(&&*name) || path.join("pyvenv.cfg").is_file()
}

/// A path below the root, with forward slashes.
pub(crate) fn below(root: &Path, path: &Path) -> String {
    let rest = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = rest
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

fn notice(root: &Path, error: &ignore::Error) -> Notice {
    let mut path = ".".to_owned();
    let mut inner = error;
    loop {
        inner = match inner {
            ignore::Error::WithPath { path: at, err } => {
                path = below(root, at);
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break,
        };
    }
    let why = match inner.io_error() {
        Some(error) => error.kind().to_string(),
        None => "the entry could not be walked".to_owned(),
    };
    Notice {
        path,
        line: None,
        message: format!("cannot read it: {why}"),
    }
}
