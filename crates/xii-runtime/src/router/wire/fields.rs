//! What a header field is to a proxy.

/// The most fields that a head may have.
pub const MOST_FIELDS: usize = 128;

/// The fields that the router reads, writes or takes out; all others pass as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `Host`.
    Host,
    /// `Connection`: what is meant for this hop only.
    Connection,
    /// `Content-Length`.
    ContentLength,
    /// `Transfer-Encoding`.
    TransferEncoding,
    /// `Upgrade`.
    Upgrade,
    /// `TE`.
    Te,
    /// `Expect`.
    Expect,
    /// `Keep-Alive`, `Proxy-Connection`, `HTTP2-Settings`: for this hop only, and never passed on.
    Hop,
    /// `X-Request-Id`.
    RequestId,
    /// `traceparent`.
    TraceParent,
    /// `tracestate`, which is void without `traceparent`.
    TraceState,
    /// `X-Forwarded-For`.
    ForwardedFor,
    /// `X-Forwarded-Proto`.
    ForwardedProto,
    /// `X-Forwarded-Host`.
    ForwardedHost,
    /// `Forwarded`, `X-Real-IP` and other `X-Forwarded-…`: believed of nobody who is not trusted.
    OtherForwarded,
    /// `Accept`, which decides in which form an error is told.
    Accept,
    /// `Date`.
    Date,
    /// A length or a coding spelled with `_`: no field of HTTP, but to a CGI-like server the same.
    Disguised,
    /// Any other.
    Other,
}

impl Field {
    /// The field of this name.
    ///
    /// In the names that carry trust, `_` counts as `-`: a CGI-like server makes one variable of
    /// `X-Forwarded-For` and `X_Forwarded_For`, so a stranger's second spelling must not pass.
    pub fn of(name: &str) -> Field {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match name.len() {
            2 if is("te") => Field::Te,
            4 if is("host") => Field::Host,
            4 if is("date") => Field::Date,
            6 if is("accept") => Field::Accept,
            6 if is("expect") => Field::Expect,
            7 if is("upgrade") => Field::Upgrade,
            9 if is("forwarded") || like(name, "x-real-ip") => Field::OtherForwarded,
            10 if is("connection") => Field::Connection,
            10 if is("keep-alive") => Field::Hop,
            10 if is("tracestate") => Field::TraceState,
            11 if is("traceparent") => Field::TraceParent,
            12 if like(name, "x-request-id") => Field::RequestId,
            14 if is("content-length") => Field::ContentLength,
            14 if like(name, "content-length") => Field::Disguised,
            14 if is("http2-settings") => Field::Hop,
            16 if is("proxy-connection") => Field::Hop,
            17 if is("transfer-encoding") => Field::TransferEncoding,
            17 if like(name, "transfer-encoding") => Field::Disguised,
            13.. if begins(name, "x-forwarded-") => match name.len() {
                15 if like(name, "x-forwarded-for") => Field::ForwardedFor,
                17 if like(name, "x-forwarded-proto") => Field::ForwardedProto,
                16 if like(name, "x-forwarded-host") => Field::ForwardedHost,
                _ => Field::OtherForwarded,
            },
            _ => Field::Other,
        }
    }
}

fn like(name: &str, known: &str) -> bool {
    name.len() == known.len() && begins(name, known)
}

fn begins(name: &str, known: &str) -> bool {
    name.len() >= known.len()
        && name.bytes().zip(known.bytes()).all(|(given, known)| {
            given.to_ascii_lowercase() == known || (given == b'_' && known == b'-')
        })
}

/// The members of a comma-separated list, without the blanks around them and without empty ones.
pub(crate) fn members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
}

/// A decimal number as RFC 9110 writes lengths: digits and nothing else.
pub(crate) fn length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 19 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Nineteen digits always fit.
    Some(
        value
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')),
    )
}

/// Whether this is a token of RFC 9110, 5.6.2.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Whether these bytes may stand in a field's value: no control byte but the tab.
pub(crate) fn is_value(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_case_and_trusted_ones_in_any_spelling() {
        assert_eq!(Field::of("Transfer-ENCODING"), Field::TransferEncoding);
        assert_eq!(Field::of("transfer_encoding"), Field::Disguised);
        assert_eq!(Field::of("X_Forwarded_For"), Field::ForwardedFor);
        assert_eq!(Field::of("x-forwarded-port"), Field::OtherForwarded);
        assert_eq!(Field::of("x-forwarded"), Field::Other);
        assert_eq!(Field::of("x-requested-with"), Field::Other);
    }

    #[test]
    fn a_length_is_digits_only() {
        assert_eq!(length(b"0013"), Some(13));
        assert_eq!(
            length(b"9999999999999999999"),
            Some(9_999_999_999_999_999_999)
        );
        for wrong in [
            &b""[..],
            b"+1",
            b"-1",
            b"1 ",
            b"0x1",
            b"1,1",
            b"99999999999999999999",
        ] {
            assert_eq!(length(wrong), None);
        }
    }
}
