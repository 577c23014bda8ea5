//! File formats: what is read from manifests, containers, pipelines and config files.

mod env_file;
mod environment_name;
mod naming;
mod npm;
mod pin;
mod compose;
mod deploy_name;
mod dockerfile;
mod expand;
mod health;
mod image_names;
mod paths;
mod procfile;
mod python;
mod randomness;
mod reader;
mod registry;
mod value;
mod skeleton;
mod variables;
mod yaml_file;

#[cfg(test)]
pub(crate) use registry::read_text;
pub(crate) use registry::{read, recognises};
