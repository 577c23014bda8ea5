//! The app's API as several probes need it: its contract, wherever it is, and its operations asked.

mod known;

pub(crate) use known::{Api, has_files};
