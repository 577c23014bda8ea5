//! The languages JavaScript and TypeScript.

mod demands;
mod env;
mod environment;
mod exports;
mod imports;
mod language;
mod literals;
mod lower;
mod modules;
mod names;
mod needles;
mod read;
mod schemas;
mod seen;
mod surroundings;

#[cfg(test)]
mod tests;

pub(crate) use language::LANGUAGE;
