//! What is counted, in the text format that Prometheus reads.

mod page;
mod text;

pub use page::{Sources, page};
