//! What is to run, and in which environment.

mod process;

pub use process::{Check, Formation, How, Kind, Process, Restart};
