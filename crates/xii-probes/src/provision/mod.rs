//! The environment that an app is given: variables, canaries, and resources of its own.

mod attach;
mod canary;
mod choose;
mod form;
mod found;
mod given;
mod known;
mod locator;
mod made;
mod pem;
mod platform;
mod provide;
mod provided;
mod resource;
mod servers;
mod words;
mod written;

pub use form::Form;
pub use given::{CameFrom, Canary, Given, Left, Needed};
pub use provide::{Wanted, provide};
pub use provided::{Fresh, Provided};
pub use resource::Resource;
