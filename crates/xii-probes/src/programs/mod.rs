//! The programs that an app executes: what they are, and what they do.

mod build_tools;
mod executed;
mod known;
mod schema_tools;

pub use build_tools::builds;
pub(crate) use executed::meant;
pub use executed::{Program, executed};
pub use known::{is_language, is_managed, is_system, packages_with};
pub use schema_tools::changes_schema;
