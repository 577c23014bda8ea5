//! GitHub Actions: workflows.

use xii_model::Facts;

use super::found::{Found, MAX_JOBS, place, secrets};
use crate::document::{Entry, Node};
use crate::readers::reader::Reader;
use crate::readers::variables::mask_tree;
use crate::readers::yaml_file::{plain_documents, text, texts};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "GitHub Actions",
    recognises: |path| {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let workflow = folder == ".github/workflows" || folder.ends_with("/.github/workflows");
        workflow && (path.ends_with(".yml") || path.ends_with(".yaml"))
    },
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    for document in plain_documents(source, facts) {
        mask_tree(source, &document);
        let (triggers, branches) = started_by(source, document.get("on"));
        secrets(source, document.get("env"), facts);
        let jobs = document.get("jobs").map(Node::entries).unwrap_or_default();
        for entry in jobs.iter().take(MAX_JOBS) {
            let mut found = job(source, entry, facts);
            found.job.triggers.clone_from(&triggers);
            found.job.branches.clone_from(&branches);
            found.tell(source, facts);
        }
    }
}

/// What starts the workflow, and the branches whose pushes do.
fn started_by(source: &Source<'_>, on: Option<&Node>) -> (Vec<String>, Vec<String>) {
    let Some(on) = on else {
        return (Vec::new(), Vec::new());
    };
    let mut triggers = texts(source, Some(on));
    triggers.extend(on.entries().iter().map(|entry| entry.key.clone()));
    let branches = texts(source, on.at(&["push", "branches"]));
    (triggers, branches)
}

fn job(source: &Source<'_>, entry: &Entry, facts: &mut Facts) -> Found {
    let node = &entry.value;
    let mut found = Found::new("github-actions", &entry.key, entry.key_span.clone());
    found.job.environment = node
        .get("environment")
        .and_then(|node| text(source, node.get("name").unwrap_or(node)))
        .filter(|name| !name.contains("${{"));
    secrets(source, node.get("env"), facts);
    for service in node.get("services").map(Node::entries).unwrap_or_default() {
        if let Some(image) = service
            .value
            .get("image")
            .and_then(|image| text(source, image))
        {
            found.service(place(&service.value), &service.key, &image);
        }
        secrets(source, service.value.get("env"), facts);
    }
    if let Some(uses) = node.entry("uses") {
        let action = text(source, &uses.value).unwrap_or_default();
        found.uses(source, uses.value.span.clone(), &action, node.get("with"));
    }
    for step in node.get("steps").map(Node::items).unwrap_or_default() {
        secrets(source, step.get("env"), facts);
        if let Some(uses) = step.get("uses")
            && let Some(action) = text(source, uses)
        {
            found.uses(source, uses.span.clone(), &action, step.get("with"));
        } else if let Some(run) = step.get("run")
            && let Some(command) = text(source, run)
        {
            found.run(source, run.span.clone(), &command);
        }
    }
    found
}
