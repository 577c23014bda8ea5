//! What this machine says of registries, carried over into a build: where packages come from, by which proxy, trusted by
//! which certificates, and with which credentials. Nothing else that a user has set up goes along.

mod carried;
mod npm;
mod pip;
mod toml;
mod variables;

pub(super) use carried::{Caller, Registries, carry, get};
