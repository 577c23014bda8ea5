//! package.json: the manifest, its dependencies, scripts and runtime versions.

use xii_model::{
    AdminTask, Dependency, DependencyGroup, Ecosystem, Facts, FileClass, Manifest, ProcessType,
    RuntimeVersion, Script, UpdateBot,
};

use crate::document::{self, Entry, Node};
use crate::readers::reader::{Reader, file_name};
use crate::readers::{naming, pin};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "package.json",
    recognises: |path| file_name(path) == "package.json",
    read,
};

const GROUPS: [(&str, DependencyGroup); 4] = [
    ("dependencies", DependencyGroup::Run),
    ("devDependencies", DependencyGroup::Development),
    ("optionalDependencies", DependencyGroup::Optional),
    ("peerDependencies", DependencyGroup::Peer),
];

fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::json(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    if root.entries().is_empty() {
        return;
    }
    let manager = text_of(&root, "packageManager")
        .map(|manager| manager.split('+').next().unwrap_or_default().to_owned());
    let manifest = Manifest {
        ecosystem: Ecosystem::Npm,
        format: "package.json",
        name: text_of(&root, "name"),
        version: text_of(&root, "version"),
        workspaces: workspaces(&root),
        entry: entry_point(&root),
        tool: manager.clone(),
        complete: true,
    };
    facts.push(source.fact_of_file(manifest));
    for (key, group) in GROUPS {
        dependencies(source, facts, &root, key, group);
    }
    let manager = manager.as_deref().unwrap_or("npm");
    scripts(
        source,
        facts,
        &root,
        manager.split('@').next().unwrap_or("npm"),
    );
    runtimes(source, facts, &root);
    if let Some(renovate) = root.entry("renovate") {
        let bot = UpdateBot {
            name: "Renovate",
            ecosystems: Vec::new(),
        };
        facts.push(source.fact(renovate.key_span.clone(), bot));
    }
}

fn text_of(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.as_str().map(str::to_owned)
}

fn place(entry: &Entry) -> std::ops::Range<usize> {
    entry.key_span.start..entry.value.span.end
}

/// `workspaces: [..]` or, in yarn 1, `workspaces: {packages: [..]}`.
fn workspaces(root: &Node) -> Vec<String> {
    let Some(node) = root.get("workspaces") else {
        return Vec::new();
    };
    let list = node.get("packages").unwrap_or(node);
    list.items()
        .iter()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn entry_point(root: &Node) -> Option<String> {
    text_of(root, "main")
        .or_else(|| text_of(root, "module"))
        .or_else(|| {
            let bin = root.get("bin")?;
            bin.as_str()
                .or_else(|| bin.entries().first()?.value.as_str())
                .map(str::to_owned)
        })
}

fn dependencies(
    source: &Source<'_>,
    facts: &mut Facts,
    root: &Node,
    key: &str,
    group: DependencyGroup,
) {
    let Some(list) = root.get(key) else {
        return;
    };
    for entry in list.entries() {
        let Some(requirement) = entry.value.as_str() else {
            source.unread(
                facts,
                entry.value.span.start,
                format!("the requirement of this entry of `{key}` is not a string"),
            );
            continue;
        };
        let dependency = Dependency {
            ecosystem: Ecosystem::Npm,
            name: entry.key.clone(),
            requirement: source.redacted(requirement),
            group,
            pin: pin::npm(requirement),
        };
        facts.push(source.fact(place(entry), dependency));
    }
}

fn scripts(source: &Source<'_>, facts: &mut Facts, root: &Node, manager: &str) {
    let Some(scripts) = root.get("scripts") else {
        return;
    };
    for entry in scripts.entries() {
        let Some(command) = entry.value.as_str().filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        let name = entry.key.as_str();
        let at = source.evidence(place(entry));
        let command = source.redacted(command);
        if let Some(kind) = naming::admin_task(name) {
            let task = AdminTask {
                name: name.to_owned(),
                command: Some(format!("{manager} run {name}")),
                kind,
                source: "package.json",
            };
            facts.push(source.fact_at(at.clone(), task));
        }
        // An example or a test has scripts too, and none of them is a process of the app.
        let runs = matches!(source.class, FileClass::Source | FileClass::Tooling);
        if let Some(process) = naming::process_type(name).filter(|_| runs) {
            let process = ProcessType {
                name: process.to_owned(),
                command: command.clone(),
                at: at.clone(),
                source: "package.json".to_owned(),
            };
            facts.push(source.fact_at(at.clone(), process));
        }
        let script = Script {
            name: name.to_owned(),
            command,
            source: "package.json",
        };
        facts.push(source.fact_at(at, script));
    }
}

fn runtimes(source: &Source<'_>, facts: &mut Facts, root: &Node) {
    let mut push = |entry: Option<&Entry>, told_by: &'static str| {
        let Some(entry) = entry else { return };
        let Some(requirement) = entry.value.as_str() else {
            return;
        };
        let runtime = RuntimeVersion {
            language: "node".to_owned(),
            requirement: requirement.to_owned(),
            source: told_by,
            pin: pin::npm(requirement),
        };
        facts.push(source.fact(place(entry), runtime));
    };
    push(
        root.get("engines").and_then(|node| node.entry("node")),
        "engines",
    );
    push(
        root.get("volta").and_then(|node| node.entry("node")),
        "volta",
    );
    let runtime = root.at(&["devEngines", "runtime"]);
    let of_node = runtime
        .into_iter()
        .chain(runtime.map(Node::items).unwrap_or_default())
        .find(|node| node.get("name").and_then(Node::as_str) == Some("node"));
    push(of_node.and_then(|node| node.entry("version")), "devEngines");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    const REALISTIC: &str = r#"{
  "name": "@acme/shop",
  "version": "1.4.0",
  "main": "dist/server.js",
  "packageManager": "pnpm@9.1.0+sha256.0a1b",
  "workspaces": ["packages/*"],
  "engines": { "node": ">=20 <23", "npm": "10" },
  "volta": { "node": "20.11.1" },
  "scripts": {
    "start": "node dist/server.js",
    "worker": "node dist/worker.js",
    "dev": "nodemon src/server.ts",
    "db:migrate": "DB_PASSWORD=hunter2hunter prisma migrate deploy",
    "migration:generate": "prisma migrate dev"
  },
  "dependencies": {
    "express": "^4.18.2",
    "@acme/shared": "workspace:*"
  },
  "devDependencies": { "jest": "29.7.0" },
  "optionalDependencies": { "fsevents": "*" }
}
"#;

    #[test]
    fn a_realistic_manifest_is_read_in_full() {
        let facts = read_text(&READER, "package.json", REALISTIC);
        insta::assert_snapshot!(facts.lines().join("\n"));
        assert!(facts.lines().iter().all(|line| !line.contains("hunter2")));
        assert_eq!(facts.unread.len(), 0);
    }

    #[test]
    fn a_malformed_manifest_is_told_with_its_place() {
        let facts = read_text(
            &READER,
            "api/package.json",
            "{\n  \"name\": \"x\"\n  \"a\": 1\n}",
        );
        assert_eq!(facts.count(), 1);
        assert_eq!(facts.unread[0].at.start.line, 2);
        let facts = read_text(&READER, "package.json", r#"{"renovate": {}}"#);
        assert_eq!(facts.update_bots.len(), 1);
        let facts = read_text(
            &READER,
            "package.json",
            r#"{"dependencies": {"a": 1, "b": "2.0.0"}}"#,
        );
        assert_eq!(facts.dependencies.len(), 1);
        assert_eq!(facts.unread.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[{}\[\]":,]|"(dependencies|scripts|engines|start|node)"|: ){0,60}"#) {
            read_text(&READER, "package.json", &text);
        }
    }
}
