//! The stream of events: from the pipes to the sinks.

mod json;
pub mod level;
pub mod ndjson;
pub mod pump;
pub mod record;
pub mod render;
pub mod sink;
pub mod terminal;

pub use pump::{PumpHandle, StreamId};
