//! An operation of an API: what it takes, and what it gives.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use crate::client::Request;

/// What stands in a part of a path or in a query as it is (RFC 3986, unreserved).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An operation of an API.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The method in upper case.
    pub method: String,
    /// The path below the app's root with its parameters in braces: `/api/items/{id}`.
    pub path: String,
    /// `operationId`.
    pub id: Option<String>,
    /// What it takes besides a body.
    pub parameters: Vec<Parameter>,
    /// The body that it takes.
    pub body: Option<Body>,
    /// What must be shown to be let in: one of these. Nothing when anybody may ask.
    pub security: Vec<Alternative>,
    /// What it gives.
    pub responses: Vec<Response>,
}

/// Schemes that must all be shown, each with its scopes or roles.
pub type Alternative = Vec<(String, Vec<String>)>;

/// What an operation takes besides a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whether it must be there.
    pub required: bool,
    /// A value that should do: the document's example, or one made by its schema. None when there is no telling.
    pub value: Option<String>,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header field.
    Header,
    /// In a cookie.
    Cookie,
}

/// The body that an operation takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Its media type: JSON's where there is a choice.
    pub media_type: String,
    /// Whether it must be there.
    pub required: bool,
    /// A body that should do, as a value. None when there is no telling.
    pub value: Option<Json>,
}

/// What an operation gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// `200`, `4XX` or `default`.
    pub status: String,
    /// The media types and their schemas, as the document has them. Nothing when there is no body.
    pub content: Vec<(String, Option<Json>)>,
}

/// How one shows who one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Its name in the document.
    pub name: String,
    /// `http`, `apiKey`, `oauth2`, `openIdConnect`; Swagger's `basic` is `http`.
    pub kind: String,
    /// `bearer` or `basic`, for `http`.
    pub scheme: Option<String>,
    /// The header field, parameter or cookie that holds a key, and where it stands.
    pub key: Option<(String, String)>,
}

impl Operation {
    /// Whether it changes nothing (RFC 9110, section 9.2.1).
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// Whether anybody may ask.
    pub fn is_public(&self) -> bool {
        self.security.is_empty() || self.security.iter().any(Vec::is_empty)
    }

    /// `GET /items/{id}`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A request that should be let through as well formed: with every required parameter and body. None when a value
    /// is wanted that there is no telling of.
    pub fn request(&self) -> Option<Request> {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        let mut request = Request::new(&self.method, "/");
        let mut cookies = Vec::new();
        for parameter in self
            .parameters
            .iter()
            .filter(|parameter| parameter.required)
        {
            let value = parameter.value.as_deref()?;
            let name = &parameter.name;
            let encoded = utf8_percent_encode(value, PLAIN).to_string();
            match parameter.place {
                Place::Path => path = path.replace(&format!("{{{name}}}"), &encoded),
                Place::Query => {
                    query.push(format!("{}={encoded}", utf8_percent_encode(name, PLAIN)))
                }
                Place::Header => request = request.header(name, value),
                Place::Cookie => cookies.push(format!("{name}={encoded}")),
            }
        }
        if path.contains('{') {
            return None;
        }
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        request.path = path;
        if !cookies.is_empty() {
            request = request.header("Cookie", cookies.join("; "));
        }
        match &self.body {
            Some(body) if body.required || body.value.is_some() && !self.is_safe() => {
                let value = body.value.as_ref()?;
                let bytes = match body.media_type.as_str() {
                    "application/x-www-form-urlencoded" => form(value)?,
                    kind if kind == "application/json" || kind.ends_with("+json") => {
                        value.to_string()
                    }
                    _ => value.as_str()?.to_owned(),
                };
                Some(request.header("Content-Type", &body.media_type).body(bytes))
            }
            _ => Some(request),
        }
    }

    /// What is declared for a status: for itself, for its hundred, or by default.
    pub fn response(&self, status: u16) -> Option<&Response> {
        let exact = status.to_string();
        let hundred = format!("{}XX", status / 100);
        [exact.as_str(), hundred.as_str(), "default"]
            .iter()
            .find_map(|wanted| {
                self.responses
                    .iter()
                    .find(|response| response.status.eq_ignore_ascii_case(wanted))
            })
    }
}

/// An object's members as a form.
fn form(value: &Json) -> Option<String> {
    let pairs = value.as_object()?.iter().map(|(name, value)| {
        let value = match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        format!(
            "{}={}",
            utf8_percent_encode(name, PLAIN),
            utf8_percent_encode(&value, PLAIN)
        )
    });
    Some(pairs.collect::<Vec<_>>().join("&"))
}
