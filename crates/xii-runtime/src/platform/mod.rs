//! What differs between operating systems, and all that is unsafe.
#![allow(unsafe_code)]

mod guard;
mod spawn;
mod tree;

pub use guard::{Guarded, guard};
pub use spawn::{Spawn, Spawned, spawn};
pub(crate) use tree::{Group, ProcessInfo, descendants, group_alive, is_alive, kill_descendants, list};
