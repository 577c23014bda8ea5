//! Dependabot, Renovate and Snyk: bots that keep dependencies up to date.

use xii_model::{Facts, UpdateBot};

use super::reader::{Reader, file_name};
use crate::document::{self, Node};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "update bots",
    recognises: |path| bot(path).is_some(),
    read,
};

fn bot(path: &str) -> Option<&'static str> {
    let name = file_name(path);
    let lower = path.to_ascii_lowercase();
    match name.as_str() {
        "dependabot.yml" | "dependabot.yaml" if lower.contains(".github/") => Some("Dependabot"),
        "renovate.json" | "renovate.json5" | ".renovaterc" | ".renovaterc.json"
        | ".renovaterc.json5" => Some("Renovate"),
        ".snyk" => Some("Snyk"),
        ".pyup.yml" => Some("PyUp"),
        _ => None,
    }
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let Some(name) = bot(source.path) else {
        return;
    };
    let ecosystems = match name {
        "Dependabot" => dependabot(source, facts),
        "Renovate" => renovate(source),
        _ => Some(Vec::new()),
    };
    if let Some(ecosystems) = ecosystems {
        facts.push(source.fact_of_file(UpdateBot { name, ecosystems }));
    }
}

/// The ecosystems of its updates; `None` when there are none.
fn dependabot(source: &Source<'_>, facts: &mut Facts) -> Option<Vec<String>> {
    let (documents, error) = document::yaml(source.text);
    if let Some(error) = error {
        source.unread(facts, error.offset, error.message);
    }
    let updates = documents.first()?.get("updates")?.items();
    let mut ecosystems: Vec<String> = updates
        .iter()
        .filter_map(|update| update.get("package-ecosystem")?.as_str().map(str::to_owned))
        .collect();
    ecosystems.sort();
    ecosystems.dedup();
    (!updates.is_empty()).then_some(ecosystems)
}

/// The managers it is limited to; `None` when it is switched off. JSON5 that is no JSON still shows
/// that the bot is in use.
fn renovate(source: &Source<'_>) -> Option<Vec<String>> {
    let Ok(root) = document::json(source.text) else {
        return Some(Vec::new());
    };
    if root.get("enabled").and_then(Node::as_bool) == Some(false) {
        return None;
    }
    let managers = root.get("enabledManagers").map(Node::items);
    Some(
        managers
            .unwrap_or_default()
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn bots_are_told_with_their_ecosystems() {
        let facts = read_text(
            &READER,
            ".github/dependabot.yml",
            "version: 2\nupdates:\n  - package-ecosystem: pip\n    directory: /\n  - package-ecosystem: npm\n    directory: /web\n",
        );
        assert_eq!(facts.update_bots[0].name, "Dependabot");
        assert_eq!(facts.update_bots[0].ecosystems, ["npm", "pip"]);
        let facts = read_text(&READER, "renovate.json", r#"{"extends": ["config:base"]}"#);
        assert_eq!(facts.update_bots[0].name, "Renovate");
        let facts = read_text(&READER, "renovate.json", r#"{"enabled": false}"#);
        assert!(facts.update_bots.is_empty());
        let facts = read_text(&READER, ".github/dependabot.yml", "updates: [\n");
        assert_eq!((facts.update_bots.len(), facts.unread.len()), (0, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[{}\[\]":,\n]|updates:\n  - ){0,40}"#) {
            for path in [".github/dependabot.yml", "renovate.json", ".snyk"] {
                read_text(&READER, path, &text);
            }
        }
    }
}
