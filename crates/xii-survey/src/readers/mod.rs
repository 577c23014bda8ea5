//! File formats: what is read from manifests, containers, pipelines and config files.

mod env_file;
mod environment_name;
mod naming;
mod npm;
mod pin;
mod procfile;
mod python;
mod randomness;
mod reader;
mod registry;
mod value;

#[cfg(test)]
pub(crate) use registry::read_text;
pub(crate) use registry::{read, recognises};
