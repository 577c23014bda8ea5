//! The app's admin tasks: which there are, which may be run, and in what environment they ran.

mod declared;
mod seen;

pub use declared::{Nature, Task, consoles, migrations};
pub use seen::{Seen, config_of, look};
