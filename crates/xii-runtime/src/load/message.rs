//! The request that is sent, as bytes that are made once.

use thiserror::Error;

use super::target::Target;

/// What is asked, apart from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The method, such as `GET`.
    pub method: String,
    /// Header fields, in their order. `Host` replaces the one that would be sent; length, coding and
    /// connection are the generator's own.
    pub fields: Vec<(String, String)>,
    /// The body; with one, its length is said.
    pub body: Option<Vec<u8>>,
}

impl Default for Message {
    fn default() -> Self {
        Message {
            method: "GET".to_owned(),
            fields: Vec::new(),
            body: None,
        }
    }
}

/// A request that could not be sent as it is. No value of a field is repeated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadMessage {
    /// The method is no token.
    #[error("`{0}` is no method: a method is one word, such as GET")]
    Method(String),
    /// CONNECT makes a tunnel of the connection.
    #[error("CONNECT asks for a tunnel: only requests that have an answer can be counted")]
    Connect,
    /// A field's name is no token.
    #[error("`{0}` is no name of a header field: letters, digits and `-` make one")]
    Name(String),
    /// A field's value holds control characters.
    #[error("the value of header field `{0}` holds a line end or another control character")]
    Value(String),
    /// The field is the generator's own.
    #[error("header field `{0}` is set by the generator: leave it out")]
    Own(String),
}

/// Fields that say where a message ends or what becomes of its connection.
const OWN: [&str; 5] = [
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "expect",
];

impl Message {
    /// The request for each path of the target, as bytes.
    pub(super) fn bytes(
        &self,
        target: &Target,
        keep_alive: bool,
    ) -> Result<Vec<Vec<u8>>, BadMessage> {
        self.check()?;
        let has = |name: &str| {
            self.fields
                .iter()
                .any(|(one, _)| one.eq_ignore_ascii_case(name))
        };
        let mut rest = String::new();
        if !has("host") {
            rest.push_str(&format!("Host: {}\r\n", target.authority()));
        }
        if !has("user-agent") {
            rest.push_str(concat!(
                "User-Agent: xii/",
                env!("CARGO_PKG_VERSION"),
                "\r\n"
            ));
        }
        if !has("accept") {
            rest.push_str("Accept: */*\r\n");
        }
        for (name, value) in &self.fields {
            rest.push_str(&format!("{name}: {value}\r\n"));
        }
        if !keep_alive {
            rest.push_str("Connection: close\r\n");
        }
        if let Some(body) = &self.body {
            rest.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        rest.push_str("\r\n");
        let body = self.body.as_deref().unwrap_or_default();
        let one = |path: &String| {
            let line = format!("{} {path} HTTP/1.1\r\n", self.method);
            [line.as_bytes(), rest.as_bytes(), body].concat()
        };
        Ok(target.paths().iter().map(one).collect())
    }

    fn check(&self) -> Result<(), BadMessage> {
        if !is_token(&self.method) {
            return Err(BadMessage::Method(self.method.clone()));
        }
        if self.method == "CONNECT" {
            return Err(BadMessage::Connect);
        }
        for (name, value) in &self.fields {
            if !is_token(name) {
                return Err(BadMessage::Name(name.clone()));
            }
            if value.chars().any(|one| one.is_control() && one != '\t') {
                return Err(BadMessage::Value(name.clone()));
            }
            if OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
                return Err(BadMessage::Own(name.clone()));
            }
        }
        Ok(())
    }
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let in_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(in_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_as_it_was_asked_for() {
        let message = Message {
            method: "POST".to_owned(),
            fields: vec![
                ("X-Key".to_owned(), "v".to_owned()),
                ("host".to_owned(), "app.test".to_owned()),
            ],
            body: Some(b"{}".to_vec()),
        };
        let bytes = message
            .bytes(&Target::local(5000, "/a?b"), false)
            .expect("bytes");
        let text = String::from_utf8_lossy(&bytes[0]).replace(env!("CARGO_PKG_VERSION"), "V");
        let text = text.replace("\r\n", "\n");
        insta::assert_snapshot!(text, @r"
        POST /a?b HTTP/1.1
        User-Agent: xii/V
        Accept: */*
        X-Key: v
        host: app.test
        Connection: close
        Content-Length: 2

        {}
        ");
    }

    #[test]
    fn what_would_break_the_framing_is_refused() {
        let with = |name: &str, value: &str| Message {
            fields: vec![(name.to_owned(), value.to_owned())],
            ..Message::default()
        };
        let target = Target::local(5000, "/");
        let refused = |message: Message| {
            message
                .bytes(&target, true)
                .expect_err("refused")
                .to_string()
        };
        let said = [
            refused(with("A B", "x")),
            refused(with("", "x")),
            refused(with("Key", "secret\r\nOther: x")),
            refused(with("content-length", "3")),
            refused(Message {
                method: "GET /".to_owned(),
                ..Message::default()
            }),
            refused(Message {
                method: "CONNECT".to_owned(),
                ..Message::default()
            }),
        ];
        assert!(!said.concat().contains("secret"));
        insta::assert_snapshot!(said.join("\n"), @r"
        `A B` is no name of a header field: letters, digits and `-` make one
        `` is no name of a header field: letters, digits and `-` make one
        the value of header field `Key` holds a line end or another control character
        header field `content-length` is set by the generator: leave it out
        `GET /` is no method: a method is one word, such as GET
        CONNECT asks for a tunnel: only requests that have an answer can be counted
        ");
    }
}
