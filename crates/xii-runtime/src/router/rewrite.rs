//! Heads as they are passed on: without what was meant for one hop, with what the next one must know.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};

use httparse::Header;

use super::date::Date;
use super::identity::{self, Dice};
use super::network::Network;
use super::wire::{Connection, Field, Framing, RequestHead, ResponseHead};

/// Who is on a client's connection.
pub(super) struct Asker {
    /// Its address, without the port.
    pub(super) address: String,
    /// `http` or `https`.
    pub(super) proto: &'static str,
    /// Whether its `X-Forwarded-…` are believed.
    trusted: bool,
    /// Where it came to: the host of those who name none.
    here: SocketAddr,
}

impl Asker {
    pub(super) fn new(peer: IpAddr, here: SocketAddr, tls: bool, trusted: &[Network]) -> Self {
        let peer = peer.to_canonical();
        Asker {
            address: peer.to_string(),
            proto: if tls { "https" } else { "http" },
            trusted: trusted.iter().any(|network| network.contains(peer)),
            here,
        }
    }
}

/// What is remembered of a request after its head has been passed on. The strings are used again for the
/// next request of the connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) host: String,
    pub(super) request_id: String,
    pub(super) accept: String,
}

impl Seen {
    /// Forgets the last request, also where the next one cannot be read.
    pub(super) fn clear(&mut self) {
        for text in [
            &mut self.method,
            &mut self.path,
            &mut self.host,
            &mut self.request_id,
            &mut self.accept,
        ] {
            text.clear();
        }
    }

    fn set(text: &mut String, value: &[u8]) {
        text.clear();
        match std::str::from_utf8(value) {
            Ok(value) => text.push_str(value),
            Err(_) => text.push_str(&String::from_utf8_lossy(value)),
        }
    }
}

/// Writes the head that an instance gets.
pub(super) fn request(
    head: &RequestHead<'_, '_>,
    asker: &Asker,
    dice: &mut Dice,
    out: &mut Vec<u8>,
    seen: &mut Seen,
) {
    out.clear();
    seen.clear();
    Seen::set(&mut seen.method, head.method.as_bytes());
    let path = head.target.split('?').next().unwrap_or_default();
    Seen::set(&mut seen.path, path.as_bytes());
    push(
        out,
        &[
            head.method.as_bytes(),
            b" ",
            head.target.as_bytes(),
            b" HTTP/1.1\r\nHost: ",
        ],
    );
    match head.host {
        Some(host) => {
            Seen::set(&mut seen.host, host.as_bytes());
            push(out, &[host.as_bytes(), b"\r\n"]);
        }
        None => {
            let _ = write!(out, "{}\r\n", asker.here);
        }
    }
    let mut given = Given::default();
    for field in head.fields {
        match Field::of(field.name) {
            Field::Other if !is_named(head.connection, head.fields, field.name) => line(out, field),
            Field::Other => {}
            Field::Accept => {
                Seen::set(&mut seen.accept, field.value);
                line(out, field);
            }
            Field::Date => line(out, field),
            Field::RequestId => given.id = given.id.or(Some(field.value)),
            Field::TraceParent => {
                given.traces += 1;
                given.trace = Some(field.value);
            }
            Field::TraceState => given.state = true,
            Field::ForwardedFor if asker.trusted => given.forwarded_for = true,
            Field::ForwardedProto if asker.trusted => given.proto = Some(field.value),
            Field::ForwardedHost if asker.trusted => given.host = Some(field.value),
            Field::OtherForwarded if asker.trusted => line(out, field),
            _ => {}
        }
    }
    for_this_hop(head, out);
    names(head, &given, dice, out, seen);
    forwarded(head, asker, &given, out, seen);
    out.extend_from_slice(b"\r\n");
}

/// What the client said of itself that the router would otherwise say.
#[derive(Default)]
struct Given<'b> {
    id: Option<&'b [u8]>,
    traces: usize,
    trace: Option<&'b [u8]>,
    state: bool,
    forwarded_for: bool,
    proto: Option<&'b [u8]>,
    host: Option<&'b [u8]>,
}

fn for_this_hop(head: &RequestHead<'_, '_>, out: &mut Vec<u8>) {
    match head.framing {
        Framing::Length(length) => {
            let _ = write!(out, "Content-Length: {length}\r\n");
        }
        Framing::Chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        // An empty body that was announced stays announced: servers tell it from none.
        Framing::None if says_length(head.fields) => {
            out.extend_from_slice(b"Content-Length: 0\r\n");
        }
        Framing::None | Framing::UntilClose => {}
    }
    if head.expects {
        out.extend_from_slice(b"Expect: 100-continue\r\n");
    }
    let upgrade = upgrade(head);
    match (upgrade, head.takes_trailers) {
        (Some(_), true) => out.extend_from_slice(b"Connection: upgrade, te\r\n"),
        (Some(_), false) => out.extend_from_slice(b"Connection: upgrade\r\n"),
        (None, true) => out.extend_from_slice(b"Connection: te\r\n"),
        (None, false) => {}
    }
    if let Some(upgrade) = upgrade {
        push(out, &[b"Upgrade: ", upgrade, b"\r\n"]);
    }
    if head.takes_trailers {
        out.extend_from_slice(b"TE: trailers\r\n");
    }
}

/// The protocols that an instance is asked to go on with. `h2c` is not passed on: an instance that took it
/// would speak HTTP/2 through the router, past all that is checked here. Nor is a request with a body:
/// what follows it would be taken for the new protocol before the instance has agreed.
pub(super) fn upgrade<'b>(head: &RequestHead<'_, 'b>) -> Option<&'b [u8]> {
    let wanted = head
        .upgrade
        .filter(|_| head.connection.upgrade && !head.old)?;
    let h2c = super::wire::members(wanted).any(|it| it.eq_ignore_ascii_case(b"h2c"));
    (!h2c && head.framing == Framing::None).then_some(wanted)
}

fn says_length(fields: &[Header<'_>]) -> bool {
    fields
        .iter()
        .any(|field| Field::of(field.name) == Field::ContentLength)
}

fn names(
    head: &RequestHead<'_, '_>,
    given: &Given<'_>,
    dice: &mut Dice,
    out: &mut Vec<u8>,
    seen: &mut Seen,
) {
    let id = identity::uuid(dice);
    out.extend_from_slice(b"X-Request-Id: ");
    let start = out.len();
    match given.id.filter(|given| identity::is_request_id(given)) {
        Some(given) => out.extend_from_slice(given),
        None => identity::push_uuid(out, id),
    }
    Seen::set(&mut seen.request_id, &out[start..]);
    out.extend_from_slice(b"\r\ntraceparent: ");
    match given.trace {
        Some(trace) if given.traces == 1 && identity::is_traceparent(trace) => {
            out.extend_from_slice(trace);
            if given.state {
                out.extend_from_slice(b"\r\n");
                for field in head.fields {
                    if Field::of(field.name) == Field::TraceState {
                        line(out, field);
                    }
                }
                return;
            }
        }
        _ => identity::push_traceparent(out, id, dice),
    }
    out.extend_from_slice(b"\r\n");
}

fn forwarded(
    head: &RequestHead<'_, '_>,
    asker: &Asker,
    given: &Given<'_>,
    out: &mut Vec<u8>,
    seen: &Seen,
) {
    out.extend_from_slice(b"X-Forwarded-For: ");
    if given.forwarded_for {
        for field in head.fields {
            if Field::of(field.name) == Field::ForwardedFor && !field.value.is_empty() {
                push(out, &[field.value, b", "]);
            }
        }
    }
    push(out, &[asker.address.as_bytes(), b"\r\nX-Forwarded-Proto: "]);
    out.extend_from_slice(given.proto.unwrap_or(asker.proto.as_bytes()));
    let host = given.host.unwrap_or(seen.host.as_bytes());
    if !host.is_empty() {
        push(out, &[b"\r\nX-Forwarded-Host: ", host]);
    }
    out.extend_from_slice(b"\r\n");
}

/// How an answer goes to a client.
#[derive(Clone, Copy, Debug)]
pub(super) struct To {
    /// The client speaks HTTP/1.0: chunks are unpacked, and keeping the connection must be said.
    pub(super) old: bool,
    /// Its connection ends with this answer.
    pub(super) close: bool,
}

/// Writes the head that a client gets.
pub(super) fn answer(head: &ResponseHead<'_, '_>, to: To, date: &mut Date, out: &mut Vec<u8>) {
    out.clear();
    let (informational, switching) = (head.status < 200, head.status == 101);
    let mut digits = [0; 3];
    for (at, digit) in digits.iter_mut().enumerate() {
        *digit = b'0' + (head.status / [100, 10, 1][at] % 10) as u8;
    }
    push(
        out,
        &[b"HTTP/1.1 ", &digits, b" ", head.reason.as_bytes(), b"\r\n"],
    );
    let mut length_said = informational || head.status == 204;
    for field in head.fields {
        match Field::of(field.name) {
            Field::Connection | Field::TransferEncoding | Field::Hop | Field::Te => {}
            Field::Upgrade if !switching && head.status != 426 => {}
            Field::ContentLength if length_said => {}
            Field::ContentLength => {
                length_said = true;
                line(out, field);
            }
            Field::Other if is_named(head.connection, head.fields, field.name) => {}
            _ => line(out, field),
        }
    }
    if !informational && !head.dated {
        push(out, &[b"Date: ", date.now(), b"\r\n"]);
    }
    if head.framing == Framing::Chunked && !to.old {
        out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
    }
    match () {
        () if switching || head.status == 426 => out.extend_from_slice(b"Connection: upgrade\r\n"),
        () if informational => {}
        () if to.close => out.extend_from_slice(b"Connection: close\r\n"),
        () if to.old => out.extend_from_slice(b"Connection: keep-alive\r\n"),
        () => {}
    }
    out.extend_from_slice(b"\r\n");
}

/// Whether a `Connection` field names this field, so that it is for this hop only (RFC 9110, 7.6.1).
fn is_named(connection: Connection, fields: &[Header<'_>], name: &str) -> bool {
    connection.names_others
        && fields
            .iter()
            .filter(|field| Field::of(field.name) == Field::Connection)
            .flat_map(|field| super::wire::members(field.value))
            .any(|member| member.eq_ignore_ascii_case(name.as_bytes()))
}

fn line(out: &mut Vec<u8>, field: &Header<'_>) {
    push(out, &[field.name.as_bytes(), b": ", field.value, b"\r\n"]);
}

fn push(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}
