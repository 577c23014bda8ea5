//! `--format markdown`: the checklist, with evidence in place of ticks.

mod checklist;
mod escape;
mod findings;
mod page;
mod trials;

pub(crate) use page::render;
