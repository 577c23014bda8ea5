//! Staging, with the real git, npm and pip.

mod bench;
mod builds;
mod copying;
mod inference;
mod limits;
