//! `--format html`: one self-contained page. It loads nothing and needs no script.

mod app;
mod criteria;
mod factors;
mod finding;
mod page;
mod plan;
mod source;
mod words;

pub(crate) use page::render;
