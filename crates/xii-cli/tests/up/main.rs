//! `xii up` and the commands that speak with it, as their users meet them: the real binary, real processes,
//! real signals.

mod crash;
mod events;
mod harness;
mod http;
mod orphans;
mod ports;
mod processes;
mod ready;
mod stop;
mod trouble;

#[path = "../workbench/mod.rs"]
mod workbench;
