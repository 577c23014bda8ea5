//! Recognises manifests by what is in them, and reads their objects.

use xii_model::{Facts, FileClass};

use super::{object, workload};
use crate::document::Node;
use crate::readers::deploy_name;
use crate::readers::reader::{Reader, file_name};
use crate::readers::variables::mask_tree;
use crate::readers::yaml_file::{documents, is_templated, text};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Kubernetes manifest",
    recognises: |path| {
        let name = file_name(path);
        (name.ends_with(".yml") || name.ends_with(".yaml"))
            && !matches!(
                name.as_str(),
                "pnpm-lock.yaml" | "kustomization.yaml" | "kustomization.yml"
            )
    },
    read,
};

/// More objects than this in one file are not looked at.
const MAX_OBJECTS: usize = 2000;

/// What the objects of a file share.
pub(super) struct Manifest<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    /// Whether parts of the file come from a template.
    pub(super) templated: bool,
    /// The deploy that the file is for, when its path says so: `overlays/production`.
    pub(super) deploy: Option<&'static str>,
}

impl Manifest<'_, '_> {
    /// The text of the value under these keys.
    pub(super) fn text(&self, node: &Node, path: &[&str]) -> Option<String> {
        text(self.source, node.at(path)?)
    }
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let named = |key: &str| {
        source.text.match_indices(key).any(|(at, _)| {
            source.text.get(..at).is_none_or(|before| {
                before.is_empty() || before.ends_with(['\n', ' ', '{', '\u{feff}'])
            })
        })
    };
    if source.class == FileClass::Vendored || !(named("apiVersion:") && named("kind:")) {
        return;
    }
    let mut own = Facts::default();
    let manifest = Manifest {
        source,
        templated: is_templated(source.text),
        deploy: deploy_name::of_file(None, source.path),
    };
    let documents = documents(source, &mut own);
    for document in &documents {
        mask_tree(source, document);
        super::secret::mask(&manifest, document);
    }
    let lists = |document| {
        let document: &Node = document;
        match document.get("kind").and_then(Node::as_str) {
            Some("List") => document.get("items").map(Node::items).unwrap_or_default(),
            _ => std::slice::from_ref(document),
        }
    };
    for node in documents.iter().flat_map(lists).take(MAX_OBJECTS) {
        read_object(&manifest, node, &mut own);
    }
    deploy_name::scope(&mut own, manifest.deploy);
    facts.append(own);
}

fn read_object(manifest: &Manifest<'_, '_>, node: &Node, facts: &mut Facts) {
    let (Some(version), Some(kind)) = (
        node.get("apiVersion").and_then(Node::as_str),
        node.get("kind").and_then(Node::as_str),
    ) else {
        return;
    };
    // `v1`, `apps/v1`, `networking.k8s.io/v1beta1`: others use these two keys as well.
    let number = version.rsplit('/').next().unwrap_or(version);
    if !(number.starts_with('v') && number.chars().nth(1).is_some_and(|c| c.is_ascii_digit())) {
        return;
    }
    match workload::pod(kind, node) {
        Some(pod) => workload::read(manifest, node, kind, pod, facts),
        None => object::read(manifest, node, kind, facts),
    }
}
