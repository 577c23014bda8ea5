//! `xii bench`: measuring an app that runs.

mod asked;
mod entry;
mod figures;
mod load;
mod numbers;

pub(crate) use entry::{Arguments, run};
