//! A running app in, verdicts out: the probes, and the stage that they play on.

pub mod client;
pub mod contract;
pub mod collector;
pub mod exposition;
pub mod interposer;
pub mod provision;
pub mod scenario;
mod settings;
pub mod staging;

pub use settings::{Auth, Settings, Stand};
