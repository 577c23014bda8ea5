//! Template actions in text that is otherwise YAML.

mod action;
mod blank;

pub use blank::{TEMPLATE_FILLER, without_templates};

#[cfg(test)]
mod tests;
