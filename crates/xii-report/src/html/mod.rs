//! `--format html`: one self-contained page. It loads nothing and needs no script.

mod app;
mod criteria;
mod factors;
mod finding;
mod page;
mod plan;
mod run;
mod scale;
mod source;
mod timeline;
mod trial;
mod words;

pub(crate) use page::render;
