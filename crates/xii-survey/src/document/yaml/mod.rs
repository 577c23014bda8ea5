//! YAML: the parser's events, made into trees.

mod builder;
mod merge;
mod offsets;
mod places;
mod scalar;
mod stream;

pub use stream::yaml;

#[cfg(test)]
mod tests;
