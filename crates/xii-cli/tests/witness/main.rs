//! `xii witness`, and the witness itself with real processes.
#![cfg(target_os = "linux")]

#[path = "../workbench/mod.rs"]
mod workbench;

mod harness;
mod processes;
