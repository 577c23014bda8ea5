//! The words of xii: factors, criteria, facts, findings, verdicts and reports. No I/O.

mod criteria;
mod criterion;
mod factor;
mod profile;

pub use criterion::Criterion;
pub use factor::{Factor, UnknownFactor};
pub use profile::Profile;
