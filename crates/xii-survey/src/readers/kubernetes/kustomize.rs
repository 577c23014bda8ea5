//! Kustomize overlays: the images that they choose and the config that they generate.

use std::collections::BTreeMap;

use xii_model::{DeclarationSource, Facts, KubernetesObject};

use crate::document::Node;
use crate::readers::deploy_name;
use crate::readers::reader::{Reader, file_name};
use crate::readers::variables::{Variable, mask_tree};
use crate::readers::yaml_file::{documents, text};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Kustomize",
    recognises: |path| {
        matches!(
            file_name(path).as_str(),
            "kustomization.yaml" | "kustomization.yml" | "kustomization"
        )
    },
    read,
};

/// More items than this in one list are not a person's.
const MAX_ITEMS: usize = 500;

/// An overlay is an object of kind `Kustomization` whose annotations are the images that it sets:
/// `image/NAME` with the new name and tag.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut own = Facts::default();
    for document in documents(source, &mut own) {
        mask_tree(source, &document);
        let images = document.get("images").map(Node::items).unwrap_or_default();
        let mut annotations = BTreeMap::new();
        for image in images.iter().take(MAX_ITEMS) {
            let get = |key: &str| image.get(key).and_then(|value| text(source, value));
            let Some(name) = get("name") else { continue };
            let mut to = get("newName").unwrap_or_else(|| name.clone());
            if let Some(tag) = get("newTag") {
                to.push(':');
                to.push_str(&tag);
            }
            if let Some(digest) = get("digest") {
                to.push('@');
                to.push_str(&digest);
            }
            annotations.insert(format!("image/{name}"), to);
        }
        let span = document
            .entry("images")
            .map_or(0..0, |entry| entry.key_span.clone());
        let object = KubernetesObject {
            kind: "Kustomization".to_owned(),
            name: source.folder().to_owned(),
            annotations,
            ..KubernetesObject::default()
        };
        own.push(source.fact(span, object));
        for generator in ["configMapGenerator", "secretGenerator"] {
            let maps = document.get(generator).map(Node::items).unwrap_or_default();
            for item in maps
                .iter()
                .flat_map(|map| map.get("literals").map(Node::items).unwrap_or_default())
                .take(MAX_ITEMS)
            {
                literal(source, item, &mut own);
            }
        }
    }
    deploy_name::scope(&mut own, deploy_name::of_file(None, source.path));
    facts.append(own);
}

/// `NAME=value` of a generator.
fn literal(source: &Source<'_>, item: &Node, facts: &mut Facts) {
    let Some(line) = text(source, item) else {
        return;
    };
    let Some((name, value)) = line.split_once('=') else {
        return;
    };
    let variable = Variable {
        name,
        value: Some(value),
        span: item.span.clone(),
        value_span: item.span.clone(),
        source: DeclarationSource::Kubernetes,
    };
    variable.mask(source);
    variable.declare(source, facts, None);
    variable.tell_secret(source, facts, None);
}
