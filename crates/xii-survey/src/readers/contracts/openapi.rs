//! OpenAPI 3 and Swagger 2 documents.

use xii_model::{Contract, Facts};

use super::document::{document, lookup, recognises};
use super::operations::{Operations, operations};
use crate::document::Node;
use crate::readers::reader::Reader;
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "OpenAPI",
    recognises,
    read,
};

/// More broken references than this are not told.
const MAX_BROKEN: usize = 10;

fn read(source: &Source<'_>, facts: &mut Facts) {
    let Some(root) = document(source, facts, &["openapi", "swagger"]) else {
        return;
    };
    let (format, entry) = match (root.entry("openapi"), root.entry("swagger")) {
        (Some(entry), _) => ("openapi", entry),
        (None, Some(entry)) => ("swagger", entry),
        (None, None) => return,
    };
    // `openapi: {…}` is the setting of a tool, and no contract.
    let Some(format_version) = entry.value.as_text().map(|version| version.into_owned()) else {
        return;
    };
    if !format_version.starts_with(|c: char| c.is_ascii_digit()) {
        return;
    }
    let found = match root.get("paths") {
        Some(paths) => operations(&root, paths),
        None => Operations::default(),
    };
    let mut faults = document_faults(&root, format, &format_version);
    faults.extend(found.faults);
    faults.extend(broken_references(&root));
    let schemes = root
        .at(&["components", "securitySchemes"])
        .or_else(|| root.get("securityDefinitions"));
    let contract = Contract {
        format,
        format_version: Some(format_version),
        version: text(&root, &["info", "version"]),
        generated: false,
        through: None,
        faults,
        operations: found.list,
        error_schema: found.error_schema,
        security_schemes: schemes.is_some_and(|schemes| !schemes.entries().is_empty()),
    };
    let span = entry.key_span.start..entry.value.span.end.max(entry.key_span.end);
    facts.push(source.fact(span, contract));
}

pub(super) fn text(node: &Node, path: &[&str]) -> Option<String> {
    let text = node.at(path)?.as_text()?;
    (!text.is_empty()).then(|| text.into_owned())
}

/// What is wrong with the document as a whole.
fn document_faults(root: &Node, format: &str, version: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for key in ["title", "version"] {
        if text(root, &["info", key]).is_none() {
            faults.push(format!("info.{key} is missing"));
        }
    }
    let known = match format {
        "swagger" => version == "2.0" || version == "2",
        _ => version.starts_with("3."),
    };
    if !known {
        faults.push(format!("{format} {version} is no version of the format"));
    }
    let without_paths = version.starts_with("3.") && !version.starts_with("3.0");
    let instead =
        without_paths && (root.get("webhooks").is_some() || root.get("components").is_some());
    if root.get("paths").is_none() && !instead {
        faults.push("paths is missing".to_owned());
    }
    faults
}

/// References within the document that lead nowhere. Examples may hold anything and are passed over.
fn broken_references(root: &Node) -> Vec<String> {
    let mut broken: Vec<String> = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if broken.len() >= MAX_BROKEN {
            break;
        }
        for entry in node.entries() {
            if entry.key == "$ref"
                && let Some(target) = entry.value.as_str()
                && target.starts_with('#')
                && lookup(root, target).is_none()
            {
                let fault = format!("the reference {target} leads nowhere");
                if !broken.contains(&fault) {
                    broken.push(fault);
                }
            }
            if !matches!(entry.key.as_str(), "example" | "examples") {
                open.push(&entry.value);
            }
        }
        open.extend(node.items());
    }
    broken.sort();
    broken
}
