//! Which apps a repository holds, and which facts belong to each.

mod divide;
mod frameworks;
mod orchestrated;
mod roots;
mod sight;

pub(crate) use divide::divide;
