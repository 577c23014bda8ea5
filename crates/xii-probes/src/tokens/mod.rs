//! Tokens that an app accepts, and tokens that it must not accept.

mod accepted;
mod jwt;
mod sources;

pub(crate) use accepted::{Bearer, guarded, is_refusal};
pub(crate) use jwt::{base64, now, read, sealed, signed};
