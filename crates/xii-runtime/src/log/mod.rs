//! The stream of events: from the pipes to the sinks.

pub mod pump;
pub mod record;
pub mod sink;

pub use pump::{PumpHandle, StreamId};
