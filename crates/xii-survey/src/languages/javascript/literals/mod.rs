//! Values that are written down and that a deploy would want to change: secrets and locators.

mod bindings;
mod locators;
mod secrets;

pub(super) use bindings::bindings;
pub(super) use locators::read as read_locators;
pub(super) use secrets::{is_about, is_credential, read as read_secrets};
