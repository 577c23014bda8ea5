//! pnpm-workspace.yaml: the members of a workspace.

use xii_model::{Ecosystem, Facts, Manifest};

use crate::document::{self, Node};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "pnpm-workspace.yaml",
    recognises: |path| {
        matches!(
            file_name(path).as_str(),
            "pnpm-workspace.yaml" | "pnpm-workspace.yml"
        )
    },
    read,
};

/// pnpm keeps settings in this file too, so that only one with members is a manifest.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let (documents, error) = document::yaml(source.text);
    if let Some(error) = error {
        source.unread(facts, error.offset, error.message);
    }
    let Some(members) = documents.first().and_then(|root| root.entry("packages")) else {
        return;
    };
    let workspaces: Vec<String> = members
        .value
        .items()
        .iter()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect();
    if workspaces.is_empty() {
        return;
    }
    let last = members
        .value
        .items()
        .last()
        .map_or(&members.value, |item: &Node| item);
    let manifest = Manifest {
        ecosystem: Ecosystem::Npm,
        format: "pnpm-workspace.yaml",
        name: None,
        version: None,
        workspaces,
        entry: None,
        tool: Some("pnpm".to_owned()),
        complete: true,
    };
    facts.push(source.fact(members.key_span.start..last.span.end, manifest));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn members_are_read() {
        let facts = read_text(
            &READER,
            "pnpm-workspace.yaml",
            "packages:\n  - apps/*\n  - '!apps/old'\n",
        );
        assert_eq!(facts.manifests[0].workspaces, ["apps/*", "!apps/old"]);
        assert_eq!(facts.manifests[0].at.start.line, 1);
        let facts = read_text(
            &READER,
            "pnpm-workspace.yaml",
            "onlyBuiltDependencies: [x]\n",
        );
        assert_eq!(facts.count(), 0);
        let facts = read_text(&READER, "pnpm-workspace.yaml", "packages: [\n");
        assert_eq!(facts.unread.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|packages:|\n  - ){0,40}"#) {
            read_text(&READER, "pnpm-workspace.yaml", &text);
        }
    }
}
