//! A private receiver of telemetry (OTLP): what an app sends when it is told where to.

mod body;
mod export;
mod grpc;
mod handle;
mod json;
mod protobuf;
mod serve;
mod span;
mod store;
mod wire;

pub use export::{Encoding, Export, Signal, Unreadable};
pub use handle::{Collector, WITHHELD};
pub use span::{Kind, Span};
pub use store::Counts;
