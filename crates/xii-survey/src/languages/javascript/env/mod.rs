//! Facts of config: variables read, checks at start, branches on the environment's name.

mod branches;
mod checks;
mod read;
mod reads;
mod whole;

pub(super) use read::read;
