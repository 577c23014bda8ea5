//! File formats: what is read from manifests, containers, pipelines and config files.

mod compose;
mod deploy_name;
mod dockerfile;
mod env_file;
mod environment_name;
mod expand;
mod health;
mod image_names;
mod config_data;
mod config_files;
mod env_file;
mod environment_name;
mod ignore_list;
mod makefile;
mod naming;
mod npm;
mod paths;
mod pin;
mod platform;
mod prisma;
mod procfile;
mod properties;
mod python;
mod randomness;
mod reader;
mod registry;
mod skeleton;
mod value;
mod variables;
mod yaml_file;
mod runtime_files;
mod update_bots;
mod value;
mod xii_toml;

#[cfg(test)]
pub(crate) use registry::read_text;
pub(crate) use registry::{read, recognises};
