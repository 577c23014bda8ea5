//! xii.toml.

mod check;

pub(crate) use check::*;
