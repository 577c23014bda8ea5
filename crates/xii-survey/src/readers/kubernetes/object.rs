//! Objects that run nothing themselves: services, config, secrets, monitors.

use std::collections::BTreeMap;

use xii_model::{
    ConfigDeclaration, DeclarationSource, Evidence, Facts, KubernetesObject, Metrics,
    TransportProtection,
};

use super::manifest::Manifest;
use super::secret;
use crate::document::Node;
use crate::readers::variables::Variable;
use crate::readers::yaml_file::text;
use crate::source::Source;

/// More keys than this in one object are not looked at.
const MAX_KEYS: usize = 500;

/// Where an object stands: its kind.
pub(super) fn place(source: &Source<'_>, node: &Node) -> Evidence {
    let span = match node.entry("kind") {
        Some(entry) => entry.key_span.start..entry.value.span.end.max(entry.key_span.end),
        None => node.span.clone(),
    };
    source.evidence(span)
}

/// Pushes what an object says.
pub(super) fn read(manifest: &Manifest<'_, '_>, node: &Node, kind: &str, facts: &mut Facts) {
    let source = manifest.source;
    let keys = |key: &str| {
        let entries = node.get(key).map(Node::entries).unwrap_or_default();
        entries.iter().take(MAX_KEYS).map(|entry| entry.key.clone())
    };
    let annotations = node.at(&["metadata", "annotations"]);
    let object = KubernetesObject {
        kind: kind.to_owned(),
        name: manifest
            .text(node, &["metadata", "name"])
            .unwrap_or_default(),
        data_keys: keys("data").chain(keys("stringData")).collect(),
        secret_values: if kind == "Secret" {
            secret::written(manifest, node)
        } else {
            Vec::new()
        },
        annotations: annotations
            .map(|annotations| texts(source, annotations))
            .unwrap_or_default(),
        session_affinity: manifest.text(node, &["spec", "sessionAffinity"]),
        tls: has_tls(node),
        templated: manifest.templated,
    };
    if kind == "Ingress" && object.tls {
        let protection = TransportProtection {
            what: "tls",
            on: true,
            through: "kubernetes Ingress".to_owned(),
        };
        facts.push(source.fact_at(place(source, node), protection));
    }
    facts.push(source.fact_at(place(source, node), object));
    match kind {
        "Secret" => {
            secret::tell(manifest, node, facts);
            declare(manifest, node, facts);
        }
        "ConfigMap" => declare(manifest, node, facts),
        "ServiceMonitor" | "PodMonitor" => monitored(manifest, node, kind, facts),
        "Service" => {
            if let Some(annotations) = annotations {
                scraped(manifest, annotations, facts);
            }
        }
        _ => {}
    }
}

fn texts(source: &Source<'_>, node: &Node) -> BTreeMap<String, String> {
    let entries = node.entries().iter().take(MAX_KEYS);
    entries
        .filter_map(|entry| {
            let value = text(source, &entry.value)?;
            Some((entry.key.clone(), source.redacted(&value)))
        })
        .collect()
}

fn has_tls(node: &Node) -> bool {
    let given = |path: &[&str]| {
        node.at(path)
            .is_some_and(|tls| !tls.items().is_empty() || !tls.entries().is_empty())
    };
    let listeners = node
        .at(&["spec", "listeners"])
        .map(Node::items)
        .unwrap_or_default();
    given(&["spec", "tls"])
        || listeners
            .iter()
            .any(|listener| listener.get("tls").is_some())
}

/// Keys of a ConfigMap or Secret that can be variables are declared by it.
fn declare(manifest: &Manifest<'_, '_>, node: &Node, facts: &mut Facts) {
    let source = manifest.source;
    let is_variable = |key: &str| {
        key.starts_with(|c: char| c.is_ascii_uppercase())
            && key
                .chars()
                .all(|c| c == '_' || c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let of_secret = node.get("kind").and_then(Node::as_str) == Some("Secret");
    for entry in ["data", "stringData"]
        .iter()
        .flat_map(|key| node.get(key).map(Node::entries).unwrap_or_default())
        .take(MAX_KEYS)
        .filter(|entry| is_variable(&entry.key))
    {
        let value = text(source, &entry.value);
        if of_secret {
            let declaration = ConfigDeclaration {
                name: entry.key.clone(),
                source: DeclarationSource::Kubernetes,
                has_value: value.is_some_and(|value| !value.is_empty() && !value.contains("{{")),
                value: None,
                required: None,
                comment: None,
            };
            facts.push(source.fact(entry.key_span.clone(), declaration));
            continue;
        }
        let variable = Variable {
            name: &entry.key,
            value: value.as_deref(),
            span: entry.key_span.clone(),
            value_span: entry.value.span.clone(),
            source: DeclarationSource::Kubernetes,
        };
        variable.declare(source, facts, None);
        variable.tell_secret(source, facts, None);
    }
}

/// The Prometheus Operator's monitors: an endpoint each.
fn monitored(manifest: &Manifest<'_, '_>, node: &Node, kind: &str, facts: &mut Facts) {
    let endpoints = ["endpoints", "podMetricsEndpoints"]
        .iter()
        .find_map(|key| node.at(&["spec", key]))
        .map(Node::items)
        .unwrap_or_default();
    let path = endpoints
        .iter()
        .find_map(|one| manifest.text(one, &["path"]));
    let metrics = Metrics {
        through: kind.to_owned(),
        path: path.or_else(|| (!endpoints.is_empty()).then(|| "/metrics".to_owned())),
        requests: None,
        standard: true,
    };
    let at = place(manifest.source, node);
    facts.push(manifest.source.fact_at(at, metrics));
}

/// `prometheus.io/scrape: "true"`.
pub(super) fn scraped(manifest: &Manifest<'_, '_>, annotations: &Node, facts: &mut Facts) {
    let Some(entry) = annotations.entry("prometheus.io/scrape") else {
        return;
    };
    if text(manifest.source, &entry.value).as_deref() != Some("true") {
        return;
    }
    let metrics = Metrics {
        through: "prometheus.io/scrape".to_owned(),
        path: Some(
            manifest
                .text(annotations, &["prometheus.io/path"])
                .unwrap_or_else(|| "/metrics".to_owned()),
        ),
        requests: None,
        standard: true,
    };
    facts.push(manifest.source.fact(entry.key_span.clone(), metrics));
}
