//! The stream of events: from the pipes to the sinks.

pub mod record;
