//! The language Python.

mod config;
mod imports;
mod language;
mod literals;
mod lower;
mod reader;
mod stdlib;
mod surroundings;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use language::LANGUAGE;
