//! Logs: sinks, formats, what is printed, and what is given away.

mod leaks;
mod requests;
mod sinks;

pub(super) use leaks::read as leaks;
pub(super) use requests::read as requests;
pub(super) use sinks::read as sinks;
