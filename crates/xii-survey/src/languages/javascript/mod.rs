//! The languages JavaScript and TypeScript.

mod demands;
mod env;
mod environment;
mod exports;
mod handlers;
mod imports;
mod language;
mod literals;
mod lower;
mod modules;
mod names;
mod needles;
mod read;
mod resources;
mod schemas;
mod seen;
mod servers;
mod state;
mod stream;
mod surroundings;
mod trust;
mod web;

#[cfg(test)]
mod tests;

pub(crate) use language::LANGUAGE;
