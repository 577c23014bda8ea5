//! render.yaml: services, databases and variable groups of a Render blueprint.

use std::sync::Arc;

use xii_model::{
    AdminTask, AttachedResource, DeclarationSource, Facts, Health, HealthKind, ResourceKind,
};

use super::declared::{Variable, place, push_process};
use crate::document::{self, Node};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "render.yaml",
    recognises: |path| matches!(file_name(path).as_str(), "render.yaml" | "render.yml"),
    read,
};

const SOURCE: &str = "render.yaml";

fn read(source: &Source<'_>, facts: &mut Facts) {
    let (documents, error) = document::yaml(source.text);
    if let Some(error) = error {
        source.unread(facts, error.offset, error.message);
    }
    let Some(root) = documents.first() else {
        return;
    };
    let services = root.get("services").map(Node::items).unwrap_or_default();
    let groups = root
        .get("envVarGroups")
        .map(Node::items)
        .unwrap_or_default();
    for owner in services.iter().chain(groups) {
        variables(owner).iter().for_each(|one| one.mask(source));
    }
    for node in services {
        let mut own = Facts::default();
        service(source, &mut own, node);
        facts.append(own_root(source, node, own));
    }
    for group in groups {
        for variable in variables(group) {
            variable.push(source, facts, DeclarationSource::Platform);
        }
    }
    for database in root.get("databases").map(Node::items).unwrap_or_default() {
        let text = |key: &str| database.get(key).and_then(Node::as_text);
        let resource = AttachedResource {
            kind: ResourceKind::Postgres,
            version: text("postgresMajorVersion").map(|version| version.into_owned()),
            deploy: None,
            source: SOURCE,
            name: text("name").unwrap_or_default().into_owned(),
        };
        facts.push(source.fact(database.span.clone(), resource));
    }
}

/// Says which app the facts of a service belong to, when it names a folder for its source.
fn own_root(source: &Source<'_>, service: &Node, facts: Facts) -> Facts {
    let Some(folder) = service.get("rootDir").and_then(Node::as_str) else {
        return facts;
    };
    let folder = folder.trim_start_matches("./").trim_matches('/');
    if folder.is_empty() || folder == "." || folder.split('/').any(|part| part == "..") {
        return facts;
    }
    let root: Arc<str> = match source.folder() {
        "" => folder.into(),
        base => format!("{base}/{folder}").into(),
    };
    let mut facts = facts;
    macro_rules! belong {
        ($($list:ident),*) => {
            $(for fact in &mut facts.$list {
                fact.belongs = Some(Arc::clone(&root));
            })*
        };
    }
    belong!(
        declarations,
        process_types,
        secrets,
        health,
        admin_tasks,
        attached_resources
    );
    facts
}

fn service(source: &Source<'_>, facts: &mut Facts, node: &Node) {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    let kind = text("type").unwrap_or_default();
    let name = text("name").unwrap_or(kind);
    let resource = match kind {
        "redis" | "keyvalue" => Some(ResourceKind::Redis),
        _ => None,
    };
    if let Some(kind) = resource {
        let resource = AttachedResource {
            kind,
            version: None,
            deploy: None,
            source: SOURCE,
            name: name.to_owned(),
        };
        facts.push(source.fact(node.span.clone(), resource));
        return;
    }
    for variable in variables(node) {
        variable.push(source, facts, DeclarationSource::Platform);
    }
    let process = match kind {
        "web" | "pserv" => "web",
        "worker" => "worker",
        _ => name,
    };
    let command = node
        .entry("startCommand")
        .or_else(|| node.entry("dockerCommand"));
    if let Some(entry) = command
        && let Some(command) = entry.value.as_str()
    {
        if kind == "cron" {
            let task = AdminTask {
                name: name.to_owned(),
                command: Some(source.redacted(command)),
                kind: "scheduled",
                source: SOURCE,
            };
            facts.push(source.fact(place(entry), task));
        } else {
            push_process(source, facts, process, command, place(entry), SOURCE);
        }
    }
    if let Some(entry) = node.entry("preDeployCommand")
        && let Some(command) = entry.value.as_str()
    {
        push_process(source, facts, "release", command, place(entry), SOURCE);
    }
    if let Some(entry) = node.entry("healthCheckPath")
        && let Some(path) = entry.value.as_str()
    {
        let health = Health {
            path: Some(path.to_owned()),
            kind: HealthKind::Both,
            checks_resources: None,
            through: SOURCE.to_owned(),
        };
        facts.push(source.fact(place(entry), health));
    }
}

/// `envVars` of a service or a group: `{key, value}`, or a key whose value is taken from elsewhere.
fn variables(owner: &Node) -> Vec<Variable<'_>> {
    let list = owner.get("envVars").map(Node::items).unwrap_or_default();
    list.iter()
        .filter_map(|item| {
            let value = item.get("value");
            Some(Variable {
                name: item.get("key")?.as_str()?,
                value: value
                    .and_then(|value| Some((value.as_text()?.into_owned(), value.span.clone()))),
                required: None,
                comment: None,
                place: item.span.clone(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn a_blueprint_is_read() {
        let text = "services:\n  - type: web\n    name: shop\n    rootDir: api\n    startCommand: gunicorn app:app\n    preDeployCommand: python manage.py migrate\n    healthCheckPath: /health\n    envVars:\n      - key: DATABASE_URL\n        fromDatabase: {name: main, property: connectionString}\n      - key: API_KEY\n        value: hunter2\n  - type: cron\n    name: nightly\n    schedule: '0 3 * * *'\n    startCommand: python clean.py\n  - type: redis\n    name: cache\ndatabases:\n  - name: main\n    postgresMajorVersion: 15\n";
        let facts = read_text(&READER, "render.yaml", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        assert_eq!(facts.process_types[0].belongs.as_deref(), Some("api"));
        assert!(
            facts
                .secrets
                .iter()
                .all(|one| !one.at.excerpt.contains("hunter2"))
        );
        let facts = read_text(&READER, "render.yaml", "services: [\n");
        assert_eq!(facts.unread.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|services:\n  - |envVars:\n|key: |value: |[{}\n]){0,40}"#) {
            read_text(&READER, "render.yaml", &text);
        }
    }
}
