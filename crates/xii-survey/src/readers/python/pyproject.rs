//! pyproject.toml: PEP 621 and PEP 735, and the tables of Poetry, uv, PDM and Hatch.

use xii_model::{DependencyGroup, Ecosystem, Facts, Manifest, Pin, RuntimeVersion, Script};

use super::requirement::{group_of, in_list, normalised};
use super::{poetry, tool_tables};
use crate::document::{self, Entry, Node};
use crate::readers::pin;
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "pyproject.toml",
    recognises: |path| file_name(path) == "pyproject.toml",
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::toml(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    if let Some(list) = root.at(&["build-system", "requires"]) {
        push_list(source, facts, list, DependencyGroup::Build, &root);
    }
    let project = root.get("project");
    let poetry = root.at(&["tool", "poetry"]);
    let tool = |name: &str| root.at(&["tool", name]);
    // Many a pyproject.toml only holds the settings of linters.
    if project.is_some()
        || poetry.is_some()
        || root.get("dependency-groups").is_some()
        || tool("pdm").is_some()
        || tool("uv").is_some()
    {
        facts.push(source.fact_of_file(manifest(&root)));
    }
    if let Some(project) = project {
        read_project(source, facts, project, &root);
    }
    for entry in entries(&root, &["dependency-groups"]) {
        let group = group_of_group(&entry.key);
        push_list(source, facts, &entry.value, group, &root);
    }
    if let Some(poetry) = poetry {
        poetry::read(source, facts, poetry);
    }
    tool_tables::read(source, facts, &root);
}

fn manifest(root: &Node) -> Manifest {
    let text = |path: &[&str]| root.at(path).and_then(Node::as_str).map(str::to_owned);
    let dynamic = root
        .at(&["project", "dynamic"])
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .any(|item| item.as_str() == Some("dependencies"));
    let from_file = root
        .at(&["tool", "setuptools", "dynamic", "dependencies", "file"])
        .is_some();
    Manifest {
        ecosystem: Ecosystem::Python,
        format: "pyproject.toml",
        name: text(&["project", "name"]).or_else(|| text(&["tool", "poetry", "name"])),
        version: text(&["project", "version"]).or_else(|| text(&["tool", "poetry", "version"])),
        workspaces: root
            .at(&["tool", "uv", "workspace", "members"])
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        entry: None,
        tool: tool_name(root).map(str::to_owned),
        complete: !dynamic || from_file,
    }
}

/// The tool that manages the project, by its table, else by the build's backend.
fn tool_name(root: &Node) -> Option<&'static str> {
    let by_table = ["poetry", "uv", "pdm", "hatch"]
        .into_iter()
        .find(|name| root.at(&["tool", name]).is_some());
    by_table.or_else(|| {
        let backend = root.at(&["build-system", "build-backend"])?.as_str()?;
        [
            ("poetry", "poetry"),
            ("uv_build", "uv"),
            ("pdm", "pdm"),
            ("hatchling", "hatch"),
            ("flit", "flit"),
            ("setuptools", "setuptools"),
        ]
        .into_iter()
        .find(|(start, _)| backend.starts_with(start))
        .map(|(_, tool)| tool)
    })
}

fn read_project(source: &Source<'_>, facts: &mut Facts, project: &Node, root: &Node) {
    if let Some(list) = project.get("dependencies") {
        push_list(source, facts, list, DependencyGroup::Run, root);
    }
    for entry in entries(project, &["optional-dependencies"]) {
        let group = group_of(&entry.key).unwrap_or(DependencyGroup::Optional);
        push_list(source, facts, &entry.value, group, root);
    }
    if let Some(entry) = project.entry("requires-python") {
        push_runtime(source, facts, entry, "requires-python");
    }
    for entry in entries(project, &["scripts"]) {
        push_script(source, facts, entry);
    }
}

/// The entries of the map at a path.
pub(super) fn entries<'a>(node: &'a Node, path: &[&str]) -> &'a [Entry] {
    node.at(path).map(Node::entries).unwrap_or_default()
}

/// A dependency group is for development unless its name says otherwise.
pub(super) fn group_of_group(name: &str) -> DependencyGroup {
    match normalised(name).as_str() {
        "main" | "prod" | "production" | "deploy" | "deployment" | "run" | "runtime" | "server"
        | "default" => DependencyGroup::Run,
        "build" => DependencyGroup::Build,
        _ => DependencyGroup::Development,
    }
}

/// Pushes a list of requirements. A source that the file gives for a name outweighs the requirement.
pub(super) fn push_list(
    source: &Source<'_>,
    facts: &mut Facts,
    list: &Node,
    group: DependencyGroup,
    root: &Node,
) {
    for (requirement, item) in in_list(list) {
        let Some(mut requirement) = requirement else {
            source.unread(
                facts,
                item.span.start,
                "this is no requirement in the form `name>=1.0`, so it was passed over",
            );
            continue;
        };
        if let Some(pin) = uv_source(root, &requirement.name) {
            requirement.pin = pin;
        }
        let what = requirement.dependency(source, group);
        facts.push(source.fact(item.span.clone(), what));
    }
}

/// The pin that `[tool.uv.sources]` gives a package.
fn uv_source(root: &Node, name: &str) -> Option<Pin> {
    let entry = entries(root, &["tool", "uv", "sources"])
        .iter()
        .find(|entry| normalised(&entry.key) == name)?;
    let node = entry.value.items().first().unwrap_or(&entry.value);
    if node.get("workspace").is_some() || node.get("path").is_some() {
        return Some(Pin::Local);
    }
    if node.get("git").is_some() {
        return Some(match node.get("rev") {
            Some(_) => Pin::FixedSource,
            None => Pin::FloatingSource,
        });
    }
    node.get("url")?.as_str().map(pin::address_pin)
}

pub(super) fn push_runtime(
    source: &Source<'_>,
    facts: &mut Facts,
    entry: &Entry,
    told_by: &'static str,
) {
    let Some(requirement) = entry.value.as_text() else {
        return;
    };
    // A bare `3.11` is a line of releases, whatever a bare version of a package is.
    let bare = requirement.starts_with(|c: char| c.is_ascii_digit());
    let runtime = RuntimeVersion {
        language: "python".to_owned(),
        pin: if bare {
            pin::version(&requirement)
        } else {
            pin::python(&requirement)
        },
        requirement: requirement.into_owned(),
        source: told_by,
    };
    facts.push(source.fact(entry.key_span.start..entry.value.span.end, runtime));
}

/// An entry point: `name = "module:function"`.
pub(super) fn push_script(source: &Source<'_>, facts: &mut Facts, entry: &Entry) {
    let command = entry.value.as_str().or_else(|| {
        ["callable", "reference", "cmd", "shell", "call", "script"]
            .iter()
            .find_map(|key| entry.value.get(key)?.as_str())
    });
    if let Some(command) = command {
        let script = Script {
            name: entry.key.clone(),
            command: source.redacted(command),
            source: "pyproject.toml",
        };
        facts.push(source.fact(entry.key_span.start..entry.value.span.end, script));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn the_standard_tables_are_read() {
        let text = r#"
[project]
name = "shop"
version = "0.3.0"
requires-python = ">=3.11"
dependencies = ["Django>=4.2,<5", "shared", "fork @ git+https://github.com/o/fork@main", "not a requirement"]

[project.optional-dependencies]
mysql = ["mysqlclient"]
test = ["pytest==8.0.0"]

[project.scripts]
shop = "shop.cli:main"

[dependency-groups]
dev = [{ include-group = "lint" }, "ruff"]
lint = ["mypy~=1.8"]

[tool.uv.sources]
shared = { workspace = true }

[tool.uv.workspace]
members = ["packages/*"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"#;
        let facts = read_text(&READER, "pyproject.toml", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
    }

    #[test]
    fn the_tables_of_poetry_are_read() {
        let text = r#"
[tool.poetry]
name = "shop"
version = "0.3.0"

[tool.poetry.dependencies]
python = "^3.11"
fastapi = "^0.110"
uvicorn = { version = "0.29.0", extras = ["standard"] }
redis = { version = "*", optional = true }
shared = { path = "../shared", develop = true }
fork = { git = "https://github.com/o/fork", rev = "0a1b2c3d" }
torch = [{ version = "^2", markers = "x" }, { version = "^1" }]

[tool.poetry.group.dev.dependencies]
pytest = "^8"

[tool.poetry.dev-dependencies]
black = "24.1.0"

[tool.poetry.scripts]
serve = "shop.main:run"

[tool.poe.tasks]
"db:migrate" = "alembic upgrade head"
"#;
        let facts = read_text(&READER, "api/pyproject.toml", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
    }

    #[test]
    fn settings_of_linters_are_no_manifest_and_a_fault_is_told() {
        let facts = read_text(
            &READER,
            "pyproject.toml",
            "[tool.black]\nline-length = 100\n",
        );
        assert_eq!(facts.count(), 0);
        let facts = read_text(&READER, "pyproject.toml", "[project]\nname = \n");
        assert_eq!((facts.count(), facts.unread[0].at.start.line), (1, 2));
        let facts = read_text(
            &READER,
            "pyproject.toml",
            "[project]\nname = 'x'\ndynamic = ['dependencies']\n",
        );
        assert!(!facts.manifests[0].complete);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[\[\]{}=".,\n]|\[project\]\n|\[tool\.poetry\.dependencies\]\n|dependencies = ){0,60}"#) {
            read_text(&READER, "pyproject.toml", &text);
        }
    }
}
