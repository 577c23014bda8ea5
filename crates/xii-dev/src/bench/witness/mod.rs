//! What it costs to be recorded.

mod entry;
mod start;
mod web;

pub(crate) use entry::run;
