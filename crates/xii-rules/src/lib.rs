//! Facts in, findings out: the audit's rules, one a file.
//!
//! A rule is a file `src/<factor>/<rule>.rs` with a doc comment, a constant `RULE` and a pure
//! function. It sees an [`App`](xii_model::App) and nothing else, so it is the same for every
//! language and needs no file to be tested.

mod command;
mod engine;
mod reading;

pub use engine::audit::{Options, audit};
pub use engine::claims::{Claims, Draft};
pub use engine::rule::{Entry, Rule};
pub use engine::suppress::{Allow, Baseline, suppress};

// Rules name what they share by its own name, wherever it is kept.
#[cfg(test)]
use reading::specimen;
use reading::{
    advice, carried, config_names, credentials, deploy_names, grouping, images, loggers, manifests,
    own_workloads, package_names, places, process_files, served, system_tools, wording,
};

include!(concat!(env!("OUT_DIR"), "/registry.rs"));
