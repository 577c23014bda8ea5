//! `xii up` beside other managers of processes, and its router beside other proxies.

mod app;
mod crash;
mod entry;
mod install;
mod lines;
mod manager;
mod peer;
mod proxy;
mod quick;
mod system;
mod table;

pub(crate) use entry::run;
pub(crate) use install::setup;
