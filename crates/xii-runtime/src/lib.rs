//! Running the processes of an app on one machine: formation, supervision, the log stream, the router.
//!
//! `up` and its sisters are commands over this; so is what proves an app.

pub mod control;
pub mod drain;
pub mod environment;
pub mod formation;
pub mod load;
pub mod log;
pub mod metrics;
pub mod platform;
pub mod ports;
pub mod router;
mod state;
pub mod store;
pub mod supervisor;
pub mod task;
pub mod watch;

pub use state::{StateError, StateFolder};
