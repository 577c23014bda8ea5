//! The values of a Helm chart: config, secrets, services that the chart brings along.

use xii_model::{AttachedResource, DeclarationSource, Facts, ResourceKind};

use crate::document::{Entry, Node};
use crate::readers::deploy_name;
use crate::readers::reader::{Reader, file_name};
use crate::readers::variables::{Variable, mask_tree};
use crate::readers::yaml_file::{documents, text};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Helm values",
    recognises: |path| variant(&file_name(path)).is_some(),
    read,
};

/// How deep values are looked for secrets.
const MAX_DEPTH: usize = 12;
/// More values than this in one file are not looked at.
const MAX_VALUES: usize = 5000;

/// The variant in the name: `Some("")` for `values.yaml`, `Some("prod")` for `values-prod.yaml`.
fn variant(name: &str) -> Option<&str> {
    let stem = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))?;
    let rest = stem.strip_prefix("values")?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix(['-', '_', '.'])
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let name = file_name(source.path);
    let variant = variant(&name).filter(|variant| !variant.is_empty());
    let deploy = deploy_name::of_file(variant, source.path);
    let mut own = Facts::default();
    for document in documents(source, &mut own) {
        mask_tree(source, &document);
        for entry in document.entries().iter().take(MAX_VALUES) {
            attached(source, entry, deploy, &mut own);
        }
        let mut open: Vec<(&Node, usize)> = vec![(&document, 0)];
        let mut seen = 0;
        while let Some((node, depth)) = open.pop() {
            for entry in node.entries() {
                seen += 1;
                if seen > MAX_VALUES {
                    break;
                }
                value(source, entry, &mut own);
                if depth < MAX_DEPTH {
                    open.push((&entry.value, depth + 1));
                }
            }
            for item in node.items() {
                named(source, item, &mut own);
                if depth < MAX_DEPTH {
                    open.push((item, depth + 1));
                }
            }
        }
    }
    deploy_name::scope(&mut own, deploy);
    facts.append(own);
}

/// `postgresql: {enabled: true}`: a chart that brings a service along.
fn attached(source: &Source<'_>, entry: &Entry, deploy: Option<&str>, facts: &mut Facts) {
    let enabled = entry.value.get("enabled").and_then(Node::as_bool);
    if let (Some(kind), Some(true)) = (ResourceKind::from_image(&entry.key), enabled) {
        let tag = entry
            .value
            .at(&["image", "tag"])
            .and_then(|tag| text(source, tag));
        let image = xii_model::ImageRef {
            tag,
            ..xii_model::ImageRef::default()
        };
        let attached = AttachedResource {
            kind,
            version: crate::readers::image_names::service_version(&image),
            deploy: deploy.map(str::to_owned),
            source: "kubernetes",
            name: entry.key.clone(),
        };
        facts.push(source.fact(entry.key_span.clone(), attached));
    }
}

/// A value under a key: a variable when the key is written like one, a secret when it is one.
fn value(source: &Source<'_>, entry: &Entry, facts: &mut Facts) {
    let Some(value) = text(source, &entry.value) else {
        return;
    };
    let upper = entry.key.len() > 1
        && entry.key.starts_with(|c: char| c.is_ascii_uppercase())
        && entry
            .key
            .chars()
            .all(|c| c == '_' || c.is_ascii_uppercase() || c.is_ascii_digit());
    tell(
        source,
        entry,
        &entry.key,
        &value,
        &entry.value,
        upper,
        facts,
    );
}

/// `- name: X` with `value: y` beside it.
fn named(source: &Source<'_>, item: &Node, facts: &mut Facts) {
    let (Some(name), Some(entry)) = (item.get("name").and_then(Node::as_str), item.entry("value"))
    else {
        return;
    };
    if let Some(value) = text(source, &entry.value) {
        tell(source, entry, name, &value, &entry.value, true, facts);
    }
}

fn tell(
    source: &Source<'_>,
    entry: &Entry,
    name: &str,
    value: &str,
    node: &Node,
    declares: bool,
    facts: &mut Facts,
) {
    let variable = Variable {
        name,
        value: Some(value),
        span: entry.key_span.clone(),
        value_span: node.span.clone(),
        source: DeclarationSource::Platform,
    };
    if declares {
        variable.declare(source, facts, None);
    }
    variable.tell_secret(source, facts, None);
}
