//! One service of a compose file.

use std::sync::Arc;

use xii_model::{
    AttachedResource, ComposeService, Facts, FileClass, Health, HealthKind, ImageRef, ProcessType,
    ResourceKind,
};

use super::environment::environment;
use super::labels;
use super::values::{build, command, field, names, ports, volumes, with_defaults, with_extended};
use crate::document::{Entry, Node};
use crate::readers::variables::owned;
use crate::readers::yaml_file::{text, texts};
use crate::readers::{health, image_names};
use crate::source::Source;

/// What all services of a file share.
pub(super) struct Shared<'n> {
    pub(super) services: &'n Node,
    pub(super) variant: Option<String>,
    pub(super) deploy: Option<&'static str>,
    /// Images that a service of this file builds, with the folder they are built from.
    pub(super) built: Vec<(String, Arc<str>)>,
}

/// The image that a service names, with the folder it is built from, if both are given.
pub(super) fn built_image(
    source: &Source<'_>,
    services: &Node,
    service: &Node,
) -> Option<(String, Arc<str>)> {
    let chain = with_extended(services, service);
    let image = text(source, field(&chain, "image")?)?;
    let context = build(source, field(&chain, "build")?).context?;
    Some((image, context.into()))
}

/// Pushes what a service says.
pub(super) fn read(source: &Source<'_>, entry: &Entry, shared: &Shared<'_>, facts: &mut Facts) {
    let chain = with_extended(shared.services, &entry.value);
    let get = |key: &str| field(&chain, key);
    let texts_of = |key: &str| texts(source, get(key));
    let image_node = get("image");
    let image_text = image_node.and_then(|node| text(source, node));
    let image = image_text
        .as_deref()
        .map(|image| ImageRef::parse(&with_defaults(image)));
    let build = get("build").map(|node| build(source, node));
    let same_image = || {
        let image = image_text.as_ref()?;
        let (_, folder) = shared.built.iter().find(|(name, _)| name == image)?;
        Some(Arc::clone(folder))
    };
    let belongs: Option<Arc<str>> = match &build {
        Some(build) => build.context.as_deref().map(Arc::from),
        None => same_image(),
    };
    let belongs = belongs.as_ref();
    let is_built = build.is_some() || belongs.is_some();
    let kind = if is_built {
        ResourceKind::from_image(&entry.key.replace('_', "-"))
    } else {
        image.as_ref().and_then(image_names::resource)
    };
    let third_party = kind.is_some()
        || if is_built {
            matches!(
                entry.key.as_str(),
                "nginx" | "traefik" | "caddy" | "haproxy" | "envoy"
            )
        } else {
            image.as_ref().is_some_and(image_names::is_third_party)
        };
    let command = command(source, &chain);
    let check = get("healthcheck").filter(|check| is_on(check));

    let service = ComposeService {
        name: entry.key.clone(),
        variant: shared.variant.clone(),
        image: image.clone(),
        build_context: build.as_ref().and_then(|build| build.context.clone()),
        dockerfile: build.as_ref().and_then(|build| build.dockerfile.clone()),
        target: build.as_ref().and_then(|build| build.target.clone()),
        command: command.clone(),
        ports: ports(source, get("ports")),
        volumes: volumes(source, get("volumes")),
        depends_on: names(source, get("depends_on")),
        health_check: check.is_some(),
        restart: get("restart").and_then(|node| text(source, node)),
        replicas: replicas(source, get("deploy"), get("scale")),
        limits: get("mem_limit").is_some()
            || get("cpus").is_some()
            || get("deploy").is_some_and(|deploy| deploy.at(&["resources", "limits"]).is_some()),
        privileged: get("privileged").and_then(Node::as_bool) == Some(true)
            || get("cap_add").is_some_and(|added| !added.items().is_empty()),
        user: get("user").and_then(|node| text(source, node)),
        profiles: texts_of("profiles"),
    };
    let here = entry.key_span.clone();
    facts.push(owned(source.fact(here.clone(), service), belongs));

    if let Some(kind) = kind {
        let place = image_node.map_or(here.clone(), |node| node.span.clone());
        let attached = AttachedResource {
            kind,
            version: image
                .as_ref()
                .filter(|_| !is_built)
                .and_then(image_names::service_version),
            deploy: shared.deploy.map(str::to_owned),
            source: "compose",
            name: entry.key.clone(),
        };
        facts.push(source.fact(place, attached));
    }
    let given = environment(source, &chain);
    let beside: Vec<&str> = given.iter().filter_map(|one| one.plain()).collect();
    for one in &given {
        let variable = one.variable();
        if !third_party {
            variable.declare(source, facts, belongs);
        }
        variable.tell_secret_beside(source, facts, belongs, &beside);
    }
    let of_deploy = get("deploy").and_then(|deploy| deploy.get("labels"));
    for list in [get("labels"), of_deploy].into_iter().flatten() {
        labels::read(source, &entry.key, list, facts);
    }
    if third_party {
        return;
    }
    if is_built && source.class != FileClass::Test {
        let at = match get("command").or(get("entrypoint")) {
            Some(node) => source.evidence(node.span.clone()),
            None => source.evidence(here),
        };
        let process = ProcessType {
            name: entry.key.clone(),
            command: command.map(|command| command.line()).unwrap_or_default(),
            at: at.clone(),
            source: "compose".to_owned(),
        };
        facts.push(owned(source.fact_at(at, process), belongs));
    }
    if let Some(check) = check {
        let test = texts(source, check.get("test")).join(" ");
        let health = Health {
            path: health::path_in_command(&test),
            kind: HealthKind::Liveness,
            checks_resources: None,
            through: "compose".to_owned(),
        };
        facts.push(owned(source.fact(check.span.clone(), health), belongs));
    }
}

/// Whether a health check is given and not switched off.
fn is_on(check: &Node) -> bool {
    let none = |test: &Node| test.items().first().and_then(Node::as_str) == Some("NONE");
    check.get("disable").and_then(Node::as_bool) != Some(true)
        && check.get("test").is_some_and(|test| !none(test))
}

fn replicas(source: &Source<'_>, deploy: Option<&Node>, scale: Option<&Node>) -> Option<u32> {
    let node = deploy.and_then(|deploy| deploy.get("replicas")).or(scale)?;
    with_defaults(&text(source, node)?).parse().ok()
}
