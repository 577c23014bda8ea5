//! CircleCI.

use xii_model::Facts;

use super::found::{Found, MAX_JOBS, place, secrets};
use crate::document::{Entry, Node};
use crate::readers::reader::Reader;
use crate::readers::variables::mask_tree;
use crate::readers::yaml_file::{plain_documents, text, texts};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "CircleCI",
    recognises: |path| {
        [".circleci/config.yml", ".circleci/config.yaml"]
            .iter()
            .any(|name| {
                path == *name
                    || path
                        .strip_suffix(name)
                        .is_some_and(|rest| rest.ends_with('/'))
            })
    },
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    for document in plain_documents(source, facts) {
        mask_tree(source, &document);
        let jobs = document.get("jobs").map(Node::entries).unwrap_or_default();
        for entry in jobs.iter().take(MAX_JOBS) {
            job(source, entry, &document, facts);
        }
    }
}

fn job(source: &Source<'_>, entry: &Entry, root: &Node, facts: &mut Facts) {
    let node = &entry.value;
    let mut found = Found::new("circleci", &entry.key, entry.key_span.clone());
    found.job.triggers = vec!["push".to_owned()];
    found.job.branches = branches(source, root, &entry.key);
    secrets(source, node.get("environment"), facts);
    let executor = node
        .get("executor")
        .and_then(|one| text(source, one.get("name").unwrap_or(one)))
        .and_then(|name| root.at(&["executors", &name]));
    let images = node.get("docker").or_else(|| executor?.get("docker"));
    let images = images.map(Node::items).unwrap_or_default();
    for (index, image) in images.iter().enumerate() {
        secrets(source, image.get("environment"), facts);
        // The first image is where the steps run.
        if index > 0
            && let Some(name) = image.get("image").and_then(|name| text(source, name))
        {
            let short = name.rsplit('/').next().unwrap_or(&name);
            let short = short.split(':').next().unwrap_or(short).to_owned();
            found.service(place(image), &short, &name);
        }
    }
    for step in node.get("steps").map(Node::items).unwrap_or_default() {
        if let Some(run) = step.get("run") {
            let command = run.get("command").unwrap_or(run);
            secrets(source, run.get("environment"), facts);
            if let Some(line) = text(source, command) {
                found.run(source, command.span.clone(), &line);
            }
        } else if let Some(name) = text(source, step) {
            found.uses(source, step.span.clone(), &name, None);
        } else if let Some(orb) = step.entries().first() {
            found.uses(source, orb.key_span.clone(), &orb.key, Some(&orb.value));
        }
    }
    found.tell(source, facts);
}

/// The branches that workflows limit a job to.
fn branches(source: &Source<'_>, root: &Node, job: &str) -> Vec<String> {
    let workflows = root.get("workflows").map(Node::entries).unwrap_or_default();
    workflows
        .iter()
        .flat_map(|workflow| {
            workflow
                .value
                .get("jobs")
                .map(Node::items)
                .unwrap_or_default()
        })
        .filter_map(|item| item.at(&[job, "filters", "branches", "only"]))
        .flat_map(|only| texts(source, Some(only)))
        .collect()
}
