//! File formats: what is read from manifests, containers, pipelines and config files.

mod cargo;
mod compose;
mod config_data;
mod config_files;
mod contracts;
mod crontab;
mod deploy_name;
mod dockerfile;
mod env_file;
mod environment_name;
mod expand;
mod health;
mod ignore_list;
mod image_names;
mod kubernetes;
mod logrotate;
mod makefile;
mod naming;
mod npm;
mod paths;
mod pin;
mod pipelines;
mod platform;
mod prisma;
mod procfile;
mod properties;
mod proxies;
mod python;
mod reader;
mod registry;
mod runtime_files;
mod shell;
mod skeleton;
mod stand_in;
mod start_script;
mod update_bots;
mod value;
mod variables;
mod xii_toml;
mod yaml_file;

pub(crate) use cargo::inherit;
#[cfg(test)]
pub(crate) use registry::read_text;
pub(crate) use registry::{read, recognises};
