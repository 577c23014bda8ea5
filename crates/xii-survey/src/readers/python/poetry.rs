//! The tables of Poetry in pyproject.toml.

use xii_model::{Dependency, DependencyGroup, Ecosystem, Facts, Pin};

use super::pyproject::{entries, group_of_group, push_runtime, push_script};
use super::requirement::normalised;
use crate::document::{Entry, Node};
use crate::readers::pin;
use crate::source::Source;

/// Reads `[tool.poetry]`.
pub(super) fn read(source: &Source<'_>, facts: &mut Facts, poetry: &Node) {
    read_table(
        source,
        facts,
        entries(poetry, &["dependencies"]),
        DependencyGroup::Run,
    );
    read_table(
        source,
        facts,
        entries(poetry, &["dev-dependencies"]),
        DependencyGroup::Development,
    );
    for group in entries(poetry, &["group"]) {
        let kind = match group_of_group(&group.key) {
            DependencyGroup::Development
                if group.value.get("optional").and_then(Node::as_bool) == Some(true)
                    && super::requirement::group_of(&group.key).is_none() =>
            {
                DependencyGroup::Optional
            }
            kind => kind,
        };
        read_table(
            source,
            facts,
            entries(&group.value, &["dependencies"]),
            kind,
        );
    }
    for entry in entries(poetry, &["scripts"]) {
        push_script(source, facts, entry);
    }
}

/// Reads a table of Poetry's or Pipenv's form: `name = "^1"` or `name = {version = "^1", …}`.
pub(super) fn read_table(
    source: &Source<'_>,
    facts: &mut Facts,
    table: &[Entry],
    group: DependencyGroup,
) {
    for entry in table {
        if entry.key == "python" {
            push_runtime(source, facts, entry, "poetry");
            continue;
        }
        // Several variants of one package differ by marker; the first speaks for all.
        let node = entry.value.items().first().unwrap_or(&entry.value);
        let text = |key: &str| node.get(key).and_then(Node::as_str);
        let (requirement, pin) = if let Some(version) = node.as_str().or_else(|| text("version")) {
            (version, pin::python(version))
        } else if let Some(path) = text("path") {
            (path, Pin::Local)
        } else if let Some(git) = text("git") {
            let pin = match text("rev").or_else(|| text("ref")) {
                Some(rev) => pin::address_pin(&format!("{git}#{rev}")),
                None => Pin::FloatingSource,
            };
            (git, pin)
        } else if let Some(address) = text("url").or_else(|| text("file")) {
            (address, pin::address_pin(address))
        } else {
            ("", Pin::Open)
        };
        let optional = node.get("optional").and_then(Node::as_bool) == Some(true);
        let dependency = Dependency {
            ecosystem: Ecosystem::Python,
            name: normalised(&entry.key),
            requirement: source.redacted(requirement),
            group: if optional {
                DependencyGroup::Optional
            } else {
                group
            },
            pin,
        };
        facts.push(source.fact(entry.key_span.start..entry.value.span.end, dependency));
    }
}
