//! The contract of the app: the one that it serves, or else the one in its repository.

use std::path::{Component, Path};

use crate::contract::Contract;
use crate::engine::{CouldNotTell, Stage};

/// The longest file that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// The contract of an app, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    /// What it says.
    pub(crate) contract: Contract,
    /// Where it is.
    pub(crate) place: Place,
}

/// Where a contract is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Served by the app at this path.
    Served(String),
    /// A file of the repository, which the app does not serve.
    File(String),
}

impl Api {
    /// The contract that the app serves, or else the first one in its repository that can be read.
    ///
    /// # Errors
    ///
    /// When the app does not become ready.
    pub(crate) async fn of(stage: &Stage) -> Result<Option<Api>, CouldNotTell> {
        if let Some((path, contract)) = stage.contract().await? {
            return Ok(Some(Api {
                contract,
                place: Place::Served(path),
            }));
        }
        Ok(Api::in_repository(stage))
    }

    /// The first contract in the repository that can be read.
    pub(crate) fn in_repository(stage: &Stage) -> Option<Api> {
        let folder = &stage.staged().ok()?.folder;
        files(stage).into_iter().find_map(|path| {
            let contract = read(folder, &stage.app().root, &path)?;
            Some(Api {
                contract,
                place: Place::File(path),
            })
        })
    }

    /// Whether the app itself serves it.
    pub(crate) fn is_served(&self) -> bool {
        matches!(self.place, Place::Served(_))
    }

    /// `the contract at /openapi.json`, `the contract openapi.json`.
    pub(crate) fn name(&self) -> String {
        match &self.place {
            Place::Served(path) => format!("the contract at {path}"),
            Place::File(path) => format!("the contract {path}"),
        }
    }
}

/// The files of the repository that are OpenAPI or Swagger.
fn files(stage: &Stage) -> Vec<String> {
    let contracts = stage.app().facts.contracts.iter();
    let mut paths: Vec<String> = contracts
        .filter(|fact| fact.scope.is_deployed() && !fact.generated)
        .filter(|fact| matches!(fact.format, "openapi" | "swagger"))
        .map(|fact| fact.at.path.to_string())
        .collect();
    paths.dedup();
    paths
}

/// Whether the code has a contract of any format, as a file or made by a framework.
pub(crate) fn has_files(stage: &Stage) -> Option<String> {
    let contracts = &stage.app().facts.contracts;
    let found = contracts.iter().find(|fact| fact.scope.is_deployed())?;
    Some(match (&found.through, found.generated) {
        (Some(through), true) => format!("{through} makes one"),
        _ => format!("{} is one", found.at.path),
    })
}

/// Reads a contract whose path is below the repository, or below the app's own folder.
fn read(folder: &Path, root: &str, path: &str) -> Option<Contract> {
    let below = Path::new(path);
    let own = below.strip_prefix(root).unwrap_or(below);
    [own, below].into_iter().find_map(|path| {
        if !path
            .components()
            .all(|one| matches!(one, Component::Normal(_)))
        {
            return None;
        }
        let path = folder.join(path);
        let length = std::fs::metadata(&path).ok()?.len();
        if length > LONGEST {
            return None;
        }
        Contract::read(&std::fs::read_to_string(path).ok()?).ok()
    })
}
