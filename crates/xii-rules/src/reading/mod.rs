//! What several rules read from the facts, or say of them.

pub(crate) mod advice;
pub(crate) mod carried;
pub(crate) mod config_names;
pub(crate) mod credentials;
pub(crate) mod deploy_names;
pub(crate) mod grouping;
pub(crate) mod images;
pub(crate) mod loggers;
pub(crate) mod manifests;
pub(crate) mod own_workloads;
pub(crate) mod package_names;
pub(crate) mod places;
pub(crate) mod process_files;
pub(crate) mod served;
#[cfg(test)]
pub(crate) mod specimen;
pub(crate) mod system_tools;
pub(crate) mod wording;
