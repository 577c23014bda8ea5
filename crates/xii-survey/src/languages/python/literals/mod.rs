//! Values that are written down and that a deploy would want to change: secrets and locators.

mod bindings;
mod locators;
mod secrets;
mod words;

pub(super) use bindings::bindings;
pub(super) use locators::read as read_locators;
pub(super) use secrets::{names_secret, read as read_secrets};
