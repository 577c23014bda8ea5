//! Facts in, findings out: the audit's rules, one a file.
//!
//! A rule is a file `src/<factor>/<rule>.rs` with a doc comment, a constant `RULE` and a pure
//! function. It sees an [`App`](xii_model::App) and nothing else, so it is the same for every
//! language and needs no file to be tested.

mod advice;
mod applicability;
mod audit;
mod claims;
mod command;
mod config_names;
mod credentials;
mod deploy_names;
mod grouping;
mod images;
mod loggers;
mod manifests;
mod own_workloads;
mod package_names;
mod places;
mod process_files;
mod rule;
mod served;
#[cfg(test)]
mod specimen;
mod suppress;
mod system_tools;
mod verdict;
mod wording;

pub use audit::{Options, audit};
pub use claims::{Claims, Draft};
pub use rule::{Entry, Rule};
pub use suppress::{Allow, Baseline};

include!(concat!(env!("OUT_DIR"), "/registry.rs"));
