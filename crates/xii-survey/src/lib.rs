//! Reads a repository once and makes apps and their facts of it.

mod allow;
mod apps;
mod classify;
mod copies;
pub mod document;
mod git;
mod languages;
mod mask;
mod mounts;
mod position;
mod read;
mod readers;
mod references;
mod secrets;
mod source;
mod survey;
mod walk;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

pub use survey::{facts_of, survey};

/// What bounds a survey.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files larger than this are not read, in bytes.
    pub max_file_size: u64,
    /// No more files than this are walked.
    pub max_files: usize,
    /// Counts the files that were read, for whoever wants to show that something happens.
    pub read: Arc<AtomicUsize>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_file_size: 2 << 20,
            max_files: 1_000_000,
            read: Arc::default(),
        }
    }
}

/// Why a folder could not be surveyed.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The path is not there or cannot be opened.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// The path as given.
        path: String,
        /// What the system says.
        why: String,
    },
    /// The path is a file.
    #[error("{path} is not a folder: give the folder that holds the app")]
    NotAFolder {
        /// The path as given.
        path: String,
    },
}
