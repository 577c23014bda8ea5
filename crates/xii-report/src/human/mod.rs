//! `--format human`: the report for a person at a terminal.

mod closing;
mod criteria;
mod empty;
mod factors;
mod findings;
mod header;
mod overview;
mod page;
mod paint;
mod plan;
mod run;
mod snippet;
mod transcript;
mod wrap;

pub(crate) use page::render;
