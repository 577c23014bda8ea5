//! The log store: what the processes of an app wrote, kept in bounded files and read back.
//!
//! Every writer (an `up`, a task) appends to segments of its own, so that none waits for another and a
//! killed one tears nothing but its own end. Readers merge them by time.

mod audit;
mod backward;
mod cursor;
mod filter;
mod folder;
mod follow;
mod level;
mod merge;
mod pattern;
mod query;
mod segment;
mod when;
mod writer;

pub use filter::{Filter, Kinds, NoProcess, ProcessName};
pub use follow::Watch;
pub use level::level_of;
pub use pattern::{NoPattern, pattern};
pub use query::Query;
pub use when::{NoTime, time};
pub use writer::{Settings, Store};
