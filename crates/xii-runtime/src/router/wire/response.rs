//! The head of an answer: read as strictly as that of a request.

use std::mem::MaybeUninit;

use httparse::Header;

use super::body::Framing;
use super::fields::{Field, MOST_FIELDS, length};
use super::request::Connection;

/// Why an answer cannot be read, as one lower-case clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// An answer's head that may be passed on.
#[derive(Debug)]
pub struct ResponseHead<'h, 'b> {
    /// The status, 100 to 999.
    pub status: u16,
    /// What the status is called; may be empty.
    pub reason: &'b str,
    /// All fields, in their order.
    pub fields: &'h [Header<'b>],
    /// How its body ends.
    pub framing: Framing,
    /// What `Connection` says.
    pub connection: Connection,
    /// The protocol that the connection goes on with, of a 101.
    pub upgrade: Option<&'b [u8]>,
    /// It has `Date`.
    pub dated: bool,
    /// Whether the connection that it came on may be used again once its body is whole.
    pub reusable: bool,
}

impl<'h, 'b> ResponseHead<'h, 'b> {
    /// Reads a whole head: all that [`Scan`](super::Scan) gave. Whether the request was a HEAD decides
    /// whether a body follows.
    ///
    /// # Errors
    /// What is malformed, or could be read in two ways.
    pub fn read(
        bytes: &'b [u8],
        to_head: bool,
        room: &'h mut [MaybeUninit<Header<'b>>; MOST_FIELDS],
    ) -> Result<Self, Malformed> {
        let mut parsed = httparse::Response::new(&mut []);
        let status = httparse::ParserConfig::default()
            .parse_response_with_uninit_headers(&mut parsed, bytes, room)
            .map_err(malformed)?;
        let (Some(version), Some(code)) = (parsed.version, parsed.code) else {
            return Err(Malformed("its head is not whole"));
        };
        if status.is_partial() {
            return Err(Malformed("its head is not whole"));
        }
        if code < 100 {
            return Err(Malformed("its status is below 100"));
        }
        let mut head = ResponseHead {
            status: code,
            reason: parsed.reason.unwrap_or_default(),
            fields: parsed.headers,
            framing: Framing::None,
            connection: Connection::default(),
            upgrade: None,
            dated: false,
            reusable: false,
        };
        let bodyless = to_head || code < 200 || code == 204 || code == 304;
        head.read_fields(version == 0, bodyless)?;
        head.reusable = head.framing != Framing::UntilClose
            && !head.connection.close
            && (version == 1 || head.connection.keep_alive);
        Ok(head)
    }

    fn read_fields(&mut self, old: bool, bodyless: bool) -> Result<(), Malformed> {
        let mut content_length = None;
        let mut chunked = false;
        for field in self.fields {
            match Field::of(field.name) {
                Field::Connection => self.connection.read(field.value),
                Field::ContentLength => {
                    let Some(length) = length(field.value) else {
                        return Err(Malformed("its Content-Length is no number"));
                    };
                    if content_length.is_some_and(|other| other != length) {
                        return Err(Malformed("it has two different Content-Length"));
                    }
                    content_length = Some(length);
                }
                Field::TransferEncoding => {
                    if chunked || !field.value.eq_ignore_ascii_case(b"chunked") {
                        return Err(Malformed("its Transfer-Encoding is not `chunked`"));
                    }
                    chunked = true;
                }
                Field::Disguised => {
                    return Err(Malformed("a length or a coding is spelled with `_`"));
                }
                Field::Upgrade => self.upgrade = Some(field.value),
                Field::Date => self.dated = true,
                _ => {}
            }
        }
        self.framing = match (chunked, content_length) {
            (true, _) if old => {
                return Err(Malformed("it is HTTP/1.0 and has Transfer-Encoding"));
            }
            (true, Some(_)) => {
                return Err(Malformed(
                    "it has both Content-Length and Transfer-Encoding",
                ));
            }
            _ if bodyless => Framing::None,
            (true, None) => Framing::Chunked,
            (false, Some(length)) => Framing::Length(length),
            (false, None) => Framing::UntilClose,
        };
        Ok(())
    }
}

fn malformed(error: httparse::Error) -> Malformed {
    use httparse::Error;
    Malformed(match error {
        Error::HeaderName => "the name of a field is malformed",
        Error::HeaderValue => "the value of a field is malformed",
        Error::NewLine => "a line of its head does not end as it must",
        Error::TooManyHeaders => "its head has too many fields",
        Error::Version => "it is no HTTP/1 answer",
        Error::Token | Error::Status => "its first line is malformed",
    })
}
