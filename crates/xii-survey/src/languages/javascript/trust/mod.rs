//! Authentication, authorization and transport.

mod cookies;
mod identity;
mod tokens;

pub(super) use cookies::read as cookies;
pub(super) use identity::{checks_identity, read as identity};
pub(super) use tokens::read as tokens;
