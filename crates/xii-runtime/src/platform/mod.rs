//! What differs between operating systems, and all that is unsafe.
#![allow(unsafe_code)]

mod attach;
mod guard;
mod limits;
mod mask;
mod pages;
mod program;
#[cfg(target_os = "linux")]
mod quick;
mod spawn;
mod tree;
mod usage;

pub(crate) use attach::{Attached, spawn_attached};
pub use guard::exit_code;
pub(crate) use guard::kill_all;
pub use guard::{Guarded, guard};
pub use limits::raise_open_files;
pub use mask::{hold_signals, release_signals};
pub use pages::forget_start;
pub(crate) use program::{find, path_of};
pub use spawn::{Spawn, Spawned, spawn};
pub use tree::{ProcessInfo, carries, descendants, list};
pub(crate) use tree::{group_alive, members};
pub use usage::{Usage, usage};
