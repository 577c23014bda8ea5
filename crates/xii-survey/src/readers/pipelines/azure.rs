//! Azure Pipelines.

use xii_model::Facts;

use super::found::{Found, MAX_JOBS};
use crate::document::Node;
use crate::readers::reader::{Reader, file_name};
use crate::readers::variables::mask_tree;
use crate::readers::yaml_file::{plain_documents, text, texts};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Azure Pipelines",
    recognises: |path| {
        let name = file_name(path);
        let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        yaml && (name.starts_with("azure-pipelines") || name.starts_with("azure-pipeline"))
    },
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    for document in plain_documents(source, facts) {
        mask_tree(source, &document);
        let trigger = document.get("trigger");
        let include = trigger.and_then(|node| node.at(&["branches", "include"]));
        let branches = texts(source, include.or(trigger));
        let stages = document.get("stages").map(Node::items).unwrap_or_default();
        let mut jobs: Vec<&Node> = stages
            .iter()
            .flat_map(|stage| stage.get("jobs").map(Node::items).unwrap_or_default())
            .collect();
        jobs.extend(document.get("jobs").map(Node::items).unwrap_or_default());
        if document.get("steps").is_some() {
            jobs.push(&document);
        }
        for node in jobs.into_iter().take(MAX_JOBS) {
            job(source, node, &branches, facts);
        }
    }
}

fn job(source: &Source<'_>, node: &Node, branches: &[String], facts: &mut Facts) {
    let named = node.entry("job").or_else(|| node.entry("deployment"));
    let name = named.and_then(|entry| text(source, &entry.value));
    let steps = node.entry("steps");
    let span = named.or(steps).map_or(0..0, |entry| entry.key_span.clone());
    let mut found = Found::new("azure", name.as_deref().unwrap_or("job"), span);
    found.job.triggers = vec!["push".to_owned()];
    found.job.branches = branches.to_vec();
    found.job.environment = node
        .get("environment")
        .and_then(|one| text(source, one.get("name").unwrap_or(one)));
    found.job.deploys = node.get("deployment").is_some();
    let strategy = ["runOnce", "rolling", "canary"]
        .iter()
        .find_map(|way| node.at(&["strategy", way, "deploy", "steps"]));
    let lists = [steps.map(|entry| &entry.value), strategy];
    for step in lists.into_iter().flatten().flat_map(Node::items) {
        let script = ["script", "bash", "pwsh", "powershell"]
            .iter()
            .find_map(|key| step.get(key));
        if let Some((command, line)) = script.and_then(|node| Some((node, text(source, node)?))) {
            found.run(source, command.span.clone(), &line);
        } else if let Some((task, name)) = step
            .get("task")
            .and_then(|node| Some((node, text(source, node)?)))
        {
            found.uses(source, task.span.clone(), &name, step.get("inputs"));
        }
    }
    found.tell(source, facts);
}
