//! Learning which files of the app change, for `up --watch`.

mod ignored;
mod start;
mod types;

pub use start::{Change, start};
pub use types::{BadGlob, Watched};
