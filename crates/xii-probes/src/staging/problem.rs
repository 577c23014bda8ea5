//! Why an app could not be staged.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::outside::{self, Outside};
use super::staged::{Built, Ended};

/// Why an app could not be staged, and how far it came.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct CannotStage {
    /// Why, which is also the sentence that this is displayed as.
    pub why: Box<Why>,
    /// The steps that were run, the one that failed last.
    pub built: Vec<Built>,
    /// What a reader should know besides, a sentence each.
    pub notes: Vec<String>,
    /// Where the scratch folder is, when it was to be kept.
    pub kept: Option<PathBuf>,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The scratch folder cannot be made.
    #[error("cannot make a scratch folder in {folder}: {why}; TMPDIR names another place")]
    NoScratch {
        /// The folder for temporary files.
        folder: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// The app's folder cannot be listed.
    #[error("cannot tell which files {folder} holds: {why}")]
    Unlisted {
        /// The folder.
        folder: PathBuf,
        /// What the system or git says.
        why: String,
    },
    /// A file cannot be copied.
    #[error("cannot copy {path}: {why}")]
    CopyFailed {
        /// The file, below the folder that is staged.
        path: String,
        /// What the system says.
        why: io::Error,
    },
    /// There is more than a stage holds.
    #[error(
        "the files of the app are more than {}: leave out of git what it does not need, or use --in-place",
        super::transfer::limit_in_words()
    )]
    TooLarge,
    /// A program that builds the app is not installed.
    #[error(
        "{program} is not installed, and {origin} asks for it: install {program}, or say in xii.toml what builds the app (`[prove] build`)"
    )]
    NoTool {
        /// The program.
        program: String,
        /// What asks for it.
        origin: String,
    },
    /// A step cannot be started.
    #[error("cannot run `{line}`: {why}")]
    NotRun {
        /// The command.
        line: String,
        /// What the system says.
        why: io::Error,
    },
    /// A step failed.
    #[error("`{line}` ({origin}) {ended}{}", outside.map(|why| format!(": {why}")).unwrap_or_default())]
    BuildFailed {
        /// The command.
        line: String,
        /// What asked for it.
        origin: String,
        /// How it ended.
        ended: Ended,
        /// What lies outside the app and explains it.
        outside: Option<Outside>,
    },
    /// The time was over.
    #[error(
        "the build was not done after {} s, in `{line}`: give it more time with `build-within` in xii.toml's [prove]",
        within.as_secs()
    )]
    TimedOut {
        /// What was being done.
        line: String,
        /// The time that it had.
        within: Duration,
    },
}

impl CannotStage {
    /// The last lines that the step that failed printed, at most `count`; nothing when no step failed.
    pub fn tail(&self, count: usize) -> Vec<&str> {
        self.built
            .last()
            .filter(|built| built.ended != Ended::Well)
            .map(|built| built.output.last(count))
            .unwrap_or_default()
    }

    /// What lies outside the app and explains the failure: a tool that is not installed, no network, a full disk. A
    /// build that failed without this is the app's.
    pub fn outside(&self) -> Option<Outside> {
        match &*self.why {
            Why::BuildFailed { outside, .. } => *outside,
            Why::CopyFailed { why, .. } | Why::NoScratch { why, .. } | Why::NotRun { why, .. } => {
                outside::of_error(why).or(Some(Outside::System))
            }
            Why::NoTool { .. } => Some(Outside::Tool),
            Why::TimedOut { .. } => Some(Outside::Time),
            Why::Unlisted { .. } | Why::TooLarge => Some(Outside::System),
        }
    }
}
