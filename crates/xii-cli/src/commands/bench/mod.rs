//! `xii bench`: measuring an app that runs.

mod asked;
mod entry;
mod figures;
mod ink;
mod load;
mod numbers;
mod session;
mod start;
mod stop;
mod stops;
mod subject;

pub(crate) use entry::{Arguments, run};
