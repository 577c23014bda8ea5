//! Which resources an app wants, by the variables that name them.

mod address;
mod credentials;
mod find;
mod group;
mod kinds;
mod wiring;

pub(super) use find::{Candidate, Search, find};
pub(super) use kinds::{Kinds, install, usual_port};
pub(super) use wiring::{Access, Wiring};
