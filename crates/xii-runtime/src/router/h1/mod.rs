//! HTTP/1.1 from the client to the instance: one task a connection, bytes passed on as they come.

mod awaiting;
mod connection;
mod download;
mod exchange;
mod passage;
mod tunnel;
mod upload;

pub(super) use connection::{Client, Ended, serve};
pub(super) use exchange::Record;
