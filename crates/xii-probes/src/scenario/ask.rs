//! A step as a request that can be sent.

use std::path::Path;

use data_encoding::{BASE64, HEXLOWER};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::files;
use super::plan::{Ask, Content, Part, Payload};
use super::template::{Piece, Template, Variables};
use crate::client::Request;

/// What stands in a form or a query as it is (URL standard, `application/x-www-form-urlencoded`).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*');

impl Ask {
    /// The request, with its holes filled.
    ///
    /// # Errors
    ///
    /// A variable is not set, or a file cannot be read.
    pub(super) fn request(
        &self,
        variables: &Variables,
        folder: Option<&Path>,
        cookies: Option<String>,
    ) -> Result<Request, String> {
        let mut path = path(&self.url, variables)?;
        for (name, value) in &self.query {
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str(&pair(name, value, variables)?);
        }
        let mut request = Request::new(&self.method, path);
        for (name, value) in &self.headers {
            let name = name.render(variables)?;
            request = request.header(name, value.render(variables)?);
        }
        if let Some((name, password)) = &self.basic {
            let both = format!(
                "{}:{}",
                name.render(variables)?,
                password.render(variables)?
            );
            let both = BASE64.encode(both.as_bytes());
            request = request.header("Authorization", format!("Basic {both}"));
        }
        if !self.cookies.is_empty() {
            let mut pairs = Vec::from_iter(cookies);
            for (name, value) in &self.cookies {
                pairs.push(format!(
                    "{}={}",
                    name.render(variables)?,
                    value.render(variables)?
                ));
            }
            request = request.header("Cookie", pairs.join("; "));
        }
        let (kind, body) = self.content(variables, folder)?;
        if let Some(kind) = kind
            && request.field("content-type").is_none()
        {
            request = request.header("Content-Type", kind);
        }
        Ok(request.body(body))
    }

    /// The body, and its media type.
    fn content(
        &self,
        variables: &Variables,
        folder: Option<&Path>,
    ) -> Result<(Option<String>, Vec<u8>), String> {
        if let Some(payload) = &self.body {
            let kind = payload.media_type().map(str::to_owned);
            return Ok((kind, payload.bytes(variables, folder)?));
        }
        if !self.parts.is_empty() {
            return multipart(&self.parts, variables, folder);
        }
        if self.form.is_empty() {
            return Ok((None, Vec::new()));
        }
        let mut pairs = Vec::new();
        for (name, value) in &self.form {
            pairs.push(pair(name, value, variables)?);
        }
        let kind = "application/x-www-form-urlencoded".to_owned();
        Ok((Some(kind), pairs.join("&").into_bytes()))
    }
}

impl Payload {
    /// The media type that goes without saying.
    fn media_type(&self) -> Option<&'static str> {
        match self {
            Payload::Json(_) => Some("application/json"),
            Payload::Xml(_) => Some("application/xml"),
            Payload::Text(_) | Payload::Bytes(_) | Payload::File(_) => None,
        }
    }

    /// The bytes, with the holes filled.
    pub(super) fn bytes(
        &self,
        variables: &Variables,
        folder: Option<&Path>,
    ) -> Result<Vec<u8>, String> {
        match self {
            Payload::Json(text) | Payload::Xml(text) | Payload::Text(text) => {
                Ok(text.render(variables)?.into_bytes())
            }
            Payload::Bytes(bytes) => Ok(bytes.clone()),
            Payload::File(name) => files::read(folder, &name.render(variables)?),
        }
    }
}

/// The path and the query of an address. Whatever stands where the origin does is the app: a host, or a variable
/// that nobody has set.
pub(super) fn path(url: &Template, variables: &Variables) -> Result<String, String> {
    let mut whole = String::new();
    for piece in &url.pieces {
        match piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Hole(hole) | Piece::Quoted(hole) => match hole.value(variables) {
                Ok(value) => whole.push_str(&value.rendered()),
                Err(_) if in_origin(&whole) && !variables.contains_key(&hole.name) => {
                    whole.push_str("app");
                }
                Err(why) => return Err(why),
            },
        }
    }
    Ok(behind_host(behind_scheme(&whole).unwrap_or(&whole)))
}

/// Whether what follows this much of an address is still its origin.
fn in_origin(whole: &str) -> bool {
    let behind = behind_scheme(whole).unwrap_or(whole);
    !behind.contains(['/', '?', '#'])
}

/// What follows `http://`.
fn behind_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.');
    scheme.chars().all(plain).then_some(rest)
}

/// The path that follows a host, `/` when there is none.
fn behind_host(rest: &str) -> String {
    let start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match &rest[start..] {
        path if path.starts_with('/') => path.to_owned(),
        path => format!("/{path}"),
    }
}

/// `name=value`, encoded.
fn pair(name: &Template, value: &Template, variables: &Variables) -> Result<String, String> {
    Ok(format!(
        "{}={}",
        utf8_percent_encode(&name.render(variables)?, PLAIN),
        utf8_percent_encode(&value.render(variables)?, PLAIN)
    ))
}

/// A body of `multipart/form-data` (RFC 7578).
fn multipart(
    parts: &[Part],
    variables: &Variables,
    folder: Option<&Path>,
) -> Result<(Option<String>, Vec<u8>), String> {
    let mut pieces = Vec::new();
    for part in parts {
        // Names are escaped as browsers do (HTML standard, multipart/form-data encoding algorithm).
        let escaped = |text: String| {
            let text = text.replace('"', "%22");
            text.replace('\r', "%0D").replace('\n', "%0A")
        };
        let name = escaped(part.name.render(variables)?);
        let (head, content) = match &part.content {
            Content::Text(text) => (String::new(), text.render(variables)?.into_bytes()),
            Content::File(file, kind) => {
                let file = file.render(variables)?;
                let content = files::read(folder, &file)?;
                let kind = kind.as_deref().unwrap_or_else(|| media_type(&file));
                let file = file.rsplit('/').next().unwrap_or_default().to_owned();
                let head = format!("; filename=\"{}\"\r\nContent-Type: {kind}", escaped(file));
                (head, content)
            }
        };
        let head = format!("Content-Disposition: form-data; name=\"{name}\"{head}\r\n\r\n");
        pieces.push((head, content));
    }
    // A boundary made of the content itself stands nowhere in it.
    let mut digest = Sha256::new();
    for (head, content) in &pieces {
        digest.update(head);
        digest.update(content);
    }
    let boundary = format!("xii-{}", HEXLOWER.encode(&digest.finalize()[..16]));
    let mut body = Vec::new();
    for (head, content) in pieces {
        body.extend_from_slice(format!("--{boundary}\r\n{head}").as_bytes());
        body.extend_from_slice(&content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((
        Some(format!("multipart/form-data; boundary={boundary}")),
        body,
    ))
}

/// The media type that a file's name suggests.
fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "pdf" => "application/pdf",
        "xml" => "application/xml",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

/// Where a redirection leads: `Location` seen from the path that was asked. Whatever origin it names is the app.
pub(super) fn redirected(from: &str, location: &str) -> String {
    let behind = location
        .strip_prefix("//")
        .or_else(|| behind_scheme(location));
    if let Some(rest) = behind {
        return behind_host(rest);
    }
    if location.starts_with('/') {
        return location.to_owned();
    }
    let base = from.split(['?', '#']).next().unwrap_or_default();
    if location.is_empty() || location.starts_with('?') {
        return format!("{base}{location}");
    }
    let mut parts: Vec<&str> = base.split('/').collect();
    parts.pop();
    let (path, query) = match location.find(['?', '#']) {
        Some(at) => location.split_at(at),
        None => (location, ""),
    };
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.len() > 1 => {
                parts.pop();
            }
            ".." => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    let slash = if joined.starts_with('/') { "" } else { "/" };
    format!("{slash}{joined}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::hurl;
    use crate::scenario::value::Value;

    fn of(url: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let scenario = hurl::read("t", &format!("GET {url}\n")).expect("a scenario");
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::text(*value)))
            .collect();
        path(&scenario.steps[0].ask.url, &variables)
    }

    #[test]
    fn whatever_the_origin_the_app_is_asked() {
        let none: &[(&str, &str)] = &[];
        for (url, variables, expected) in [
            ("/a?b=c", none, "/a?b=c"),
            ("http://localhost:8000/a", none, "/a"),
            ("https://example.org", none, "/"),
            ("https://example.org?x=1", none, "/?x=1"),
            ("localhost:3000/a/b", none, "/a/b"),
            ("{{base}}/a", none, "/a"),
            ("{{base}}", none, "/"),
            ("http://{{host}}:{{port}}/a/{{id}}", &[("id", "7")], "/a/7"),
            (
                "{{base}}/a",
                &[("base", "https://x.org/api/v1")],
                "/api/v1/a",
            ),
            ("{{base}}/a", &[("base", "/api")], "/api/a"),
            ("/go?to=http://x.org/", none, "/go?to=http://x.org/"),
        ] {
            assert_eq!(of(url, variables), Ok(expected.to_owned()), "{url}");
        }
        assert_eq!(
            of("{{base}}/a/{{id}}", none),
            Err("the variable `id` is not set".to_owned())
        );
    }

    #[test]
    fn redirections_stay_with_the_app() {
        for (from, location, expected) in [
            ("/a/b?x", "/c?y", "/c?y"),
            ("/a/b?x", "c", "/a/c"),
            ("/a/b?x", "../c?y", "/c?y"),
            ("/a", "../../c", "/c"),
            ("/a/b?x", "?y", "/a/b?y"),
            ("/a/b", "http://localhost:3000/login", "/login"),
            ("/a/b", "https://x.org", "/"),
            ("/a/b", "//x.org/c", "/c"),
            ("/a/b", "/c?to=http://x.org/d", "/c?to=http://x.org/d"),
        ] {
            assert_eq!(redirected(from, location), expected, "{from} {location}");
        }
    }
}
