//! Where a drain leads, as it is written.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where a drain leads:
///
/// - `file:///var/log/app.ndjson`: a file that one JSON object a line is appended to. It is opened again
///   when it was moved away or deleted, as logrotate does.
/// - `syslog+tcp://host:514`: syslog (RFC 5424) over TCP, framed by octet counting (RFC 6587, 3.4.1)
/// - `syslog+udp://host:514`: syslog over UDP (RFC 5426), a message a datagram
/// - `otlp+http://host:4318`: OpenTelemetry's OTLP over HTTP as JSON, to `/v1/logs` below this address
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drain {
    /// A file.
    File(PathBuf),
    /// Syslog over TCP.
    SyslogTcp(Peer),
    /// Syslog over UDP.
    SyslogUdp(Peer),
    /// OTLP over HTTP, to this path.
    Otlp(Peer, String),
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// A name or an address; an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// A text that says of no drain where it leads. It is not repeated: there may be a secret in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDrain {
    /// It is of no kind that there is.
    #[error(
        "a drain's address begins with `file://`, `syslog+tcp://`, `syslog+udp://` or `otlp+http://`"
    )]
    Kind,
    /// It asks for encryption.
    #[error(
        "a drain speaks no TLS yet: lead it to a collector on this machine that does, with `{0}`"
    )]
    Encrypted(&'static str),
    /// It holds a user name or a password.
    #[error(
        "a drain's address may hold no user name or password: lead it to a collector on this machine that knows them"
    )]
    Credentials,
    /// Its host or port is none.
    #[error("`{0}` is no host and port: write them as `logs.example:514` or `[::1]:514`")]
    Peer(String),
    /// Its path is not absolute or cannot be read.
    #[error("a file drain needs an absolute path, such as `file:///var/log/app.ndjson`")]
    Path,
    /// It has parts that mean nothing here.
    #[error("a drain's address ends with its {0}: remove what follows")]
    More(&'static str),
}

impl Drain {
    /// Reads a drain's address.
    ///
    /// # Errors
    /// It is none, or has parts that mean nothing.
    pub fn parse(text: &str) -> Result<Self, NoDrain> {
        let (kind, rest) = text.split_once("://").ok_or(NoDrain::Kind)?;
        match kind {
            "file" => {
                let path = rest.strip_prefix("localhost").unwrap_or(rest);
                Ok(Drain::File(file_path(path)?))
            }
            "syslog+tcp" => Ok(Drain::SyslogTcp(only_peer(rest)?)),
            "syslog+udp" => Ok(Drain::SyslogUdp(only_peer(rest)?)),
            "syslog+tls" => Err(NoDrain::Encrypted("syslog+tcp://127.0.0.1:514")),
            "otlp+https" => Err(NoDrain::Encrypted("otlp+http://127.0.0.1:4318")),
            "otlp+http" => {
                let (peer, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
                let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#\\\"<>".contains(&byte);
                if !path.bytes().all(plain) {
                    return Err(NoDrain::More("path"));
                }
                let path = format!("{}/v1/logs", path.trim_end_matches('/'));
                Ok(Drain::Otlp(Peer::parse(peer, 4318)?, path))
            }
            _ => Err(NoDrain::Kind),
        }
    }
}

impl FromStr for Drain {
    type Err = NoDrain;

    fn from_str(text: &str) -> Result<Self, NoDrain> {
        Drain::parse(text)
    }
}

impl fmt::Display for Drain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Drain::File(path) => write!(f, "file://{}", path.display()),
            Drain::SyslogTcp(peer) => write!(f, "syslog+tcp://{peer}"),
            Drain::SyslogUdp(peer) => write!(f, "syslog+udp://{peer}"),
            Drain::Otlp(peer, path) => {
                let base = path.strip_suffix("/v1/logs").unwrap_or(path);
                write!(f, "otlp+http://{peer}{base}")
            }
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A peer and nothing else, but for a slash.
fn only_peer(text: &str) -> Result<Peer, NoDrain> {
    Peer::parse(text.strip_suffix('/').unwrap_or(text), 514)
}

impl Peer {
    fn parse(text: &str, usual: u16) -> Result<Self, NoDrain> {
        if text.contains('@') {
            return Err(NoDrain::Credentials);
        }
        if text.contains(['/', '?', '#']) {
            return Err(NoDrain::More("port"));
        }
        let wrong = || NoDrain::Peer(text.chars().take(80).collect());
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
                host.parse::<std::net::Ipv6Addr>().map_err(|_| wrong())?;
                (host, port)
            }
            None => text.find(':').map_or((text, ""), |at| text.split_at(at)),
        };
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        if host.is_empty() || host.len() > 253 || !host.bytes().all(fits) {
            return Err(wrong());
        }
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => usual,
            Some(port) => port
                .parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or_else(wrong)?,
            None => return Err(wrong()),
        };
        Ok(Peer {
            host: host.to_owned(),
            port,
        })
    }
}

/// The path of a `file` URL (RFC 8089): what is not plain is written as `%20`.
fn file_path(text: &str) -> Result<PathBuf, NoDrain> {
    use std::os::unix::ffi::OsStringExt;
    if text.contains(['?', '#']) {
        return Err(NoDrain::More("path"));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || Some(char::from(rest.next()?).to_digit(16)? as u8);
        let (high, low) = digit().zip(digit()).ok_or(NoDrain::Path)?;
        bytes.push(high * 16 + low);
    }
    if !bytes.starts_with(b"/") || bytes.contains(&0) {
        return Err(NoDrain::Path);
    }
    Ok(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown() {
        for (text, shown) in [
            ("file:///var/log/app.ndjson", "file:///var/log/app.ndjson"),
            ("file://localhost/a%20b", "file:///a b"),
            ("syslog+tcp://127.0.0.1:1514", "syslog+tcp://127.0.0.1:1514"),
            (
                "syslog+udp://logs.example/",
                "syslog+udp://logs.example:514",
            ),
            ("syslog+udp://[::1]", "syslog+udp://[::1]:514"),
            ("otlp+http://[::1]:80/otlp/", "otlp+http://[::1]:80/otlp"),
            ("otlp+http://collector", "otlp+http://collector:4318"),
        ] {
            assert_eq!(
                Drain::parse(text).map(|drain| drain.to_string()),
                Ok(shown.to_owned())
            );
        }
        let otlp = Drain::parse("otlp+http://collector:4318/a");
        let peer = Peer {
            host: "collector".to_owned(),
            port: 4318,
        };
        assert_eq!(otlp, Ok(Drain::Otlp(peer, "/a/v1/logs".to_owned())));
    }

    #[test]
    fn what_is_no_address_is_refused_and_no_secret_repeated() {
        for text in [
            "",
            "/var/log/app",
            "http://127.0.0.1",
            "syslog://h:514",
            "file://relative",
            "file:///a%2",
            "file:///a%00",
            "file:///a?b",
            "syslog+tcp://",
            "syslog+tcp://:514",
            "syslog+tcp://h:0",
            "syslog+tcp://h:65536",
            "syslog+tcp://h:1/x",
            "syslog+tcp://[::1",
            "syslog+tcp://[x]:1",
            "syslog+tcp://[::1]1",
            "syslog+tcp://a b:1",
            "syslog+tls://h:1",
            "otlp+https://h",
            "otlp+http://h/a?b",
            "otlp+http://h/a b",
            "otlp+http://ada:hunter2@h/",
        ] {
            let error = Drain::parse(text).expect_err(text).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
