//! How much a line matters, where it says so itself.

mod line;
mod plain;
mod structured;
mod words;

pub use line::level;
pub(super) use structured::is_level_name;
