//! Facts of the repository itself.

use std::sync::Arc;

use crate::FileClass;

/// A file that the walk saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Path below the audited folder.
    pub path: Arc<str>,
    /// Size in bytes.
    pub size: u64,
    /// What it is for.
    pub class: FileClass,
    /// Whether git tracks it; `None` outside git.
    pub tracked: Option<bool>,
}

/// The git work tree around the audited folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Git {
    /// The branch, unless the head is detached or nothing is committed.
    pub branch: Option<String>,
    /// The last commit's id; `None` when nothing is committed.
    pub commit: Option<String>,
    /// When it was made, in seconds since 1970.
    pub commit_time: Option<i64>,
    /// Whether a tracked file differs from what was staged.
    pub dirty: bool,
    /// How many files are tracked below the audited folder.
    pub tracked_files: usize,
    /// Source files of the walk that git neither tracks nor ignores.
    pub untracked_sources: Vec<String>,
    /// Local branches and remote ones, without the remote's name.
    pub branches: Vec<String>,
}

/// A list of patterns in `.gitignore`, `.dockerignore`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreList {
    /// The file's name.
    pub name: &'static str,
    /// Its patterns, comments left out.
    pub patterns: Vec<String>,
}

/// Two source files of two apps that are the same or nearly so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedFile {
    /// The other file.
    pub other: Arc<str>,
    /// How alike they are, in percent of their lines.
    pub percent: u8,
    /// How many lines the smaller one has.
    pub lines: usize,
}

/// A file that could not be read or understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Why, as one lower-case sentence.
    pub why: String,
}
