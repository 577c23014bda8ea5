//! `xii witness`, and the witness itself with real processes.
#![cfg(target_os = "linux")]

#[path = "../workbench/mod.rs"]
mod workbench;

mod bounds;
mod command;
mod files;
mod harness;
mod network;
mod other_interfaces;
mod processes;
mod start;
