//! Hurl's file format, as its documentation describes it (hurl.dev, version 8).

mod body;
mod cursor;
mod entry;
mod filter;
mod json;
mod open;
mod options;
mod predicate;
mod query;
mod sections;
mod text;
mod xml;

pub use cursor::Unreadable;
pub use entry::read;
pub use open::open;

#[cfg(test)]
mod tests;
