//! The language Javascript.

mod language;

pub(crate) use language::LANGUAGE;
