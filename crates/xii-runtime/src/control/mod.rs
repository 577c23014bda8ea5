//! The control socket: how other commands talk to a running `up`.

mod client;
mod lock;
mod server;
mod socket;
mod words;

pub use client::{Client, Unreachable};
pub use lock::{Lock, Locked};
pub use server::{Control, listen, serve, serve_metrics};
pub use words::{Scale, Signalling, Targets};
