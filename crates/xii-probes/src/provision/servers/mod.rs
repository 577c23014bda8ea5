//! Private servers: started for a run, on loopback, in folders of their own, and gone with it.

mod ground;
mod mail;
mod memcached;
mod mongo;
mod mysql;
mod nats;
mod postgres;
mod postgres_wire;
mod process;
mod reach;
mod redis;
mod stand;
mod start;
mod template;

pub(super) use ground::{Ground, program};
pub(super) use reach::reach;
pub(super) use stand::stand;
pub(super) use start::{Demand, Server, start};
