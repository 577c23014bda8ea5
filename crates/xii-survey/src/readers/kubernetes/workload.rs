//! Objects that run containers.

use xii_model::{
    AdminTask, AttachedResource, Facts, MigrationAtStart, ProcessType, ScheduledJob, Workload,
};

use super::container::{self, Told};
use super::manifest::Manifest;
use super::object;
use crate::document::Node;
use crate::readers::image_names;
use crate::readers::shell::migration_in;
use crate::readers::yaml_file::text;

/// More containers than this in one pod are not a person's.
const MAX_CONTAINERS: usize = 50;

/// The specification of the pod that an object of this kind makes.
pub(super) fn pod<'n>(kind: &str, node: &'n Node) -> Option<&'n Node> {
    let path: &[&str] = match kind {
        "Pod" => &["spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "Rollout"
        | "DeploymentConfig" | "Service" => &["spec", "template", "spec"],
        _ => return None,
    };
    node.at(path).filter(|pod| pod.get("containers").is_some())
}

/// Pushes what a workload says.
pub(super) fn read(
    manifest: &Manifest<'_, '_>,
    node: &Node,
    kind: &str,
    pod: &Node,
    facts: &mut Facts,
) {
    let source = manifest.source;
    let name = manifest
        .text(node, &["metadata", "name"])
        .unwrap_or_default();
    let number = |node: &Node, path: &[&str]| {
        let value = node.at(path)?.as_i64()?;
        u32::try_from(value).ok()
    };
    let is_task = matches!(kind, "Job" | "CronJob");
    let mut told = Vec::new();
    for (key, init) in [("initContainers", true), ("containers", false)] {
        let list = pod.get(key).map(Node::items).unwrap_or_default();
        for item in list.iter().take(MAX_CONTAINERS) {
            told.extend(container::read(manifest, item, pod, init));
        }
    }
    let volumes = pod.get("volumes").map(Node::items).unwrap_or_default();
    let claims = node
        .at(&["spec", "volumeClaimTemplates"])
        .map(Node::items)
        .unwrap_or_default();
    let persistent = volumes
        .iter()
        .filter_map(|volume| manifest.text(volume, &["persistentVolumeClaim", "claimName"]))
        .chain(
            claims
                .iter()
                .filter_map(|claim| manifest.text(claim, &["metadata", "name"])),
        );
    let at = object::place(source, node);
    let schedule = (kind == "CronJob")
        .then(|| manifest.text(node, &["spec", "schedule"]))
        .flatten();
    let workload = Workload {
        kind: if kind == "Service" {
            "KnativeService"
        } else {
            kind
        }
        .to_owned(),
        name: name.clone(),
        replicas: number(node, &["spec", "replicas"]),
        schedule: schedule.clone(),
        containers: told.iter().map(|told| told.container.clone()).collect(),
        service_account_token: pod
            .get("automountServiceAccountToken")
            .and_then(Node::as_bool),
        service_account: manifest.text(pod, &["serviceAccountName"]),
        grace_seconds: number(pod, &["terminationGracePeriodSeconds"]),
        persistent_volumes: persistent.collect(),
        host_paths: volumes
            .iter()
            .filter_map(|volume| manifest.text(volume, &["hostPath", "path"]))
            .collect(),
        run_as_non_root: pod
            .at(&["securityContext", "runAsNonRoot"])
            .and_then(Node::as_bool),
        templated: manifest.templated,
    };
    facts.push(source.fact_at(at.clone(), workload));
    if kind == "CronJob" {
        let policy = manifest.text(node, &["spec", "concurrencyPolicy"]);
        let job = ScheduledJob {
            through: "kubernetes CronJob".to_owned(),
            schedule,
            in_process: false,
            guarded: policy.is_some_and(|policy| policy != "Allow"),
        };
        facts.push(source.fact_at(at, job));
    }
    if let Some(annotations) = node.at(&["spec", "template", "metadata", "annotations"]) {
        object::scraped(manifest, annotations, facts);
    }
    let several = told
        .iter()
        .filter(|told| !told.container.init && !told.third_party)
        .count()
        > 1;
    for told in &told {
        container::tell(manifest, told, facts);
        read_container(manifest, told, &name, kind, is_task, several, facts);
    }
}

/// What a container is in its workload: a backing service, a task, or a process of the app.
fn read_container(
    manifest: &Manifest<'_, '_>,
    told: &Told,
    workload: &str,
    kind: &str,
    is_task: bool,
    several: bool,
    facts: &mut Facts,
) {
    let source = manifest.source;
    let container = &told.container;
    let at = container.at.clone();
    let words = container
        .command
        .as_ref()
        .map(|command| command.words.as_slice());
    let line = container.command.as_ref().map(|command| command.line());
    let migrates = words.and_then(migration_in);
    if container.init {
        if let Some(how) = migrates.filter(|_| !is_task) {
            let migration = MigrationAtStart { how, locked: false };
            facts.push(source.fact_at(at, migration));
        }
        return;
    }
    if let Some(resource) = image_names::resource(&container.image) {
        if !is_task {
            let attached = AttachedResource {
                kind: resource,
                version: image_names::service_version(&container.image),
                deploy: manifest.deploy.map(str::to_owned),
                source: "kubernetes",
                name: workload.to_owned(),
            };
            facts.push(source.fact_at(at, attached));
        }
        return;
    }
    if told.third_party {
        return;
    }
    if is_task {
        let task = AdminTask {
            name: workload.to_owned(),
            command: line,
            kind: match kind {
                "CronJob" => "scheduled",
                _ if migrates.is_some() => "migration",
                _ => "script",
            },
            source: "kubernetes",
        };
        facts.push(source.fact_at(at, task));
        return;
    }
    let process = ProcessType {
        name: if several { &container.name } else { workload }.to_owned(),
        command: line.unwrap_or_default(),
        at: at.clone(),
        source: "kubernetes".to_owned(),
    };
    facts.push(source.fact_at(at, process));
}

/// The texts of a list.
pub(super) fn list(manifest: &Manifest<'_, '_>, node: Option<&Node>) -> Vec<String> {
    let items = node.map(Node::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| text(manifest.source, item))
        .collect()
}
