//! heroku.yml: images, processes, config and add-ons of a Heroku app.

use xii_model::Facts;

use super::declared::{place, push_addon, push_map, push_process};
use crate::document::{self, Node};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "heroku.yml",
    recognises: |path| file_name(path) == "heroku.yml",
    read,
};

const SOURCE: &str = "heroku.yml";

fn read(source: &Source<'_>, facts: &mut Facts) {
    let (documents, error) = document::yaml(source.text);
    if let Some(error) = error {
        source.unread(facts, error.offset, error.message);
    }
    let Some(root) = documents.first() else {
        return;
    };
    push_map(root.at(&["setup", "config"]), source, facts);
    for addon in root
        .at(&["setup", "addons"])
        .map(Node::items)
        .unwrap_or_default()
    {
        push_addon(source, facts, addon, None, SOURCE);
    }
    for entry in root.get("run").map(Node::entries).unwrap_or_default() {
        if let Some(command) = command(&entry.value) {
            push_process(source, facts, &entry.key, &command, place(entry), SOURCE);
        }
    }
    if let Some(release) = root.entry("release")
        && let Some(command) = command(&release.value)
    {
        push_process(source, facts, "release", &command, place(release), SOURCE);
    }
}

/// A command as text, as a list of commands, or under `command`.
fn command(node: &Node) -> Option<String> {
    let node = node.get("command").unwrap_or(node);
    if let Some(text) = node.as_str() {
        return Some(text.to_owned());
    }
    let parts: Vec<&str> = node.items().iter().filter_map(Node::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(" && "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn a_manifest_is_read() {
        let text = "setup:\n  addons:\n    - plan: heroku-postgresql\n      as: DATABASE\n  config:\n    LOG_LEVEL: info\nbuild:\n  docker:\n    web: Dockerfile\nrun:\n  web: gunicorn app:app\n  worker:\n    command:\n      - celery worker\n    image: web\nrelease:\n  image: web\n  command:\n    - python manage.py migrate\n";
        let facts = read_text(&READER, "heroku.yml", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        let facts = read_text(&READER, "heroku.yml", "run: [\n");
        assert_eq!(facts.unread.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|run:\n  |setup:\n  |web: |\n    - ){0,40}"#) {
            read_text(&READER, "heroku.yml", &text);
        }
    }
}
