//! The deploys that xii.toml names, and the variables of each.

mod read;

pub use read::{Deploy, deploys, is_place};
