//! The stream on the standard output, or on any other file that may not take it.

mod own;
mod queue;
mod sink;
mod view;
mod writer;

pub use sink::Terminal;
pub use view::View;

/// The sink's name.
pub(in crate::log) const NAME: &str = "terminal";
