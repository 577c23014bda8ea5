<<<<<<< HEAD
//! xii.toml.

mod check;

pub(crate) use check::*;
=======
//! xii.toml: what cannot be inferred.

mod check;
mod faults;
mod file;
mod probe;
mod processes;
mod run;

pub(crate) use faults::nearest;
pub(crate) use file::read;
pub(crate) use run::{OnExit, RouterSettings, RunSettings};

#[cfg(test)]
mod tests;
>>>>>>> b068419 (Read process types, tasks and the run's settings from xii.toml, infer a formation where none is declared, and say in the guide what layers make an environment)
