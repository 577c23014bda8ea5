//! A request that is to be sent.

use std::time::Duration;

use hyper::header::{HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Uri};

use super::Miss;
use super::sending::Sending;

/// How long an answer may take when nothing else is said.
const WITHIN: Duration = Duration::from_secs(10);

/// A request that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method in upper case.
    pub method: String,
    /// The path, with the query. What may not stand there is sent percent-encoded.
    pub path: String,
    /// Header fields in their order, besides `Host`, `User-Agent` and what the body needs.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long it may take until the answer is whole, connecting included.
    pub within: Duration,
}

impl Request {
    /// A request without headers and without a body, with ten seconds for the answer.
    pub fn new(method: impl Into<String>, path: impl Into<String>) -> Self {
        Request {
            method: method.into(),
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
            within: WITHIN,
        }
    }

    /// `GET path`.
    pub fn get(path: impl Into<String>) -> Self {
        Request::new("GET", path)
    }

    /// `POST path` with a body.
    pub fn post(path: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Request::new("POST", path).body(body)
    }

    /// The same with a further header field.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same with this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same with this body, which is JSON.
    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(body.to_string())
    }

    /// The same with so much time for the answer.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// The value of a header field, whatever the case of its name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let field = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }

    /// What hyper sends.
    pub(super) fn message(
        &self,
        host: &str,
        cookies: Option<String>,
        body: Sending,
    ) -> Result<hyper::Request<Sending>, Miss> {
        let unfit = |what: String| Miss::Failed(what);
        let method = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| unfit(format!("`{}` is no method", self.method)))?;
        let uri = Uri::try_from(encoded(&self.path))
            .map_err(|error| unfit(format!("the path cannot be sent: {error}")))?;
        let mut message = hyper::Request::new(body);
        *message.method_mut() = method;
        *message.uri_mut() = uri;
        let headers = message.headers_mut();
        let known = [
            (HOST, host.to_owned()),
            (
                USER_AGENT,
                concat!("xii-prove/", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
            (hyper::header::ACCEPT, "*/*".to_owned()),
        ];
        for (name, value) in known {
            if self.field(name.as_str()).is_none() {
                let value = HeaderValue::try_from(value)
                    .map_err(|_| unfit(format!("`{host}` is no host that can be sent")))?;
                headers.insert(name, value);
            }
        }
        for (name, value) in &self.headers {
            let key = HeaderName::try_from(name.as_str())
                .map_err(|_| unfit(format!("`{name}` is no name of a header field")))?;
            // The value may be a secret: only its field is named.
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| unfit(format!("the value of `{name}` holds a control character")))?;
            headers.append(key, value);
        }
        if let Some(cookies) = cookies.filter(|_| self.field("cookie").is_none()) {
            let value = HeaderValue::try_from(cookies)
                .map_err(|_| unfit("a cookie holds a control character".to_owned()))?;
            headers.insert(hyper::header::COOKIE, value);
        }
        Ok(message)
    }
}

/// The path with what may not stand in one percent-encoded (RFC 3986, section 2.1); what is encoded already is
/// left. A fragment is never sent.
fn encoded(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    let mut out = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') && path != "*" {
        out.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'!' | b'#'..=b';' | b'=' | b'?'..=b'[' | b']' | b'_' | b'a'..=b'z' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_stand_in_a_path_is_encoded() {
        assert_eq!(encoded("a b?q=ä&r={x}"), "/a%20b?q=%C3%A4&r=%7Bx%7D");
        assert_eq!(encoded("/a%20b/[1]#part"), "/a%20b/[1]");
        assert_eq!(encoded("*"), "*");
        assert_eq!(encoded(""), "/");
        for path in ["/\u{0}\r\nX: y", "//x\\y\"<>^`|"] {
            assert!(Uri::try_from(encoded(path)).is_ok(), "{}", encoded(path));
        }
    }

    #[test]
    fn what_cannot_be_sent_is_named_without_its_value() {
        let wrong = [
            (Request::new("G T", "/"), "`G T` is no method"),
            (
                Request::get("/").header("a b", "c"),
                "`a b` is no name of a header field",
            ),
            (
                Request::get("/").header("x-key", "secret\n"),
                "the value of `x-key` holds a control character",
            ),
        ];
        for (request, why) in wrong {
            let message = request.message("localhost:1", None, Sending::whole(Vec::new()));
            assert_eq!(message.err(), Some(Miss::Failed(why.to_owned())));
        }
    }
}
