//! The variables that a process is given, each with where it comes from.

mod instance;
mod layers;
mod tools;

pub use instance::{Own, Sibling, sibling_name};
pub use layers::{Environment, LARGEST_FILE, Origin, Variable};
pub use tools::tool_folders;
