//! app.json, Heroku's manifest for review apps and its button.

use xii_model::{AdminTask, DeclarationSource, Facts};

use super::declared::{Variable, place, push_addon};
use crate::document::{self, Entry, Node};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "app.json",
    recognises: |path| file_name(path) == "app.json",
    read,
};

/// Expo and React Native keep other things in a file of this name.
fn is_heroku(root: &Node) -> bool {
    root.get("expo").is_none()
        && [
            "env",
            "addons",
            "buildpacks",
            "formation",
            "scripts",
            "environments",
            "stack",
        ]
        .iter()
        .any(|key| root.get(key).is_some())
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::json(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    if !is_heroku(&root) {
        return;
    }
    let entries: &[Entry] = root.get("env").map(Node::entries).unwrap_or_default();
    let variables: Vec<Variable<'_>> = entries.iter().map(variable).collect();
    variables.iter().for_each(|one| one.mask(source));
    for variable in variables {
        variable.push(source, facts, DeclarationSource::AppJson);
    }
    for addon in root.get("addons").map(Node::items).unwrap_or_default() {
        push_addon(source, facts, addon, None, "app.json");
    }
    for environment in root
        .get("environments")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let addons = environment.value.get("addons").map(Node::items);
        for addon in addons.unwrap_or_default() {
            push_addon(source, facts, addon, Some(&environment.key), "app.json");
        }
    }
    for script in root.get("scripts").map(Node::entries).unwrap_or_default() {
        task(source, facts, script);
    }
}

/// `NAME: "value"` or `NAME: {description, value, required, generator}`; a variable is required
/// unless it says otherwise.
fn variable(entry: &Entry) -> Variable<'_> {
    let node = &entry.value;
    let value = node.get("value").unwrap_or(node);
    let required = node.get("required").and_then(Node::as_bool);
    Variable {
        name: &entry.key,
        value: value
            .as_text()
            .map(|text| (text.into_owned(), value.span.clone())),
        required: Some(required.unwrap_or(true)),
        comment: node
            .get("description")
            .and_then(Node::as_str)
            .map(str::to_owned),
        place: place(entry),
    }
}

/// `postdeploy` runs once, after an app's first deploy; `test` belongs to the pipeline.
fn task(source: &Source<'_>, facts: &mut Facts, script: &Entry) {
    let command = script
        .value
        .as_str()
        .or_else(|| script.value.get("command")?.as_str());
    let (Some(command), "postdeploy" | "pr-predestroy") = (command, script.key.as_str()) else {
        return;
    };
    let task = AdminTask {
        name: script.key.clone(),
        command: Some(source.redacted(command)),
        kind: if command.contains("migrat") || command.contains("db upgrade") {
            "migration"
        } else if command.contains("seed") {
            "seed"
        } else {
            "script"
        },
        source: "app.json",
    };
    facts.push(source.fact(place(script), task));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn a_manifest_of_heroku_is_read() {
        let text = r#"{
  "name": "shop",
  "env": {
    "SECRET_KEY": { "description": "Signs sessions", "generator": "secret" },
    "LOG_LEVEL": "info",
    "SMTP_URL": { "required": false },
    "ADMIN_PASSWORD": "hunter2"
  },
  "addons": ["heroku-postgresql:mini", { "plan": "heroku-redis:mini", "as": "CACHE" }],
  "environments": { "test": { "addons": ["heroku-postgresql:in-dyno"] } },
  "scripts": { "postdeploy": "python manage.py migrate" }
}"#;
        let facts = read_text(&READER, "app.json", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        assert!(
            facts
                .secrets
                .iter()
                .all(|one| !one.at.excerpt.contains("hunter2"))
        );
    }

    #[test]
    fn other_files_of_this_name_give_nothing() {
        let facts = read_text(&READER, "app.json", r#"{"expo": {"name": "x"}}"#);
        assert_eq!(facts.count(), 0);
        let facts = read_text(&READER, "app.json", r#"{"env": {"A": }"#);
        assert_eq!((facts.count(), facts.unread.len()), (1, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[{}\[\]":,]|"env": \{|"addons": \["|"scripts"){0,60}"#) {
            read_text(&READER, "app.json", &text);
        }
    }
}
