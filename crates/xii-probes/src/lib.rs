//! A running app in, verdicts out: the probes, and the stage that they play on.
//!
//! A probe is a file `src/<factor>/<probe>.rs` with a doc comment, a constant `PROBE` and a function. It
//! starts the app through a [`Stage`], which runs it as a platform would and records what happens; it
//! interferes with what the stage lets it interfere with; and it says what was shown of which criterion.

mod api;
pub mod asked;
pub mod client;
pub mod collector;
pub mod contract;
pub mod deploys;
pub mod engine;
pub mod exposition;
pub mod interposer;
pub mod programs;
pub mod provision;
pub mod queue;
mod random;
pub mod reach;
pub mod scenario;
mod settings;
mod signals;
pub mod staging;
pub mod tasks;
mod tokens;
mod traffic;

pub use engine::{
    CouldNotTell, Entry, Options, Probe, Progress, Proof, Stage, Subject, probes_for, prove,
};
pub use settings::{Auth, Settings, Stand};

include!(concat!(env!("OUT_DIR"), "/registry.rs"));
