//! The collector, from the exporter's side.
#![allow(unreachable_pub)]

mod encode;
mod exporter;
mod python;
mod receiving;
mod refusing;
#[path = "../skipped/mod.rs"]
mod skipped;
