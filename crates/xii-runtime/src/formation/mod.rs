//! What is to run: process types from a Procfile and xii.toml as one formation.

mod declared;
mod dependencies;
mod faulty;
mod process;
mod procfile;
mod selection;
mod valid;

pub use declared::Declared;
pub use faulty::Faulty;
pub use process::{Check, Formation, How, Kind, Process, Restart};
pub use procfile::of_procfile;
pub use selection::{MOST_INSTANCES, scale};
pub use valid::{pattern_fault, schedule_fault};
