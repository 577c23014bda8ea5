//! The interposer, between real sockets.
#![allow(unreachable_pub)]

mod modes;
mod redis;
mod relaying;
#[path = "../skipped/mod.rs"]
mod skipped;
mod workbench;
