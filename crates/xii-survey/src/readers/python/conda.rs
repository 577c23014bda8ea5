//! environment.yml, the manifest of conda.

use xii_model::{Dependency, DependencyGroup, Ecosystem, Facts, Manifest, Pin, RuntimeVersion};

use super::requirement::{self, normalised};
use crate::document::{self, Node};
use crate::readers::pin;
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "environment.yml",
    recognises: |path| {
        matches!(
            file_name(path).as_str(),
            "environment.yml" | "environment.yaml" | "conda.yml" | "conda.yaml"
        )
    },
    read,
};

/// Other tools use these names too, so that only a file with a list of dependencies is read.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let (documents, error) = document::yaml(source.text);
    let root = documents.first();
    let Some(list) = root.and_then(|root| root.get("dependencies")) else {
        return;
    };
    if let Some(error) = error {
        source.unread(facts, error.offset, error.message);
    }
    facts.push(
        source.fact_of_file(Manifest {
            ecosystem: Ecosystem::Python,
            format: "environment.yml",
            name: root
                .and_then(|root| root.get("name")?.as_str())
                .map(str::to_owned),
            version: None,
            workspaces: Vec::new(),
            entry: None,
            tool: Some("conda".to_owned()),
            complete: true,
        }),
    );
    for item in list.items() {
        if let Some(text) = item.as_str() {
            push_conda(source, facts, item, text);
        }
        for line in item.get("pip").map(Node::items).unwrap_or_default() {
            if let Some(one) = line.as_str().and_then(requirement::parse) {
                let what = one.dependency(source, DependencyGroup::Run);
                facts.push(source.fact(line.span.clone(), what));
            }
        }
    }
}

/// `channel::name=1.2=build`, `name>=1`, `name`.
fn push_conda(source: &Source<'_>, facts: &mut Facts, item: &Node, text: &str) {
    let text = text.rsplit("::").next().unwrap_or(text).trim();
    let end = text
        .find(['=', '<', '>', '!', '~', ' '])
        .unwrap_or(text.len());
    let (name, wanted) = text.split_at(end);
    let wanted = wanted.trim();
    let pin = conda_pin(wanted);
    if name == "python" {
        let runtime = RuntimeVersion {
            language: "python".to_owned(),
            requirement: wanted.to_owned(),
            source: "environment.yml",
            pin,
        };
        facts.push(source.fact(item.span.clone(), runtime));
    } else if !name.is_empty() && name != "pip" {
        let dependency = Dependency {
            ecosystem: Ecosystem::Python,
            name: normalised(name),
            requirement: wanted.to_owned(),
            group: DependencyGroup::Run,
            pin,
        };
        facts.push(source.fact(item.span.clone(), dependency));
    }
}

/// A single `=` takes any version that starts so; with a build behind it, or doubled, it is exact.
fn conda_pin(wanted: &str) -> Pin {
    if let Some(version) = wanted.strip_prefix("==") {
        return pin::python(&format!("=={version}"));
    }
    if let Some(version) = wanted.strip_prefix('=') {
        return match pin::version(version.split('=').next().unwrap_or(version)) {
            Pin::Range if version.contains('=') => Pin::Exact,
            other => other,
        };
    }
    pin::python(wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn an_environment_is_read() {
        let text = "name: shop\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - conda-forge::numpy=1.26.4=py311\n  - pandas>=2\n  - pip\n  - pip:\n      - Django==4.2.1\n";
        let facts = read_text(&READER, "environment.yml", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        let facts = read_text(&READER, "environment.yml", "production:\n  host: x\n");
        assert_eq!(facts.count(), 0);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|dependencies:\n|  - |[=<>:\n]){0,40}"#) {
            read_text(&READER, "environment.yml", &text);
        }
    }
}
