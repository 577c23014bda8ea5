//! File formats: what is read from manifests, containers, pipelines and config files.

mod procfile;
mod reader;
mod registry;

#[cfg(test)]
pub(crate) use registry::read_text;
pub(crate) use registry::{read, recognises};
