//! Routers, blueprints and lists of patterns: what a file says of where its routes are served.

mod mounts;
mod names;
mod patterns;
mod prefixes;

pub(super) use mounts::read;
pub(super) use names::{makes_router, router_of};
pub(super) use patterns::{is_path, place, plain};
pub(super) use prefixes::prefix_of;
