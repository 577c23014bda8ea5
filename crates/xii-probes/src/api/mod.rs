//! The app's API as several probes need it: its contract, wherever it is, and its operations asked.

mod known;
mod shapes;

#[cfg(test)]
pub(crate) use known::Place;
pub(crate) use known::{Api, has_files};
pub(crate) use shapes::shape;
