//! TOML: bounded by a scan of its brackets first, then parsed and made a tree.

mod nesting;
mod tree;

pub use tree::toml;
