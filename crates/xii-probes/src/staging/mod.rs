//! A clean copy of the app, built as its manifests say.

mod building;
mod capture;
mod duplicate;
mod editable;
mod folders;
mod git;
mod history;
mod infer;
mod installed;
mod interpreter;
mod listing;
mod outside;
mod plan;
mod problem;
mod registries;
mod scratch;
mod snapshot;
mod stage;
mod staged;
mod step;
mod supply;
mod surroundings;
mod tools;
mod transfer;

pub use capture::Captured;
pub use history::{Earlier, NoEarlier, earlier};
pub use infer::infer;
pub use outside::Outside;
pub use plan::{BuildPlan, Planned, Python};
pub use problem::{CannotStage, Why};
pub use snapshot::{Change, How, Snapshot};
pub use stage::{Progress, Wanted, stage};
pub use staged::{Built, Copied, Ended, Staged};
