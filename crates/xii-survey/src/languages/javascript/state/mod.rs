//! State: sessions, caches, files and the memory of a module.

mod files;
mod memory;
mod sessions;

pub(super) use files::{path_origin, read as files};
pub(super) use memory::read as memory;
pub(super) use sessions::read as sessions;
