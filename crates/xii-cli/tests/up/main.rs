//! `xii up` and the commands that speak with it, as their users meet them: the real binary, real processes,
//! real signals.

mod chaos;
mod control;
mod crash;
mod environment;
mod events;
mod harness;
mod http;
mod input;
mod orphans;
mod ports;
mod processes;
mod ready;
mod rolling;
mod stop;
mod trouble;

#[path = "../workbench/mod.rs"]
mod workbench;
