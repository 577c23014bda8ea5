//! `--format markdown`: the checklist, with evidence in place of ticks.

mod checklist;
mod escape;
mod findings;
mod page;

pub(crate) use page::render;
