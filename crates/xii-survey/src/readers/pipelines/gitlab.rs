//! GitLab CI.

use xii_model::Facts;

use super::found::{Found, MAX_JOBS, place, script, secrets};
use crate::document::{Entry, Node};
use crate::readers::reader::{Reader, file_name};
use crate::readers::variables::mask_tree;
use crate::readers::yaml_file::{plain_documents, text, texts};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "GitLab CI",
    recognises: |path| {
        let name = file_name(path);
        name.ends_with(".gitlab-ci.yml") || name.ends_with(".gitlab-ci.yaml")
    },
    read,
};

/// Keys at the top that are no jobs.
const KEYWORDS: [&str; 12] = [
    "stages",
    "variables",
    "default",
    "include",
    "image",
    "services",
    "before_script",
    "after_script",
    "cache",
    "workflow",
    "spec",
    "types",
];
/// How many templates deep `extends` is followed.
const MAX_EXTENDS: usize = 11;

fn read(source: &Source<'_>, facts: &mut Facts) {
    for document in plain_documents(source, facts) {
        mask_tree(source, &document);
        secrets(source, document.get("variables"), facts);
        let jobs = document
            .entries()
            .iter()
            .filter(|entry| !entry.key.starts_with('.') && !KEYWORDS.contains(&entry.key.as_str()));
        for entry in jobs.take(MAX_JOBS) {
            let chain = with_extended(source, &document, &entry.value);
            let field = |key: &str| chain.iter().find_map(|node| node.get(key));
            if field("script").is_some() || field("trigger").is_some() {
                job(source, entry, &document, &field, facts);
            }
        }
    }
}

/// A job with the templates that it extends, its own keys first.
fn with_extended<'n>(source: &Source<'_>, root: &'n Node, job: &'n Node) -> Vec<&'n Node> {
    let mut chain = vec![job];
    let mut index = 0;
    while let Some(node) = chain.get(index)
        && chain.len() <= MAX_EXTENDS
    {
        let names = texts(source, node.get("extends"));
        chain.extend(
            names
                .iter()
                .rev()
                .take(MAX_EXTENDS)
                .filter_map(|name| root.get(name)),
        );
        index += 1;
    }
    chain
}

fn job<'n>(
    source: &Source<'_>,
    entry: &Entry,
    root: &'n Node,
    field: &dyn Fn(&str) -> Option<&'n Node>,
    facts: &mut Facts,
) {
    let mut found = Found::new("gitlab-ci", &entry.key, entry.key_span.clone());
    found.job.environment = field("environment")
        .and_then(|node| text(source, node.get("name").unwrap_or(node)))
        .filter(|name| !name.contains('$'));
    let defaults = |key: &str| root.get(key).or_else(|| root.at(&["default", key]));
    let services = field("services").or_else(|| defaults("services"));
    for service in services.map(Node::items).unwrap_or_default() {
        let image = text(source, service).or_else(|| text(source, service.get("name")?));
        if let Some(image) = image {
            let name = service.get("alias").and_then(|alias| text(source, alias));
            let name = name.unwrap_or_else(|| image.clone());
            found.service(place(service), &name, &image);
        }
    }
    secrets(source, field("variables"), facts);
    let (triggers, branches) = rules(source, field);
    found.job.triggers = triggers;
    found.job.branches = branches;
    let before = field("before_script").or_else(|| defaults("before_script"));
    for node in [before, field("script")].into_iter().flatten() {
        found.run(source, node.span.clone(), &script(source, node));
    }
    found.tell(source, facts);
}

/// What starts a job and the branches it is limited to, from `only` and `rules`.
fn rules<'n>(
    source: &Source<'_>,
    field: &dyn Fn(&str) -> Option<&'n Node>,
) -> (Vec<String>, Vec<String>) {
    const EVENTS: [&str; 8] = [
        "pushes",
        "branches",
        "tags",
        "merge_requests",
        "schedules",
        "web",
        "triggers",
        "api",
    ];
    let only = field("only");
    let refs = texts(source, only.and_then(|only| only.get("refs")).or(only));
    let (mut triggers, mut branches): (Vec<_>, Vec<_>) = refs
        .into_iter()
        .partition(|name| EVENTS.contains(&name.as_str()));
    for rule in field("rules").map(Node::items).unwrap_or_default() {
        let Some(condition) = rule.get("if").and_then(|node| text(source, node)) else {
            continue;
        };
        let compares = |name: &str| {
            let (_, rest) = condition.split_once(name)?;
            let rest = rest.trim_start().strip_prefix("==")?.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, _) = rest.get(1..)?.split_once(quote)?;
            Some(value.to_owned())
        };
        branches.extend(compares("$CI_COMMIT_BRANCH").or_else(|| compares("$CI_COMMIT_REF_NAME")));
        if condition.contains("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH") {
            branches.push("$CI_DEFAULT_BRANCH".to_owned());
        }
        triggers.extend(compares("$CI_PIPELINE_SOURCE"));
    }
    (triggers, branches)
}
