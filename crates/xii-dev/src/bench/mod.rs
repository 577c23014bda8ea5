//! Measurements, each beside its peers.

mod check;
mod runtime;
mod tree;
mod witness;

pub(crate) use check::run as check;
pub(crate) use runtime::{run as runtime, setup};
pub(crate) use witness::run as witness;
