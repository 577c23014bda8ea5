//! Drains: where the stream goes besides the terminal and the store.
//!
//! Each drain has a thread and a bounded queue of its own. One that is slow or away loses what its queue
//! has no room for, by count, and never slows the app.

mod address;
mod datagram;
mod file;
mod http;
mod otlp;
mod outlet;
mod peer;
mod queue;
mod syslog;
mod tcp;
mod worker;

pub use address::{Drain, NoDrain};
pub use worker::{Running, Settings};
