//! The operations of an OpenAPI document, and what is wrong with each.

use std::collections::HashMap;

use super::document::resolved;
use crate::document::{Entry, Node};

/// Methods that a path may have.
const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];
/// More operations than this are not looked at.
const MAX_OPERATIONS: usize = 5000;
/// More faults than this are not told.
const MAX_FAULTS: usize = 20;

/// What the paths of a document say.
#[derive(Default)]
pub(super) struct Operations {
    /// Method, path, and whether a security requirement stands before it.
    pub(super) list: Vec<(String, String, bool)>,
    pub(super) faults: Vec<String>,
    /// The shape of errors, if one is described.
    pub(super) error_schema: Option<String>,
}

impl Operations {
    fn fault(&mut self, fault: String) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        }
    }
}

/// Reads every operation below `paths`.
pub(super) fn operations(root: &Node, paths: &Node) -> Operations {
    let mut found = Operations::default();
    let mut ids: HashMap<&str, String> = HashMap::new();
    let everywhere = root.get("security");
    for path in paths.entries() {
        if path.key.starts_with("x-") {
            continue;
        }
        if !path.key.starts_with('/') {
            found.fault(format!("the path {} does not start with a slash", path.key));
        }
        let item = resolved(root, &path.value);
        for operation in item.entries() {
            let method = operation.key.as_str();
            if !METHODS.contains(&method) || found.list.len() >= MAX_OPERATIONS {
                continue;
            }
            let place = format!("{} {}", method.to_ascii_uppercase(), path.key);
            responses(root, &operation.value, &place, &mut found);
            parameters(root, item, operation, path, &place, &mut found);
            if let Some(id) = operation.value.get("operationId").and_then(Node::as_str) {
                if let Some(other) = ids.get(id) {
                    let fault = format!("{place} has the operationId of {other}");
                    found.fault(fault);
                } else {
                    ids.insert(id, place.clone());
                }
            }
            let security = operation.value.get("security").or(everywhere);
            let protected = security.is_some_and(|list| {
                !list.items().is_empty() && list.items().iter().all(|one| !one.entries().is_empty())
            });
            let path = path.key.clone();
            found
                .list
                .push((method.to_ascii_uppercase(), path, protected));
        }
    }
    found
}

/// Every operation has responses; those that are errors may have a schema.
fn responses(root: &Node, operation: &Node, place: &str, found: &mut Operations) {
    let responses = operation
        .get("responses")
        .map(Node::entries)
        .unwrap_or_default();
    if responses.is_empty() {
        found.fault(format!("{place} describes no response"));
    }
    for response in responses {
        let is_error = response.key == "default" || response.key.starts_with(['4', '5']);
        if is_error && found.error_schema.as_deref() != Some("problem+json") {
            let schema = error_schema(root, resolved(root, &response.value));
            if schema.as_deref() == Some("problem+json") || found.error_schema.is_none() {
                found.error_schema = schema;
            }
        }
    }
}

/// The shape that a response gives to an error: `problem+json`, the name of a schema, or a schema in
/// place.
fn error_schema(root: &Node, response: &Node) -> Option<String> {
    let content = response
        .get("content")
        .map(Node::entries)
        .unwrap_or_default();
    if content
        .iter()
        .any(|media| media.key.contains("problem+json"))
    {
        return Some("problem+json".to_owned());
    }
    let schema = content
        .iter()
        .find_map(|media| resolved(root, &media.value).get("schema"))
        .or_else(|| response.get("schema"))?;
    let name = schema.get("$ref").and_then(Node::as_str);
    let name = name.and_then(|target| target.rsplit('/').next());
    Some(name.unwrap_or("a schema in place").to_owned())
}

/// Every `{name}` of a path is a parameter of the operation or the path, and required.
fn parameters(
    root: &Node,
    item: &Node,
    operation: &Entry,
    path: &Entry,
    place: &str,
    found: &mut Operations,
) {
    let lists = [operation.value.get("parameters"), item.get("parameters")];
    let mut declared = Vec::new();
    for parameter in lists.into_iter().flatten().flat_map(Node::items) {
        // A parameter of another file may be the one that is looked for.
        let elsewhere = parameter.get("$ref").and_then(Node::as_str);
        if elsewhere.is_some_and(|target| !target.starts_with('#')) {
            return;
        }
        let parameter = resolved(root, parameter);
        if parameter.get("in").and_then(Node::as_str) == Some("path")
            && let Some(name) = parameter.get("name").and_then(Node::as_str)
        {
            declared.push(name);
            if parameter.get("required").and_then(Node::as_bool) != Some(true) {
                found.fault(format!(
                    "{place} has the path parameter {name} without `required: true`"
                ));
            }
        }
    }
    for name in placeholders(&path.key) {
        if !declared.contains(&name) {
            found.fault(format!(
                "{place} does not declare its path parameter {name}"
            ));
        }
    }
    for name in declared {
        if !placeholders(&path.key).any(|one| one == name) {
            found.fault(format!(
                "{place} declares the path parameter {name}, which its path does not have"
            ));
        }
    }
}

/// The names in braces of a path.
fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}
