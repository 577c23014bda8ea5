//! A contract as it is written, read.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use super::document::{parsed, resolved};
use super::operation::{Alternative, Body, Operation, Parameter, Place, Response, Scheme};
use super::sample::Sampler;
use super::schema;

/// The most operations that are read.
const MOST: usize = 5000;
/// The methods that a path may have.
const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// What an app says of its API, in OpenAPI 3.0, 3.1 or 3.2, or in Swagger 2.0.
#[derive(Clone, Debug)]
pub struct Contract {
    /// `openapi` or `swagger`.
    pub format: &'static str,
    /// The version of the format: `3.1.0`.
    pub format_version: String,
    /// `info.title`.
    pub title: Option<String>,
    /// `info.version`: the version of the API.
    pub version: Option<String>,
    /// How one shows who one is.
    pub schemes: Vec<Scheme>,
    operations: Vec<Operation>,
    /// The document with its schemas as JSON Schema.
    pub(super) document: Rc<Json>,
}

impl Contract {
    /// Reads a document in JSON or YAML.
    ///
    /// # Errors
    ///
    /// It is neither, or no description of an API, in a sentence that does not quote it.
    pub fn read(text: &str) -> Result<Contract, String> {
        let document = parsed(text)?;
        let version = |key: &str| match document.get(key) {
            Some(Json::String(version)) => Some(version.clone()),
            // `swagger: 2.0` without quotes.
            Some(Json::Number(version)) => Some(version.to_string()),
            _ => None,
        };
        let (format, format_version) = match (version("openapi"), version("swagger")) {
            (Some(version), _) if version.starts_with('3') => ("openapi", version),
            (None, Some(version)) if version.starts_with('2') => ("swagger", version),
            (Some(version), _) | (None, Some(version)) => {
                return Err(format!("version {version:.20} of the format is not known"));
            }
            (None, None) => {
                return Err(
                    "the document describes no API: it has neither `openapi` nor `swagger`"
                        .to_owned(),
                );
            }
        };
        let info = |key: &str| Some(document.get("info")?.get(key)?.as_str()?.to_owned());
        let mut contract = Contract {
            format,
            format_version,
            title: info("title"),
            version: info("version"),
            schemes: schemes(&document),
            operations: Vec::new(),
            document: Rc::new(Json::Null),
        };
        contract.operations = operations(&document, format);
        let old = format == "swagger" || contract.format_version.starts_with("3.0");
        contract.document = Rc::new(schema::standard(document, old));
        Ok(contract)
    }

    /// The operations, in the order of the document.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation that a request belongs to. A path with fewer parameters outranks one with more.
    pub fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let fits = |operation: &&Operation| {
            operation.method.eq_ignore_ascii_case(method) && matches(&operation.path, path)
        };
        let found = self.operations.iter().filter(fits);
        found.min_by_key(|operation| operation.path.matches('{').count())
    }

    /// Whether its schemas are those of OpenAPI 3.1 and later.
    pub(super) fn is_modern(&self) -> bool {
        self.format == "openapi" && !self.format_version.starts_with("3.0")
    }
}

/// Whether a path fits a template, part for part.
fn matches(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for wanted in template.split('/') {
        match parts.next() {
            Some(part) if wanted.contains('{') && !part.is_empty() => {}
            Some(part) if part == wanted => {}
            _ => return false,
        }
    }
    parts.next().is_none()
}

fn list<'a>(value: &'a Json, key: &str) -> &'a [Json] {
    value
        .get(key)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}

fn members<'a>(value: &'a Json, key: &str) -> impl Iterator<Item = (&'a String, &'a Json)> {
    value
        .get(key)
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
}

fn text(value: &Json, key: &str) -> Option<String> {
    Some(value.get(key)?.as_str()?.to_owned())
}

/// The path before all paths: of the first server, or Swagger's `basePath`.
fn base(document: &Json) -> String {
    let url = match list(document, "servers").first() {
        Some(server) => {
            let mut url = text(server, "url").unwrap_or_default();
            for (name, variable) in members(server, "variables") {
                let default = text(variable, "default").unwrap_or_default();
                url = url.replace(&format!("{{{name}}}"), &default);
            }
            url
        }
        None => text(document, "basePath").unwrap_or_default(),
    };
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url.as_str(),
    };
    let path = path.trim_end_matches('/');
    if path.is_empty() || path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{}", path.trim_start_matches("./"))
    }
}

fn operations(document: &Json, format: &str) -> Vec<Operation> {
    let base = base(document);
    let sampler = Sampler::new(document);
    let mut operations = Vec::new();
    for (path, item) in members(document, "paths") {
        let Some(item) = resolved(document, item) else {
            continue;
        };
        for method in METHODS {
            let Some(operation) = item.get(*method).filter(|_| operations.len() < MOST) else {
                continue;
            };
            let mut read = Operation {
                method: method.to_ascii_uppercase(),
                path: format!("{base}{path}"),
                id: text(operation, "operationId"),
                parameters: Vec::new(),
                body: None,
                security: security(document, operation),
                responses: responses(document, operation, format),
            };
            // Those of the path come first, and those of the operation replace them.
            for parameter in list(item, "parameters")
                .iter()
                .chain(list(operation, "parameters"))
            {
                if let Some(parameter) = resolved(document, parameter) {
                    take(&mut read, parameter, operation, document, &sampler);
                }
            }
            if let Some(body) = operation
                .get("requestBody")
                .and_then(|body| resolved(document, body))
            {
                read.body = request_body(body, &sampler);
            }
            operations.push(read);
        }
    }
    operations
}

/// Takes a parameter; Swagger's bodies and forms are parameters too.
fn take(
    read: &mut Operation,
    parameter: &Json,
    operation: &Json,
    document: &Json,
    sampler: &Sampler<'_>,
) {
    let Some(name) = text(parameter, "name") else {
        return;
    };
    let required = parameter
        .get("required")
        .and_then(Json::as_bool)
        .unwrap_or(false);
    let place = match parameter.get("in").and_then(Json::as_str) {
        Some("path") => Place::Path,
        Some("query") => Place::Query,
        Some("header") => Place::Header,
        Some("cookie") => Place::Cookie,
        Some("body") => {
            read.body = Some(Body {
                media_type: first_text(operation, document, "consumes")
                    .unwrap_or_else(|| "application/json".to_owned()),
                required,
                value: parameter
                    .get("schema")
                    .and_then(|schema| sampler.sample(schema)),
            });
            return;
        }
        Some("formData") => {
            let body = read.body.get_or_insert_with(|| Body {
                media_type: "application/x-www-form-urlencoded".to_owned(),
                required: false,
                value: Some(Json::Object(serde_json::Map::new())),
            });
            body.required |= required;
            let sample = sampler.sample(parameter);
            match (&mut body.value, sample) {
                (Some(Json::Object(members)), Some(sample)) if required => {
                    members.insert(name, sample);
                }
                (value, None) if required => *value = None,
                _ => {}
            }
            return;
        }
        _ => return,
    };
    let value = sampler.parameter(parameter).map(|value| match value {
        Json::String(text) => text,
        Json::Array(items) => {
            let texts = items.iter().map(|item| match item {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            });
            texts.collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    });
    let parameter = Parameter {
        required: required || place == Place::Path,
        name,
        place,
        value: value.filter(|value| !value.is_empty()),
    };
    read.parameters
        .retain(|other| (&other.name, other.place) != (&parameter.name, parameter.place));
    read.parameters.push(parameter);
}

fn first_text(operation: &Json, document: &Json, key: &str) -> Option<String> {
    let own = list(operation, key).first();
    let kinds = own.or_else(|| list(document, key).first());
    Some(kinds?.as_str()?.to_owned())
}

fn request_body(body: &Json, sampler: &Sampler<'_>) -> Option<Body> {
    let mut content: Vec<_> = members(body, "content").collect();
    // JSON can be made by its schema, and so can forms.
    content.sort_by_key(|(kind, _)| match kind.as_str() {
        "application/json" => 0,
        kind if kind.ends_with("json") => 1,
        "application/x-www-form-urlencoded" => 2,
        _ => 3,
    });
    let (media_type, content) = content.first()?;
    Some(Body {
        media_type: (*media_type).clone(),
        required: body
            .get("required")
            .and_then(Json::as_bool)
            .unwrap_or(false),
        value: sampler.parameter(content),
    })
}

fn security(document: &Json, operation: &Json) -> Vec<Alternative> {
    let own = operation
        .get("security")
        .or_else(|| document.get("security"));
    let alternatives = own.and_then(Json::as_array).into_iter().flatten();
    alternatives
        .filter_map(Json::as_object)
        .map(|schemes| {
            let scopes = |scopes: &Json| {
                let scopes = scopes.as_array().into_iter().flatten();
                scopes
                    .filter_map(|scope| Some(scope.as_str()?.to_owned()))
                    .collect()
            };
            schemes
                .iter()
                .map(|(name, value)| (name.clone(), scopes(value)))
                .collect()
        })
        .collect()
}

fn responses(document: &Json, operation: &Json, format: &str) -> Vec<Response> {
    let mut read = Vec::new();
    for (status, response) in members(operation, "responses") {
        let Some(response) = resolved(document, response) else {
            continue;
        };
        let content = if format == "swagger" {
            let kind = first_text(operation, document, "produces");
            let kind = kind.unwrap_or_else(|| "application/json".to_owned());
            // A file is bytes, and not what a schema speaks of.
            let schema = response.get("schema");
            let schema = schema.filter(|schema| schema.get("type") != Some(&"file".into()));
            schema
                .map(|schema| (kind, Some(schema.clone())))
                .into_iter()
                .collect()
        } else {
            members(response, "content")
                .map(|(kind, content)| {
                    let kind = kind.split(';').next().unwrap_or_default().trim();
                    (kind.to_ascii_lowercase(), content.get("schema").cloned())
                })
                .collect()
        };
        read.push(Response {
            status: status.clone(),
            content,
        });
    }
    read
}

fn schemes(document: &Json) -> Vec<Scheme> {
    let modern = document.get("components").unwrap_or(&Json::Null);
    let all: BTreeMap<_, _> = members(modern, "securitySchemes")
        .chain(members(document, "securityDefinitions"))
        .collect();
    let read = all.into_iter().filter_map(|(name, scheme)| {
        let scheme = resolved(document, scheme)?;
        let kind = text(scheme, "type")?;
        let basic = kind == "basic";
        Some(Scheme {
            name: name.clone(),
            scheme: text(scheme, "scheme")
                .map(|scheme| scheme.to_ascii_lowercase())
                .or_else(|| basic.then(|| "basic".to_owned())),
            kind: if basic { "http".to_owned() } else { kind },
            key: text(scheme, "name").zip(text(scheme, "in")),
        })
    });
    read.collect()
}
