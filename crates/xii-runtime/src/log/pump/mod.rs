//! From the pipes of all instances to the sinks, on one thread.

mod clock;
mod counters;
mod frame;
mod handle;
mod inbox;
mod mask;
mod outlet;
mod start;
mod streams;
mod subscription;
mod thread;
mod watch;

pub use counters::{Counters, LineCount};
pub use frame::{CAP, Framer, Piece};
pub use handle::{PumpHandle, StreamId};
pub use mask::Mask;
pub use start::{Pump, Settings};
pub use subscription::Subscription;
