//! `xii prove` on apps that cannot be proved, or not wholly: whatever they do, there is a verdict or a reason, nothing runs on,
//! and nothing is left on disk.

mod harness;
mod interrupted;
mod starts;
mod stops;
mod surroundings;

#[path = "../workbench/mod.rs"]
mod workbench;
