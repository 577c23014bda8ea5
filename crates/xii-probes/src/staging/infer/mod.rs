//! What builds an app, by its manifests.

mod compiled;
mod ground;
mod hints;
mod node;
mod order;
mod python;

pub(super) use compiled::BUNDLER;
pub(super) use ground::is_at;
pub use order::infer;
