//! Pipfile, Pipenv's manifest.

use xii_model::{DependencyGroup, Ecosystem, Facts, Manifest, Script};

use super::poetry::read_table;
use super::pyproject::{entries, push_runtime};
use crate::document;
use crate::readers::reader::{Reader, file_name};
use crate::readers::value;
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Pipfile",
    recognises: |path| file_name(path) == "pipfile",
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::toml(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    facts.push(source.fact_of_file(Manifest {
        ecosystem: Ecosystem::Python,
        format: "Pipfile",
        name: None,
        version: None,
        workspaces: Vec::new(),
        entry: None,
        tool: Some("pipenv".to_owned()),
        complete: true,
    }));
    for index in root
        .get("source")
        .map(document::Node::items)
        .unwrap_or_default()
    {
        if let Some(address) = index.get("url")
            && let Some(text) = address.as_str()
            && let Some(secret) = value::secret("url", text)
        {
            value::mask(source, "url", text, address.span.clone());
            facts.push(source.fact(address.span.clone(), secret));
        }
    }
    read_table(
        source,
        facts,
        entries(&root, &["packages"]),
        DependencyGroup::Run,
    );
    read_table(
        source,
        facts,
        entries(&root, &["dev-packages"]),
        DependencyGroup::Development,
    );
    for key in ["python_full_version", "python_version"] {
        if let Some(entry) = root.get("requires").and_then(|table| table.entry(key)) {
            push_runtime(source, facts, entry, "Pipfile");
            break;
        }
    }
    for entry in entries(&root, &["scripts"]) {
        if let Some(command) = entry.value.as_str() {
            let script = Script {
                name: entry.key.clone(),
                command: source.redacted(command),
                source: "Pipfile",
            };
            facts.push(source.fact(entry.key_span.start..entry.value.span.end, script));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn a_realistic_pipfile_is_read() {
        let text = "[[source]]\nurl = \"https://ci:hunter2@pypi.acme.io/simple\"\n\n[packages]\nFlask = \"*\"\ngunicorn = \"==21.2.0\"\nfork = {ref = \"main\", git = \"https://github.com/o/fork\"}\n\n[dev-packages]\npytest = \"~=8.0\"\n\n[requires]\npython_version = \"3.11\"\n\n[scripts]\nserve = \"gunicorn app:app\"\n";
        let facts = read_text(&READER, "Pipfile", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
    }

    #[test]
    fn a_malformed_pipfile_is_told() {
        let facts = read_text(&READER, "Pipfile", "[packages\n");
        assert_eq!((facts.count(), facts.unread.len()), (1, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[\[\]{}=".,\n]|\[packages\]\n|\[requires\]\n|a = ){0,60}"#) {
            read_text(&READER, "Pipfile", &text);
        }
    }
}
