//! Where requests go, and whether they may go there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use thiserror::Error;

/// How long each of several addresses of a name is tried when the first that answers is looked for.
const TRY: Duration = Duration::from_millis(500);

/// A server, and the paths that are asked for in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    address: SocketAddr,
    authority: String,
    paths: Vec<String>,
}

/// Why nothing is sent to a URL.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadTarget {
    /// No URL was given.
    #[error("no URL was given: say where the requests go, such as http://localhost:5000/")]
    None,
    /// The scheme is not http.
    #[error("`{0}` is not supported: only http is; put the load before what ends TLS")]
    Scheme(String),
    /// The URL holds a user or a password. The URL is not repeated.
    #[error(
        "the URL holds a user or a password: give it as a header, `--header 'Authorization: …'`"
    )]
    User,
    /// The URL cannot be read.
    #[error("`{url}` is no URL: {why}")]
    Form {
        /// The URL, or its host.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The URLs name several servers.
    #[error("`{second}` is another server than `{first}`: give URLs of one server, or run twice")]
    Several {
        /// The first server.
        first: String,
        /// The other.
        second: String,
    },
    /// The host is neither this machine nor declared.
    #[error(
        "`{0}` is not this machine: load goes to loopback only; if the server is yours, add `--allow-host {0}`"
    )]
    NotAllowed(String),
    /// The name has no address.
    #[error("`{host}` has no address: {why}")]
    NoAddress {
        /// The name.
        host: String,
        /// What the system says.
        why: String,
    },
}

impl Target {
    /// Reads URLs of one server, and looks its address up.
    ///
    /// After the first, a URL may be a path alone. A URL without a scheme is taken for http. The host
    /// must be this machine (`localhost`, a name below it, 127.0.0.0/8 or ::1) or one of `allowed`,
    /// compared without regard to case; `localhost` is believed only as far as it leads to loopback.
    /// When a name has several addresses, the first that takes a connection is used.
    ///
    /// # Errors
    /// When a URL cannot be read or used, the host is not allowed, or its name has no address.
    pub fn new(urls: &[String], allowed: &[String]) -> Result<Self, BadTarget> {
        let mut paths = Vec::new();
        let mut server: Option<(String, u16)> = None;
        for url in urls {
            if let (Some(_), true) = (&server, url.starts_with('/')) {
                paths.push(path(url, url)?);
                continue;
            }
            let url = Url::read(url)?;
            match &server {
                Some((host, port)) if (host, port) != (&url.host, &url.port) => {
                    return Err(BadTarget::Several {
                        first: authority(host, *port),
                        second: authority(&url.host, url.port),
                    });
                }
                _ => server = Some((url.host, url.port)),
            }
            paths.push(url.path);
        }
        let (host, port) = server.ok_or(BadTarget::None)?;
        Ok(Target {
            address: address(&host, port, allowed)?,
            authority: authority(&host, port),
            paths,
        })
    }

    /// The paths of a server on this machine; for those who started it themselves.
    pub fn local(port: u16, path: impl Into<String>) -> Self {
        Target {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            authority: authority("127.0.0.1", port),
            paths: vec![path.into()],
        }
    }

    /// Where connections go.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the Host field says.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What is asked for, in turn; at least one.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }
}

struct Url {
    host: String,
    port: u16,
    path: String,
}

impl Url {
    fn read(url: &str) -> Result<Url, BadTarget> {
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) => return Err(BadTarget::Scheme(scheme.to_ascii_lowercase())),
            None => url,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (server, rest) = rest.split_at(end);
        if server.contains('@') {
            return Err(BadTarget::User);
        }
        let wrong = |why| BadTarget::Form {
            url: server.to_owned(),
            why,
        };
        let (host, port) = match server.strip_prefix('[') {
            Some(inner) => {
                let (host, port) = inner
                    .split_once(']')
                    .ok_or_else(|| wrong("`[` has no `]`"))?;
                (host, port.strip_prefix(':').or(Some(port)))
            }
            None => match server.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (server, None),
            },
        };
        let port = match port {
            None | Some("") => 80,
            Some(port) => match port.parse::<u16>() {
                Ok(port) if port > 0 => port,
                _ => return Err(wrong("a port is a number from 1 to 65535")),
            },
        };
        let named = host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte));
        // `:5000` is what a server says that it listens on.
        let host = match (host, server.starts_with(':')) {
            ("", true) => "localhost",
            (host, _) => host,
        };
        if host.is_empty() || !named {
            return Err(wrong("a host is a name or an address, such as localhost"));
        }
        Ok(Url {
            host: host.to_ascii_lowercase(),
            port,
            path: path(rest, server)?,
        })
    }
}

/// A path with its query, as a request line holds it; what follows `#` stays at home.
fn path(text: &str, of: &str) -> Result<String, BadTarget> {
    let text = text.split('#').next().unwrap_or_default();
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(BadTarget::Form {
            url: of.to_owned(),
            why: "spaces and what is not ASCII are written with `%` in a path",
        });
    }
    Ok(if text.starts_with('/') {
        text.to_owned()
    } else {
        format!("/{text}")
    })
}

fn authority(host: &str, port: u16) -> String {
    match (host.contains(':'), port) {
        (true, 80) => format!("[{host}]"),
        (true, port) => format!("[{host}]:{port}"),
        (false, 80) => host.to_owned(),
        (false, port) => format!("{host}:{port}"),
    }
}

fn address(host: &str, port: u16, allowed: &[String]) -> Result<SocketAddr, BadTarget> {
    let declared = allowed.iter().any(|one| {
        let one = one.trim_start_matches('[').trim_end_matches(']');
        one.eq_ignore_ascii_case(host)
    });
    if let Ok(ip) = host.parse::<IpAddr>() {
        return if declared || ip.is_loopback() {
            Ok(SocketAddr::new(ip, port))
        } else {
            Err(BadTarget::NotAllowed(host.to_owned()))
        };
    }
    // Names below localhost are this machine's, whatever a resolver says (RFC 6761, 6.3).
    if host.ends_with(".localhost") {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    if host != "localhost" && !declared {
        return Err(BadTarget::NotAllowed(host.to_owned()));
    }
    let found = (host, port)
        .to_socket_addrs()
        .map_err(|error| BadTarget::NoAddress {
            host: host.to_owned(),
            why: error.to_string(),
        })?;
    let addresses: Vec<_> = found
        .filter(|address| declared || address.ip().is_loopback())
        .collect();
    let first = match addresses.as_slice() {
        [_] => None,
        several => several
            .iter()
            .find(|address| TcpStream::connect_timeout(address, TRY).is_ok()),
    };
    first
        .or(addresses.first())
        .copied()
        .ok_or_else(|| BadTarget::NoAddress {
            host: host.to_owned(),
            why: "none that is this machine's".to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(urls: &[&str], allowed: &[&str]) -> Result<Target, BadTarget> {
        let owned = |texts: &[&str]| {
            texts
                .iter()
                .map(|&text| text.to_owned())
                .collect::<Vec<_>>()
        };
        Target::new(&owned(urls), &owned(allowed))
    }

    #[test]
    fn urls_are_read() {
        let one = target(
            &["http://127.0.0.1:5000/a?b=c#d", "/e", "127.0.0.1:5000"],
            &[],
        )
        .expect("a target");
        assert_eq!(one.address().to_string(), "127.0.0.1:5000");
        assert_eq!(one.authority(), "127.0.0.1:5000");
        assert_eq!(one.paths(), ["/a?b=c", "/e", "/"]);
        let six = target(&["HTTP://[::1]:81?q"], &[]).expect("a target");
        assert_eq!(six.authority(), "[::1]:81");
        assert_eq!(six.paths(), ["/?q"]);
        let here = target(&[":5000/x"], &[]).expect("a target");
        assert_eq!(here.authority(), "localhost:5000");
        let below = target(&["http://api.localhost:9"], &[]).expect("a target");
        assert_eq!(below.address().to_string(), "127.0.0.1:9");
        assert_eq!(below.authority(), "api.localhost:9");
    }

    #[test]
    fn only_this_machine_or_a_declared_host_is_loaded() {
        let refused = target(&["http://192.0.2.1/"], &[]);
        assert_eq!(refused, Err(BadTarget::NotAllowed("192.0.2.1".to_owned())));
        assert!(target(&["http://192.0.2.1/"], &["192.0.2.1"]).is_ok());
        assert!(target(&["http://[2001:db8::1]/"], &["[2001:DB8::1]"]).is_ok());
        let name = target(&["http://example.com/"], &["example.org"]);
        assert_eq!(name, Err(BadTarget::NotAllowed("example.com".to_owned())));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let cases = [
            &["https://localhost/"][..],
            &["http://user:secret@localhost/"],
            &["http://localhost:0/"],
            &["http://localhost:x/"],
            &["http://[::1/"],
            &["http:///path"],
            &["http://local host/"],
            &["http://127.0.0.1/a b"],
            &["http://127.0.0.1:1/", "http://127.0.0.1:2/"],
            &["http://example.com/"],
            &[],
        ];
        let said: Vec<_> = cases
            .iter()
            .map(|urls| match target(urls, &[]) {
                Ok(target) => panic!("{target:?}"),
                Err(why) => why.to_string(),
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
        `https` is not supported: only http is; put the load before what ends TLS
        the URL holds a user or a password: give it as a header, `--header 'Authorization: …'`
        `localhost:0` is no URL: a port is a number from 1 to 65535
        `localhost:x` is no URL: a port is a number from 1 to 65535
        `[::1` is no URL: `[` has no `]`
        `` is no URL: a host is a name or an address, such as localhost
        `local host` is no URL: a host is a name or an address, such as localhost
        `127.0.0.1` is no URL: spaces and what is not ASCII are written with `%` in a path
        `127.0.0.1:2` is another server than `127.0.0.1:1`: give URLs of one server, or run twice
        `example.com` is not this machine: load goes to loopback only; if the server is yours, add `--allow-host example.com`
        no URL was given: say where the requests go, such as http://localhost:5000/
        "#);
        assert!(!said.join("\n").contains("secret"));
    }
}
