//! A load generator: requests at a fixed rate or as fast as the answers come, every one accounted for.

mod answer;
mod chunks;
mod clock;
mod connection;
mod interrupt;
mod message;
mod plan;
mod report;
mod run;
mod tally;
mod target;
mod worker;

pub use interrupt::on_interrupt;
pub use message::{BadMessage, Message};
pub use plan::{Interval, Load, Pace, Span, Switch};
pub use report::{Bucket, Latency, Lost, Phase, Report};
pub use run::{CannotRun, run};
pub use tally::Cause;
pub use target::{BadTarget, Target};
