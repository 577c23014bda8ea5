//! The stream of events: from the pipes to the sinks.

mod json;
pub mod level;
pub mod pump;
pub mod record;
pub mod render;
pub mod sink;

pub use pump::{PumpHandle, StreamId};
