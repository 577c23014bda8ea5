//! Keeping a formation running: start, restart, stop, and nothing left behind.

mod aftermath;
mod backoff;
mod census;
mod check;
pub mod command;
mod handle;
mod journal;
mod launch;
mod orders;
mod policy;
mod readiness;
mod reaper;
mod roll;
mod run;
mod running;
mod schedule;
mod settings;
mod signal;
mod slot;
mod start;
mod status;

pub use backoff::Backoff;
pub use handle::{Handle, Refusal, Target};
pub use settings::Settings;
pub use signal::{signal_name, signal_of};
pub use start::Supervisor;
pub use status::{InstanceState, InstanceStatus, Status};
