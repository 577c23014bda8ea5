//! xii.toml: what cannot be inferred, as far as it declares config and processes.

use xii_model::{ConfigDeclaration, DeclarationSource, Facts, ProcessType};

use super::reader::{Reader, file_name};
use super::value;
use crate::document::{self, Entry, Node};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "xii.toml",
    recognises: |path| file_name(path) == "xii.toml",
    read,
};

/// `[config.NAME]` with `required`, `secret`, `default` and `description`; `[processes]` with a
/// command for each name. Keys that are not known are the command line's to report.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::toml(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    let config = root.get("config").map(Node::entries).unwrap_or_default();
    for entry in config {
        if let Some(default) = entry.value.entry("default")
            && let Some(text) = default.value.as_text()
        {
            let name = if is_secret(entry) {
                "secret"
            } else {
                &entry.key
            };
            value::mask(source, name, &text, default.value.span.clone());
        }
    }
    for entry in config {
        let default = entry.value.get("default").and_then(Node::as_text);
        let given = default.filter(|text| !text.trim().is_empty());
        let declaration = ConfigDeclaration {
            name: entry.key.clone(),
            source: DeclarationSource::XiiToml,
            has_value: given
                .as_deref()
                .is_some_and(|text| !value::is_placeholder(text) && !value::is_reference(text)),
            value: given
                .filter(|_| !is_secret(entry))
                .and_then(|text| value::quotable(source, &entry.key, &text)),
            required: entry.value.get("required").and_then(Node::as_bool),
            comment: entry
                .value
                .get("description")
                .and_then(Node::as_str)
                .map(|text| source.redacted(text)),
        };
        facts.push(source.fact(entry.key_span.clone(), declaration));
    }
    for entry in root.get("processes").map(Node::entries).unwrap_or_default() {
        let command = entry
            .value
            .as_str()
            .or_else(|| entry.value.get("command")?.as_str());
        if let Some(command) = command.filter(|command| !command.trim().is_empty()) {
            let at = source.evidence(entry.key_span.start..entry.value.span.end);
            let process = ProcessType {
                name: entry.key.clone(),
                command: source.redacted(command),
                at: at.clone(),
                source: "xii.toml".to_owned(),
            };
            facts.push(source.fact_at(at, process));
        }
    }
}

fn is_secret(entry: &Entry) -> bool {
    entry.value.get("secret").and_then(Node::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn declarations_and_processes_are_read() {
        let text = "[config.DATABASE_URL]\nrequired = true\nsecret = true\n\n[config.PORT]\ndefault = 8080\ndescription = \"Where to listen\"\n\n[config.SIGNING]\nsecret = true\ndefault = \"hunter2\"\n\n[processes]\nweb = \"gunicorn app:app\"\nworker = { command = \"celery worker\" }\n";
        let facts = read_text(&READER, "xii.toml", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        assert!(!format!("{:?}", facts.lines()).contains("hunter2"));
        let facts = read_text(&READER, "xii.toml", "[config\n");
        assert_eq!(facts.unread.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[\[\]{}=".\n]|\[config\.A\]\n|default = |\[processes\]\n){0,40}"#) {
            read_text(&READER, "xii.toml", &text);
        }
    }
}
