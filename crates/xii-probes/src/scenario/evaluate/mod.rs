//! What an answer says: queries, filters and predicates.

mod dates;
mod filter;
mod pattern;
mod predicate;
mod query;

pub(super) use filter::filtered;
pub(super) use pattern::{compiled, json_path};
pub(super) use predicate::checked;
pub(super) use query::{Subject, selected};

#[cfg(test)]
mod tests;
