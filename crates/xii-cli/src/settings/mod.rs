//! xii.toml: what cannot be inferred.

mod check;
mod faults;
mod file;
mod probe;
mod processes;
mod prove;
mod run;

pub(crate) use check::CheckSettings;
pub(crate) use faults::nearest;
pub(crate) use file::read;
pub(crate) use run::{OnExit, RunSettings};

#[cfg(test)]
mod tests;
