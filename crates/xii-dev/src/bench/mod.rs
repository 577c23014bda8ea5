//! Measurements, each beside its peers.

mod check;
mod runtime;
mod tree;

pub(crate) use check::run as check;
pub(crate) use runtime::{run as runtime, setup};
