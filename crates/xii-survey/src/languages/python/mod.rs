//! The language Python.

mod language;

pub(crate) use language::LANGUAGE;
