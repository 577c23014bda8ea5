//! Reaching an `xii up` that runs.

use std::path::Path;

use xii_runtime::StateFolder;
use xii_runtime::control::{Client, Unreachable};

use crate::error::Failure;

/// Asks the `xii up` of a folder.
pub(crate) fn ask<T>(
    folder: &Path,
    question: impl FnOnce(&Client<'_>) -> Result<T, Unreachable>,
) -> Result<T, Failure> {
    let state = StateFolder::of(folder, |name| std::env::var_os(name)).map_err(Failure::usage)?;
    let socket = state.socket();
    question(&Client::new(&socket)).map_err(|error| match error {
        Unreachable::NotRunning => Failure {
            message: format!(
                "nothing runs in {}: start it with `xii up`",
                state.app().display()
            ),
            code: 2,
        },
        // It was understood, and the answer is no.
        Unreachable::Refused(why) => Failure {
            message: why,
            code: 1,
        },
        Unreachable::Broken(_) => Failure::unfinished(error),
    })
}
