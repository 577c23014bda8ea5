//! The language Python.

mod imports;
mod language;
mod lower;
mod stdlib;
#[cfg(test)]
mod tests;

pub(crate) use language::LANGUAGE;
