//! Whether an answer fits what is declared for it.

use std::collections::HashSet;

use jsonschema::Draft;
use serde_json::Value as Json;

use super::document;
use super::operation::{Operation, Response};
use super::read::Contract;
use super::schema;
use crate::client::Answer;

/// The most faults that are told of one answer.
const MOST: usize = 10;

/// Where an answer does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Fault {
    /// `status`, `content-type`, or a place in the body as a JSON pointer after `$`.
    pub place: String,
    /// What is wrong there, without the value.
    pub why: String,
}

impl Fault {
    fn new(place: &str, why: String) -> Self {
        Fault {
            place: place.to_owned(),
            why,
        }
    }
}

impl Contract {
    /// Holds an answer against what is declared for it: its status, its media type, and its body by the schema. Formats
    /// such as `date-time` are not held against it.
    ///
    /// # Errors
    ///
    /// Why it cannot be told: a schema that is none, leads out of the document or never ends, or a body that is longer
    /// than what is kept of it.
    pub fn validate(&self, operation: &Operation, answer: &Answer) -> Result<Vec<Fault>, String> {
        let Some(response) = operation.response(answer.status) else {
            let why = format!("{} is not declared", answer.status);
            return Ok(vec![Fault::new("status", why)]);
        };
        // An answer to HEAD has no body, and neither have these.
        if operation.method == "HEAD" || matches!(answer.status, 204 | 304) {
            return Ok(Vec::new());
        }
        let kind = answer.media_type().unwrap_or_default();
        let Some(schema) = declared(response, &kind) else {
            if response.content.is_empty() {
                return Ok(Vec::new());
            }
            let kinds: Vec<&str> = response
                .content
                .iter()
                .map(|(kind, _)| kind.as_str())
                .collect();
            let why = format!("`{kind}` is not declared, but {}", kinds.join(", "));
            return Ok(vec![Fault::new("content-type", why)]);
        };
        match schema {
            Some(schema) if kind.ends_with("json") => self.body(schema, answer),
            _ => Ok(Vec::new()),
        }
    }

    /// Holds a body against a schema.
    pub(super) fn body(&self, schema: &Json, answer: &Answer) -> Result<Vec<Fault>, String> {
        if answer.truncated {
            return Err("the body is longer than what is kept of it".to_owned());
        }
        let Some(body) = answer.json() else {
            return Ok(vec![Fault::new("$", "the body is no JSON".to_owned())]);
        };
        let modern = self.is_modern();
        let schema = schema::standard(schema.clone(), !modern);
        let mut root = serde_json::Map::new();
        for key in [
            "components",
            "definitions",
            "parameters",
            "responses",
            "paths",
        ] {
            if let Some(value) = self.document.get(key) {
                root.insert(key.to_owned(), value.clone());
            }
        }
        root.insert("allOf".to_owned(), Json::Array(vec![schema]));
        let root = Json::Object(root);
        if leads_in_circles(&root) {
            return Err("the schema leads back to itself without end".to_owned());
        }
        let draft = if modern {
            Draft::Draft202012
        } else {
            Draft::Draft4
        };
        let validator = jsonschema::options()
            .with_draft(draft)
            .should_validate_formats(false)
            .build(&root)
            // What is wrong is told by its place: the document may be long.
            .map_err(|error| {
                format!(
                    "the schema cannot be used: see {}",
                    pointer(&error.instance_path().to_string())
                )
            })?;
        Ok(validator
            .iter_errors(&body)
            .take(MOST)
            .map(|error| {
                let place = pointer(&error.instance_path().to_string());
                Fault {
                    place,
                    why: crate::scenario::shortened(&error.masked_with("the value").to_string()),
                }
            })
            .collect())
    }
}

/// Whether any schema that this one can come to is endless.
fn leads_in_circles(root: &Json) -> bool {
    let mut open: Vec<&Json> = root.get("allOf").into_iter().collect();
    let mut seen = HashSet::new();
    while let Some(schema) = open.pop() {
        if !seen.insert(std::ptr::from_ref(schema)) {
            continue;
        }
        match schema {
            Json::Object(members) => {
                if let Some(to) = members.get("$ref").and_then(Json::as_str) {
                    if schema::is_endless(root, schema) {
                        return true;
                    }
                    open.extend(document::referred(root, to));
                }
                open.extend(members.values());
            }
            Json::Array(items) => open.extend(items),
            _ => {}
        }
    }
    false
}

fn pointer(path: &str) -> String {
    format!("${path}")
}

/// The schema that is declared for a media type, by its name, its range, or anything.
fn declared<'a>(response: &'a Response, kind: &str) -> Option<Option<&'a Json>> {
    let range = kind.split('/').next().unwrap_or_default();
    let range = format!("{range}/*");
    [kind, range.as_str(), "*/*"].iter().find_map(|wanted| {
        let content = response.content.iter();
        content
            .into_iter()
            .find(|(kind, _)| kind == wanted)
            .map(|(_, schema)| schema.as_ref())
    })
}
