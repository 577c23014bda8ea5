//! Why a command did not do what was asked, and the exit code that says so.

use std::fmt::Display;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    /// One lower-case sentence: what, where, what next. Several lines when several things are wrong.
    pub(crate) message: String,
    /// 2 for wrong usage or unusable input, 3 for what could not be finished.
    pub(crate) code: u8,
}

impl Failure {
    /// Wrong usage, or input that cannot be used.
    pub(crate) fn usage(message: impl Display) -> Self {
        Failure {
            message: message.to_string(),
            code: 2,
        }
    }

    /// What was asked could not be finished.
    pub(crate) fn unfinished(message: impl Display) -> Self {
        Failure {
            message: message.to_string(),
            code: 3,
        }
    }
}
