//! `xii witness`: what a command does to the system.

mod attend;
mod command;
mod events;
mod masked;
mod page;
mod record;
mod tree;

pub(crate) use command::{Arguments, run};
