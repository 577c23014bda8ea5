//! Kubernetes: manifests, Helm charts, Kustomize overlays.

mod container;
mod helm;
mod kustomize;
mod manifest;
mod object;
mod secret;
mod workload;

#[cfg(test)]
mod tests;

pub(super) use helm::READER as HELM_VALUES;
pub(super) use kustomize::READER as KUSTOMIZE;
pub(super) use manifest::READER as MANIFEST;
