//! File formats: what is read from manifests, containers, pipelines and config files.

mod compose;
mod deploy_name;
mod dockerfile;
mod env_file;
mod environment_name;
mod expand;
mod health;
mod image_names;
mod naming;
mod npm;
mod paths;
mod pin;
mod procfile;
mod python;
mod randomness;
mod reader;
mod registry;
mod skeleton;
mod value;
mod variables;
mod yaml_file;

#[cfg(test)]
pub(crate) use registry::read_text;
pub(crate) use registry::{read, recognises};
