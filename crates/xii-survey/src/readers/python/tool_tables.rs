//! Dependencies and scripts in the tables of uv, PDM, Hatch and task runners in pyproject.toml.

use xii_model::{AdminTask, DependencyGroup, Facts};

use super::pyproject::{entries, push_list, push_script};
use crate::document::Node;
use crate::readers::naming;
use crate::source::Source;

/// Reads the tables under `[tool]` other than Poetry's.
pub(super) fn read(source: &Source<'_>, facts: &mut Facts, root: &Node) {
    if let Some(list) = root.at(&["tool", "uv", "dev-dependencies"]) {
        push_list(source, facts, list, DependencyGroup::Development, root);
    }
    for entry in entries(root, &["tool", "pdm", "dev-dependencies"]) {
        push_list(
            source,
            facts,
            &entry.value,
            DependencyGroup::Development,
            root,
        );
    }
    for environment in entries(root, &["tool", "hatch", "envs"]) {
        for key in ["dependencies", "extra-dependencies"] {
            if let Some(list) = environment.value.get(key) {
                push_list(source, facts, list, DependencyGroup::Development, root);
            }
        }
    }
    for (path, run) in [
        (&["tool", "pdm", "scripts"][..], "pdm run"),
        (&["tool", "poe", "tasks"][..], "poe"),
        (&["tool", "taskipy", "tasks"][..], "task"),
        (&["tool", "rye", "scripts"][..], "rye run"),
        (
            &["tool", "hatch", "envs", "default", "scripts"][..],
            "hatch run",
        ),
    ] {
        for entry in entries(root, path) {
            push_script(source, facts, entry);
            if let Some(kind) = naming::admin_task(&entry.key) {
                let task = AdminTask {
                    name: entry.key.clone(),
                    command: Some(format!("{run} {}", entry.key)),
                    kind,
                    source: "pyproject.toml",
                };
                facts.push(source.fact(entry.key_span.start..entry.value.span.end, task));
            }
        }
    }
}
