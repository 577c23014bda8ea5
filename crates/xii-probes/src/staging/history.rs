//! The release before this one, as far as git knows it: the commit before, built in the same way.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use xii_model::App;

use super::git::before;
use super::{BuildPlan, Staged, Wanted, infer, stage};

/// The app as the commit before has it, built.
#[derive(Debug)]
pub struct Earlier {
    /// The commit.
    pub commit: String,
    /// Its build.
    pub staged: Staged,
    /// Holds its source until it is no longer needed.
    _source: tempfile::TempDir,
}

/// Why there is no earlier build, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoEarlier(String);

/// Builds the commit before the one that changed the folder last, as the current one is built.
///
/// # Errors
/// When there is none, when it cannot be written out, or when it does not build.
pub async fn earlier(
    app: &App,
    folder: &Path,
    build: Option<&[String]>,
    caller: Vec<(OsString, OsString)>,
    within: Duration,
) -> Result<Earlier, NoEarlier> {
    let path = caller.iter().find(|(name, _)| name == "PATH");
    let path = path.map(|(_, value)| value.clone()).unwrap_or_default();
    let source = tempfile::tempdir()
        .map_err(|error| NoEarlier(format!("there is no folder for the commit before: {error}")))?;
    let commit = before(folder, &path, source.path())
        .map_err(NoEarlier)?
        .ok_or_else(|| NoEarlier("there is no earlier commit of it to roll back to".to_owned()))?;
    let plan = match build {
        Some(lines) => BuildPlan::given(app, lines),
        None => infer(app, source.path()),
    };
    let staged = stage(Wanted {
        source: source.path(),
        root: ".",
        in_place: false,
        plan,
        within,
        keep: false,
        caller,
        variables: Vec::new(),
        prefix: &|_| Vec::new(),
        tell: &|_| {},
    })
    .await
    .map_err(|why| {
        NoEarlier(format!(
            "the commit before, {commit}, could not be built: {why}"
        ))
    })?;
    Ok(Earlier {
        commit,
        staged,
        _source: source,
    })
}
