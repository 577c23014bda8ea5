//! Compose files: services, the resources they attach, and the config they hand out.

mod environment;
mod labels;
mod reader;
mod service;
mod values;

#[cfg(test)]
mod tests;

pub(super) use reader::READER;
