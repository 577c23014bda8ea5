//! AsyncAPI documents.

use xii_model::{Contract, Facts};

use super::document::{document, recognises, resolved};
use super::openapi::text;
use crate::document::Node;
use crate::readers::reader::Reader;
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "AsyncAPI",
    recognises,
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    let Some(root) = document(source, facts, &["asyncapi"]) else {
        return;
    };
    let Some(entry) = root.entry("asyncapi") else {
        return;
    };
    let Some(format_version) = text(&root, &["asyncapi"]) else {
        return;
    };
    let mut faults = Vec::new();
    for key in ["title", "version"] {
        if text(&root, &["info", key]).is_none() {
            faults.push(format!("info.{key} is missing"));
        }
    }
    if root.get("channels").is_none() {
        faults.push("channels is missing".to_owned());
    }
    let schemes = root.at(&["components", "securitySchemes"]);
    let contract = Contract {
        format: "asyncapi",
        format_version: Some(format_version),
        version: text(&root, &["info", "version"]),
        generated: false,
        through: None,
        faults,
        operations: operations(&root),
        error_schema: None,
        security_schemes: schemes.is_some_and(|schemes| !schemes.entries().is_empty()),
    };
    let span = entry.key_span.start..entry.value.span.end.max(entry.key_span.end);
    facts.push(source.fact(span, contract));
}

/// `publish` and `subscribe` of channels (version 2), or the operations apart from them (version 3).
fn operations(root: &Node) -> Vec<(String, String, bool)> {
    let protected = |node: &Node| {
        let list = node.get("security").map(Node::items).unwrap_or_default();
        !list.is_empty()
    };
    let mut found = Vec::new();
    for channel in root.get("channels").map(Node::entries).unwrap_or_default() {
        let item = resolved(root, &channel.value);
        for action in ["publish", "subscribe"] {
            if let Some(operation) = item.get(action) {
                found.push((action.to_owned(), channel.key.clone(), protected(operation)));
            }
        }
    }
    for operation in root
        .get("operations")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let node = &operation.value;
        let action = text(node, &["action"]).unwrap_or_default();
        let channel = text(node, &["channel", "$ref"]).unwrap_or_default();
        let channel = channel.rsplit('/').next().unwrap_or_default().to_owned();
        found.push((action, channel, protected(node)));
    }
    found
}
