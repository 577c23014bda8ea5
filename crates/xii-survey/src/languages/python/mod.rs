//! The language Python.

mod bounds;
mod config;
mod frameworks;
mod imports;
mod language;
mod libraries;
mod literals;
mod lower;
mod needles;
mod reader;
mod routing;
mod stdlib;
mod surroundings;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use language::LANGUAGE;
