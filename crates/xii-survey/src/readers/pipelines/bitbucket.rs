//! Bitbucket Pipelines.

use xii_model::Facts;

use super::found::{Found, MAX_JOBS, place, script};
use crate::document::Node;
use crate::readers::reader::{Reader, file_name};
use crate::readers::variables::mask_tree;
use crate::readers::yaml_file::{plain_documents, text, texts};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Bitbucket Pipelines",
    recognises: |path| file_name(path) == "bitbucket-pipelines.yml",
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    for document in plain_documents(source, facts) {
        mask_tree(source, &document);
        let pipelines = document
            .get("pipelines")
            .map(Node::entries)
            .unwrap_or_default();
        let mut left = MAX_JOBS;
        for entry in pipelines {
            match entry.key.as_str() {
                "default" => steps(
                    source,
                    &document,
                    &entry.value,
                    "push",
                    None,
                    &mut left,
                    facts,
                ),
                "branches" | "tags" | "pull-requests" | "custom" => {
                    let trigger = match entry.key.as_str() {
                        "pull-requests" => "pull_request",
                        "custom" => "manual",
                        "tags" => "tag",
                        _ => "push",
                    };
                    for one in entry.value.entries() {
                        let branch = (entry.key == "branches").then_some(one.key.as_str());
                        steps(
                            source, &document, &one.value, trigger, branch, &mut left, facts,
                        );
                    }
                }
                _ => {}
            }
        }
    }
}

/// The steps of one pipeline, those that run in parallel among them.
fn steps(
    source: &Source<'_>,
    root: &Node,
    list: &Node,
    trigger: &str,
    branch: Option<&str>,
    left: &mut usize,
    facts: &mut Facts,
) {
    for item in list.items() {
        let parallel = item.get("parallel");
        let inner = parallel.map(|node| node.get("steps").unwrap_or(node).items());
        for item in inner.unwrap_or(std::slice::from_ref(item)) {
            let Some(step) = item.entry("step") else {
                continue;
            };
            if *left == 0 {
                return;
            }
            *left -= 1;
            let node = &step.value;
            let get = |key: &str| node.get(key).and_then(|value| text(source, value));
            let name = get("name").unwrap_or_else(|| "step".to_owned());
            let mut found = Found::new("bitbucket", &name, step.key_span.clone());
            found.job.triggers = vec![trigger.to_owned()];
            found.job.branches = branch.into_iter().map(str::to_owned).collect();
            found.job.environment = get("deployment");
            for service in texts(source, node.get("services")) {
                let definition = root.at(&["definitions", "services", &service]);
                let image = definition.and_then(|one| {
                    let image = one.get("image")?;
                    Some((
                        place(one),
                        text(source, image.get("name").unwrap_or(image))?,
                    ))
                });
                if let Some((span, image)) = image {
                    found.service(span, &service, &image);
                }
            }
            if let Some(lines) = node.get("script") {
                found.run(source, lines.span.clone(), &script(source, lines));
                for pipe in lines.items().iter().filter_map(|line| line.get("pipe")) {
                    if let Some(name) = text(source, pipe) {
                        found.uses(source, pipe.span.clone(), &name, None);
                    }
                }
            }
            found.tell(source, facts);
        }
    }
}
