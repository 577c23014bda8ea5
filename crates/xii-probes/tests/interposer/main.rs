//! The interposer, between real sockets.
#![allow(unreachable_pub)]

mod modes;
mod redis;
mod relaying;
mod workbench;
