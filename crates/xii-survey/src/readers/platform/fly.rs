//! fly.toml: config, processes and checks of an app on Fly.

use xii_model::{Facts, Health, HealthKind};

use super::declared::{place, push_map, push_process};
use crate::document::{self, Node};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "fly.toml",
    recognises: |path| {
        let name = file_name(path);
        name.starts_with("fly.") && name.ends_with(".toml")
    },
    read,
};

const SOURCE: &str = "fly.toml";

fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::toml(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    push_map(root.get("env"), source, facts);
    for entry in root.get("processes").map(Node::entries).unwrap_or_default() {
        if let Some(command) = entry.value.as_str() {
            // Fly calls the process type that serves `app`.
            let name = if entry.key == "app" {
                "web"
            } else {
                &entry.key
            };
            push_process(source, facts, name, command, place(entry), SOURCE);
        }
    }
    let release = root
        .get("deploy")
        .and_then(|deploy| deploy.entry("release_command"));
    if let Some(release) = release
        && let Some(command) = release.value.as_str()
    {
        push_process(source, facts, "release", command, place(release), SOURCE);
    }
    checks(source, facts, &root);
}

/// HTTP checks keep traffic from an instance that fails them.
fn checks(source: &Source<'_>, facts: &mut Facts, root: &Node) {
    let services = root.get("services").map(Node::items).unwrap_or_default();
    let of_services = services
        .iter()
        .filter_map(|service| service.get("http_checks"))
        .chain(root.at(&["http_service", "checks"]))
        .flat_map(Node::items);
    let named = root.get("checks").map(Node::entries).unwrap_or_default();
    for check in of_services.chain(named.iter().map(|entry| &entry.value)) {
        if let Some(path) = check.entry("path")
            && let Some(text) = path.value.as_str()
        {
            let health = Health {
                path: Some(text.to_owned()),
                kind: HealthKind::Readiness,
                checks_resources: None,
                through: SOURCE.to_owned(),
            };
            facts.push(source.fact(place(path), health));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn a_manifest_is_read() {
        let text = "app = \"shop\"\n\n[env]\nPORT = \"8080\"\nAPI_TOKEN = \"hunter2\"\n\n[processes]\napp = \"node server.js\"\nworker = \"node worker.js\"\n\n[deploy]\nrelease_command = \"npm run migrate\"\n\n[http_service]\ninternal_port = 8080\n\n[[http_service.checks]]\npath = \"/ready\"\n";
        let facts = read_text(&READER, "fly.toml", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        let facts = read_text(&READER, "fly.production.toml", "[env\n");
        assert_eq!(facts.unread.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[\[\]{}=".\n]|\[env\]\nA = |\[processes\]\n){0,40}"#) {
            read_text(&READER, "fly.toml", &text);
        }
    }
}
