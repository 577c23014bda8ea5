//! YAML files, templates among them: the documents that could be read, and the texts of values.

use xii_model::Facts;

use super::skeleton;
use crate::document::{Node, without_templates, yaml};
use crate::source::Source;

/// The documents of a file, up to the first error, which is told. Template actions are taken out of
/// the way first.
pub(super) fn documents(source: &Source<'_>, facts: &mut Facts) -> Vec<Node> {
    let templated = is_templated(source.text);
    let (documents, error) = if templated {
        yaml(&without_templates(&skeleton::blanked(source.text, false)))
    } else {
        yaml(source.text)
    };
    if let Some(error) = error {
        let why = if templated {
            "the template could not be read as YAML from here on".to_owned()
        } else {
            format!("{}; the file was read up to here", error.message)
        };
        source.unread(facts, error.offset, why);
    }
    documents
}

/// The documents of a file in which `{{ … }}` is part of a value, as in pipelines.
pub(super) fn plain_documents(source: &Source<'_>, facts: &mut Facts) -> Vec<Node> {
    let (documents, error) = if source.text.contains("{%") {
        yaml(&skeleton::blanked(source.text, false))
    } else {
        yaml(source.text)
    };
    if let Some(error) = error {
        let why = format!("{}; the file was read up to here", error.message);
        source.unread(facts, error.offset, why);
    }
    documents
}

/// Whether the text holds template actions. `${{ … }}` is an expression of GitHub Actions.
pub(super) fn is_templated(text: &str) -> bool {
    text.contains("{%")
        || text
            .match_indices("{{")
            .any(|(at, _)| !text.get(..at).is_some_and(|before| before.ends_with('$')))
}

/// The text of a scalar. One that a template prints, in whole or in part, is given as it is written.
pub(super) fn text(source: &Source<'_>, node: &Node) -> Option<String> {
    let value = node.as_text()?;
    let written = source.text.get(node.span.clone()).unwrap_or_default();
    if written.contains("{{") && value.contains("__") {
        return Some(written.trim_matches(['"', '\'']).to_owned());
    }
    Some(value.into_owned())
}

/// The texts of a list of scalars, or of one scalar in its place.
pub(super) fn texts(source: &Source<'_>, node: Option<&Node>) -> Vec<String> {
    let Some(node) = node else {
        return Vec::new();
    };
    match text(source, node) {
        Some(one) => vec![one],
        None => node
            .items()
            .iter()
            .filter_map(|item| text(source, item))
            .collect(),
    }
}
