//! Reads a repository once and makes apps and their facts of it.

mod classify;
pub mod document;
mod languages;
mod mask;
mod position;
mod read;
mod readers;
mod source;
mod walk;

use std::path::Path;

use xii_model::Survey;

/// What bounds a survey.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files larger than this are not read, in bytes.
    pub max_file_size: u64,
    /// No more files than this are walked.
    pub max_files: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_file_size: 2 << 20,
            max_files: 1_000_000,
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
}

/// Reads the folder and says what is in it.
///
/// # Errors
///
/// When the folder itself cannot be read. What cannot be read below it becomes a notice.
pub fn survey(_root: &Path, _options: &Options) -> Result<Survey, SurveyError> {
    Ok(Survey::default())
}
