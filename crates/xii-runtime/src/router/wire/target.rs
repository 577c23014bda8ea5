//! What a request asks for (RFC 9112, 3.2).

use super::refusal::Refusal;

/// The target in the form that is passed on, and the host, when the target names one.
pub(crate) fn read<'b>(
    method: &str,
    target: &'b str,
) -> Result<(&'b str, Option<&'b str>), Refusal> {
    if method == "CONNECT" {
        return Err(Refusal::with(
            501,
            "this router is no tunnel: CONNECT is not served",
        ));
    }
    if target.contains('#') {
        return Err(Refusal::bad("the request's target has a fragment"));
    }
    if target.starts_with('/') {
        return Ok((target, None));
    }
    if target == "*" {
        return if method == "OPTIONS" {
            Ok((target, None))
        } else {
            Err(Refusal::bad("the target `*` is for OPTIONS only"))
        };
    }
    let rest = strip(target, "http://").or_else(|| strip(target, "https://"));
    let Some(rest) = rest else {
        return Err(Refusal::bad(
            "the request's target is neither a path nor an http address",
        ));
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if host.is_empty() || !valid_host(host.as_bytes()) {
        return Err(Refusal::bad("the request's target has a malformed host"));
    }
    match path {
        "" if method == "OPTIONS" => Ok(("*", Some(host))),
        "" => Ok(("/", Some(host))),
        path if path.starts_with('?') => Err(Refusal::bad("the request's target has no path")),
        path => Ok((path, Some(host))),
    }
}

fn strip<'b>(target: &'b str, scheme: &str) -> Option<&'b str> {
    let (head, rest) = target.split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Whether this is a host with an optional port: a name, an IPv4 address, or an IPv6 address in
/// brackets. Empty is allowed: RFC 9112 has it sent where there is no authority.
pub fn valid_host(host: &[u8]) -> bool {
    let (name, rest) = match host.strip_prefix(b"[") {
        Some(inner) => match inner.iter().position(|byte| *byte == b']') {
            Some(end) => {
                let address = &inner[..end];
                let fits = |byte: &u8| byte.is_ascii_hexdigit() || b":.".contains(byte);
                if address.is_empty() || !address.iter().all(fits) {
                    return false;
                }
                (&b""[..], &inner[end + 1..])
            }
            None => return false,
        },
        None => {
            let end = host.iter().position(|byte| *byte == b':');
            host.split_at(end.unwrap_or(host.len()))
        }
    };
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(byte);
    name.iter().all(in_name)
        && match rest.strip_prefix(b":") {
            Some(port) => port.len() <= 5 && port.iter().all(u8::is_ascii_digit),
            None => rest.is_empty(),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_address_is_passed_on_as_its_path() {
        let read = |target| read("GET", target);
        assert_eq!(
            read("http://a.example/x?y"),
            Ok(("/x?y", Some("a.example")))
        );
        assert_eq!(read("HTTP://a:80"), Ok(("/", Some("a:80"))));
        assert_eq!(read("/x"), Ok(("/x", None)));
        for wrong in [
            "http://",
            "http://u@h/",
            "ftp://a/",
            "a:80",
            "*",
            "x",
            "/a#b",
            "http://a?x",
        ] {
            assert_eq!(read(wrong).map_err(|it| it.status), Err(400), "{wrong}");
        }
    }

    #[test]
    fn hosts() {
        for right in ["", "a", "a.b:80", "[::1]:5000", "[::1]", "127.0.0.1:1"] {
            assert!(valid_host(right.as_bytes()), "{right}");
        }
        for wrong in [
            "a b", "a/b", "a@b", "[::1", "[]", "a:b", "a:123456", "[::1]x", "a:1:2",
        ] {
            assert!(!valid_host(wrong.as_bytes()), "{wrong}");
        }
    }
}
