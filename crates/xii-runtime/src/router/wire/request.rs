//! The head of a request: read once, strictly.

use std::mem::MaybeUninit;

use httparse::Header;

use super::body::Framing;
use super::fields::{Field, MOST_FIELDS, is_token, length, members};
use super::refusal::Refusal;
use super::target::{self, valid_host};

/// What `Connection` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// `close`.
    pub close: bool,
    /// `keep-alive`.
    pub keep_alive: bool,
    /// `upgrade`.
    pub upgrade: bool,
    /// It names other fields, which are for this hop only.
    pub names_others: bool,
}

impl Connection {
    pub(super) fn read(&mut self, value: &[u8]) {
        for member in members(value) {
            let is = |known: &str| member.eq_ignore_ascii_case(known.as_bytes());
            if is("close") {
                self.close = true;
            } else if is("keep-alive") {
                self.keep_alive = true;
            } else if is("upgrade") {
                self.upgrade = true;
            } else {
                self.names_others = true;
            }
        }
    }
}

/// A request's head that may be passed on.
#[derive(Debug)]
pub struct RequestHead<'h, 'b> {
    /// The method.
    pub method: &'b str,
    /// The target, as a path with its query, or `*`.
    pub target: &'b str,
    /// Whether it is HTTP/1.0.
    pub old: bool,
    /// The host; of HTTP/1.0 there may be none.
    pub host: Option<&'b str>,
    /// All fields, in their order.
    pub fields: &'h [Header<'b>],
    /// How its body ends; never with the connection.
    pub framing: Framing,
    /// What `Connection` says.
    pub connection: Connection,
    /// The protocols that it wishes to go on with.
    pub upgrade: Option<&'b [u8]>,
    /// It takes trailers.
    pub takes_trailers: bool,
    /// It waits for `100 Continue` before it sends its body.
    pub expects: bool,
}

impl<'h, 'b> RequestHead<'h, 'b> {
    /// Reads a whole head: all that [`Scan`](super::Scan) gave, which makes sure that every line feed
    /// follows a carriage return.
    ///
    /// # Errors
    /// What is malformed, what could be read in two ways, and what is not served.
    pub fn read(
        bytes: &'b [u8],
        room: &'h mut [MaybeUninit<Header<'b>>; MOST_FIELDS],
    ) -> Result<Self, Refusal> {
        let mut parsed = httparse::Request::new(&mut []);
        let status = httparse::ParserConfig::default()
            .parse_request_with_uninit_headers(&mut parsed, bytes, room)
            .map_err(|error| refusal(error, bytes))?;
        let (Some(method), Some(target), Some(version)) =
            (parsed.method, parsed.path, parsed.version)
        else {
            return Err(Refusal::bad("the request's head is not whole"));
        };
        if status.is_partial() {
            return Err(Refusal::bad("the request's head is not whole"));
        }
        let (target, authority) = target::read(method, target)?;
        let mut head = RequestHead {
            method,
            target,
            old: version == 0,
            host: None,
            fields: parsed.headers,
            framing: Framing::None,
            connection: Connection::default(),
            upgrade: None,
            takes_trailers: false,
            expects: false,
        };
        head.read_fields()?;
        // RFC 9112, 3.2.2: the target's authority takes the place of what `Host` says.
        head.host = authority.or(head.host);
        Ok(head)
    }

    fn read_fields(&mut self) -> Result<(), Refusal> {
        let mut hosts = 0;
        let mut content_length = None;
        let mut chunked = false;
        for field in self.fields {
            match Field::of(field.name) {
                Field::Host => {
                    hosts += 1;
                    self.host = Some(read_host(field.value)?);
                }
                Field::Connection => self.connection.read(field.value),
                Field::ContentLength => {
                    let Some(length) = length(field.value) else {
                        return Err(Refusal::bad("Content-Length is no number"));
                    };
                    if content_length.is_some_and(|other| other != length) {
                        return Err(Refusal::bad("there are two different Content-Length"));
                    }
                    content_length = Some(length);
                }
                Field::TransferEncoding => {
                    if chunked {
                        return Err(Refusal::bad("Transfer-Encoding is given twice"));
                    }
                    transfer_coding(field.value)?;
                    chunked = true;
                }
                Field::Disguised => {
                    return Err(Refusal::bad("a length or a coding is spelled with `_`"));
                }
                Field::Upgrade => self.upgrade = Some(field.value),
                Field::Te => {
                    self.takes_trailers |=
                        members(field.value).any(|member| member.eq_ignore_ascii_case(b"trailers"));
                }
                Field::Expect => {
                    if !field.value.eq_ignore_ascii_case(b"100-continue") {
                        return Err(Refusal::with(417, "only `Expect: 100-continue` can be met"));
                    }
                    self.expects = true;
                }
                _ => {}
            }
        }
        match hosts {
            0 if !self.old => return Err(Refusal::bad("Host is missing")),
            0 | 1 => {}
            _ => return Err(Refusal::bad("there are several Host")),
        }
        self.framing = match (chunked, content_length) {
            (true, Some(_)) => {
                return Err(Refusal::bad(
                    "there are both Content-Length and Transfer-Encoding",
                ));
            }
            (true, None) if self.old => {
                return Err(Refusal::bad("HTTP/1.0 has no Transfer-Encoding"));
            }
            (true, None) => Framing::Chunked,
            (false, Some(0) | None) => Framing::None,
            (false, Some(length)) => Framing::Length(length),
        };
        Ok(())
    }

    /// Whether the client keeps its connection for more requests.
    pub fn keeps_alive(&self) -> bool {
        !self.connection.close && (!self.old || self.connection.keep_alive)
    }
}

fn read_host(value: &[u8]) -> Result<&str, Refusal> {
    let malformed = Refusal::bad("Host is malformed");
    if !valid_host(value) {
        return Err(malformed);
    }
    std::str::from_utf8(value).map_err(|_| malformed)
}

fn transfer_coding(value: &[u8]) -> Result<(), Refusal> {
    if value.eq_ignore_ascii_case(b"chunked") {
        return Ok(());
    }
    // A coding with another name is one that is not served; `chunked` that is not alone, or nearly
    // `chunked`, is an attempt to be read in two ways.
    let named = members(value).next().is_some();
    if named && members(value).all(|member| is_token(member) && !contains_chunked(member)) {
        return Err(Refusal::with(501, "this transfer coding is not served"));
    }
    if ends_chunked(value) {
        return Err(Refusal::with(
            501,
            "a transfer coding besides `chunked` is not served",
        ));
    }
    Err(Refusal::bad("Transfer-Encoding is malformed"))
}

/// `gzip, chunked`: understood by all in the same way.
fn ends_chunked(value: &[u8]) -> bool {
    let all = members(value).count();
    members(value).enumerate().all(|(at, member)| {
        let last = at + 1 == all;
        is_token(member)
            && last == member.eq_ignore_ascii_case(b"chunked")
            && (last || !contains_chunked(member))
    }) && all > 1
}

fn contains_chunked(member: &[u8]) -> bool {
    member
        .windows(b"chunked".len())
        .any(|part| part.eq_ignore_ascii_case(b"chunked"))
}

fn refusal(error: httparse::Error, bytes: &[u8]) -> Refusal {
    use httparse::Error;
    match error {
        Error::HeaderName => Refusal::bad("the name of a field is malformed"),
        Error::HeaderValue => Refusal::bad("the value of a field is malformed"),
        Error::NewLine => Refusal::bad("a line of the head does not end as it must"),
        Error::TooManyHeaders => Refusal::with(431, "the request's head has too many fields"),
        Error::Version if !names_a_version(bytes) => {
            Refusal::bad("the request's first line is malformed")
        }
        Error::Version => Refusal::with(505, "only HTTP/1.0, HTTP/1.1 and HTTP/2 are served"),
        Error::Token | Error::Status => Refusal::bad("the request's first line is malformed"),
    }
}

/// Whether the first line has three parts of which the last is `HTTP/` and a version.
fn names_a_version(bytes: &[u8]) -> bool {
    let line = bytes
        .split(|byte| *byte == b'\r')
        .next()
        .unwrap_or_default();
    let mut parts = line.split(|byte| *byte == b' ').skip(2);
    match (parts.next(), parts.next()) {
        (Some([b'H', b'T', b'T', b'P', b'/', major, b'.', minor]), None) => {
            major.is_ascii_digit() && minor.is_ascii_digit()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scan::Scan;
    use super::*;

    /// What is made of the bytes: method, target, host and framing.
    fn read(bytes: &[u8]) -> Option<Result<(String, String, String, Framing), Refusal>> {
        let end = Scan::default().end(bytes).ok()??;
        let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        Some(RequestHead::read(&bytes[..end], &mut room).map(|head| {
            let host = head.host.unwrap_or_default().to_owned();
            let (method, target) = (head.method.to_owned(), head.target.to_owned());
            (method, target, host, head.framing)
        }))
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_harm(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = read(&bytes);
            let _ = read(&[b"POST / HTTP/1.1\r\nHost: a\r\n", &bytes[..], b"\r\n\r\n"].concat());
        }

        #[test]
        fn a_field_with_any_value_never_changes_what_the_body_is(
            name in "[a-zA-Z_-]{1,18}",
            value in "[ -~]{0,30}",
        ) {
            let known = ["content", "transfer", "connection", "host", "expect", "upgrade"];
            let lower = name.to_ascii_lowercase();
            prop_assume!(!known.iter().any(|known| lower.starts_with(known)));
            let text = format!(
                "POST /p HTTP/1.1\r\nHost: a\r\n{name}: {value}\r\nContent-Length: 7\r\n\r\n"
            );
            let expected = ("POST".into(), "/p".into(), "a".into(), Framing::Length(7));
            prop_assert_eq!(read(text.as_bytes()), Some(Ok(expected)));
        }
    }
}
