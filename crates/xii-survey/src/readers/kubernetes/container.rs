//! The containers of a pod.

use std::ops::Range;

use xii_model::{
    CommandLine, Container, ContainerSecurity, DeclarationSource, Facts, GivenBy, Health,
    HealthKind, ImageRef, is_secret_name,
};

use super::manifest::Manifest;
use super::workload::list;
use crate::document::Node;
use crate::readers::image_names;
use crate::readers::variables::Variable;
use crate::readers::yaml_file::text;

/// More variables than this in one container are not a person's.
const MAX_VARIABLES: usize = 500;

/// A container with what is told of it besides.
pub(super) struct Told {
    pub(super) container: Container,
    /// Somebody else's program, so that its variables and probes are not the app's.
    pub(super) third_party: bool,
    variables: Vec<Given>,
    probes: Vec<(Range<usize>, Health)>,
}

/// A variable with where it stands.
struct Given {
    name: String,
    value: Option<String>,
    span: Range<usize>,
    value_span: Range<usize>,
}

impl Given {
    fn variable(&self) -> Variable<'_> {
        Variable {
            name: &self.name,
            value: self.value.as_deref(),
            span: self.span.clone(),
            value_span: self.value_span.clone(),
            source: DeclarationSource::Kubernetes,
        }
    }
}

/// Reads a container; `None` when the node is none.
pub(super) fn read(
    manifest: &Manifest<'_, '_>,
    node: &Node,
    pod: &Node,
    init: bool,
) -> Option<Told> {
    let source = manifest.source;
    let image = manifest
        .text(node, &["image"])
        .map(|image| ImageRef::parse(&image));
    let named = node.entry("name").or_else(|| node.entry("image"))?;
    let at = source.evidence(named.key_span.start..named.value.span.end.max(named.key_span.end));
    let mut words = list(manifest, node.get("command"));
    words.extend(list(manifest, node.get("args")));
    let words: Vec<String> = words.iter().map(|word| source.redacted(word)).collect();
    let image = image.unwrap_or_default();
    let (env, variables) = variables(manifest, node);
    let resources = |kind: &str| -> Vec<String> {
        let entries = node
            .at(&["resources", kind])
            .map(Node::entries)
            .unwrap_or_default();
        entries.iter().map(|entry| entry.key.clone()).collect()
    };
    let container = Container {
        at,
        name: manifest.text(node, &["name"]).unwrap_or_default(),
        init,
        command: (!words.is_empty()).then_some(CommandLine {
            words,
            shell: false,
        }),
        env,
        env_from: env_from(manifest, node),
        ports: ports(node),
        liveness: node.get("livenessProbe").is_some(),
        readiness: node.get("readinessProbe").is_some(),
        startup: node.get("startupProbe").is_some(),
        pre_stop: node.at(&["lifecycle", "preStop"]).is_some(),
        requests: resources("requests"),
        limits: resources("limits"),
        security: security(
            manifest,
            node.get("securityContext"),
            pod.get("securityContext"),
        ),
        image,
    };
    Some(Told {
        third_party: image_names::is_third_party(&container.image),
        variables,
        probes: probes(manifest, node),
        container,
    })
}

/// Pushes the variables, secrets and probes of a container.
pub(super) fn tell(manifest: &Manifest<'_, '_>, told: &Told, facts: &mut Facts) {
    let source = manifest.source;
    let plain = |given: &&Given| !is_secret_name(&given.name);
    let beside: Vec<&str> = told
        .variables
        .iter()
        .filter(plain)
        .filter_map(|given| given.value.as_deref())
        .filter(|value| !value.is_empty())
        .collect();
    for given in &told.variables {
        let variable = given.variable();
        if !told.third_party {
            variable.declare(source, facts, None);
        }
        variable.tell_secret_beside(source, facts, None, &beside);
    }
    if !told.third_party && !told.container.init {
        for (span, health) in &told.probes {
            facts.push(source.fact(span.clone(), health.clone()));
        }
    }
}

fn variables(manifest: &Manifest<'_, '_>, node: &Node) -> (Vec<(String, GivenBy)>, Vec<Given>) {
    let source = manifest.source;
    let mut env = Vec::new();
    let mut variables = Vec::new();
    let items = node.get("env").map(Node::items).unwrap_or_default();
    for item in items.iter().take(MAX_VARIABLES) {
        let Some((name, name_node)) = item
            .get("name")
            .and_then(|node| Some((text(source, node)?, node)))
        else {
            continue;
        };
        let value = item.get("value");
        let given = Given {
            value: value.and_then(|value| text(source, value)),
            span: name_node.span.clone(),
            value_span: value.map_or(name_node.span.clone(), |value| value.span.clone()),
            name: name.clone(),
        };
        let from = |path: &[&str]| manifest.text(item, path);
        let by = if value.is_some() {
            let variable = given.variable();
            GivenBy::Value {
                text: variable.shown(source),
                secret: variable.secret().is_some(),
            }
        } else if let Some(secret) = from(&["valueFrom", "secretKeyRef", "name"]) {
            GivenBy::Secret(secret)
        } else if let Some(map) = from(&["valueFrom", "configMapKeyRef", "name"]) {
            GivenBy::ConfigMap(map)
        } else if item.at(&["valueFrom", "fieldRef"]).is_some()
            || item.at(&["valueFrom", "resourceFieldRef"]).is_some()
        {
            GivenBy::Field
        } else {
            GivenBy::Unknown
        };
        env.push((name, by));
        variables.push(given);
    }
    (env, variables)
}

fn env_from(manifest: &Manifest<'_, '_>, node: &Node) -> Vec<String> {
    let items = node.get("envFrom").map(Node::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| {
            manifest
                .text(item, &["configMapRef", "name"])
                .or_else(|| manifest.text(item, &["secretRef", "name"]))
        })
        .collect()
}

fn ports(node: &Node) -> Vec<u16> {
    let items = node.get("ports").map(Node::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| u16::try_from(item.get("containerPort")?.as_i64()?).ok())
        .collect()
}

fn probes(manifest: &Manifest<'_, '_>, node: &Node) -> Vec<(Range<usize>, Health)> {
    let mut probes = Vec::new();
    for (key, kind) in [
        ("livenessProbe", HealthKind::Liveness),
        ("readinessProbe", HealthKind::Readiness),
    ] {
        if let Some(entry) = node.entry(key) {
            let health = Health {
                path: manifest.text(&entry.value, &["httpGet", "path"]),
                kind,
                checks_resources: None,
                through: "kubernetes".to_owned(),
            };
            probes.push((entry.key_span.clone(), health));
        }
    }
    probes
}

/// A container's settings; the pod's user counts where the container gives none.
fn security(
    manifest: &Manifest<'_, '_>,
    own: Option<&Node>,
    pod: Option<&Node>,
) -> ContainerSecurity {
    let flag = |key: &str| own?.get(key)?.as_bool();
    let capabilities =
        |key: &str| list(manifest, own.and_then(|own| own.at(&["capabilities", key])));
    let user = |node: Option<&Node>| node?.get("runAsUser")?.as_i64();
    ContainerSecurity {
        privileged: flag("privileged"),
        run_as_non_root: flag("runAsNonRoot"),
        run_as_user: user(own).or_else(|| user(pod)),
        read_only_root: flag("readOnlyRootFilesystem"),
        allow_privilege_escalation: flag("allowPrivilegeEscalation"),
        added_capabilities: capabilities("add"),
        dropped_capabilities: capabilities("drop"),
    }
}
