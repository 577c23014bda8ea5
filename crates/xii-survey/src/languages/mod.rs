//! Source languages: what is read from code.

mod bare_address;
mod choice;
mod javascript;
mod language;
mod python;
mod registry;
mod routing;
mod schema_change;
mod scope;
mod syntax;
mod values;

pub(crate) use language::{CLOSES_SERVER, Exports, Given, RouterPart, handler_key, router_key};
pub(crate) use registry::{of, read};
pub(crate) use routing::compose as compose_routes;
