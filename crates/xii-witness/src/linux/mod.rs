//! The witness on Linux. All that is unsafe is in `kernel.rs` and `trial.rs`.
#![allow(unsafe_code)]

mod abi;
mod become_witnessed;
mod call;
mod deeds;
mod filter;
mod handover;
mod kernel;
mod memory;
mod people;
mod place;
mod reader;
mod request;
mod signals;
mod socket;
mod tree;
mod trial;
mod witness;

pub use become_witnessed::become_witnessed;
pub use witness::Witness;
