//! Source languages: what is read from code.

mod bare_address;
mod choice;
mod javascript;
mod language;
mod python;
mod registry;
mod schema_change;
mod scope;
mod syntax;
mod values;

pub(crate) use language::{CLOSES_SERVER, Exports, handler_key};
pub(crate) use registry::{of, read};
