//! Facts: what was read from the repository, each with its evidence.

mod build;
mod code;
mod config;
mod container;
mod fact;
mod orchestration;
mod pipeline;
mod process;
mod repository;
mod resource;
mod state;
mod store;
mod stream;
mod trust;
mod web;

pub use build::*;
pub use code::*;
pub use config::*;
pub use container::*;
pub use fact::{Fact, FileClass, Scope};
pub use orchestration::*;
pub use pipeline::*;
pub use process::*;
pub use repository::*;
pub use resource::*;
pub use state::*;
pub use store::{Facts, Kind};
pub use stream::*;
pub use trust::*;
pub use web::*;
