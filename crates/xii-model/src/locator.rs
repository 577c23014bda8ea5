//! Locators: the addresses of backing services.

use std::fmt;

use crate::facts::ResourceKind;

/// The address of a resource, taken apart. It never holds a password: only whether there was one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locator {
    /// The scheme, in lower case; empty for a bare host or path.
    pub scheme: String,
    /// The user, if given.
    pub user: Option<String>,
    /// Whether a password was given.
    pub has_password: bool,
    /// The host or hosts; empty when the locator is a path.
    pub host: String,
    /// The port, if given.
    pub port: Option<u16>,
    /// What follows the host, without query and fragment.
    pub path: String,
}

impl Locator {
    /// Reads `scheme://user:password@host:port/path?query`. `None` when the text has no scheme.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let scheme_ok = scheme
            .chars()
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.:".contains(c));
        if !scheme_ok || rest.is_empty() {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let path = tail.split(['?', '#']).next().unwrap_or_default();
        let (user_info, address) = match authority.rsplit_once('@') {
            Some((user_info, address)) => (Some(user_info), address),
            None => (None, authority),
        };
        let (user, has_password) = match user_info.map(|info| info.split_once(':')) {
            Some(Some((user, password))) => (Some(user.to_owned()), !password.is_empty()),
            Some(None) => (user_info.map(str::to_owned), false),
            None => (None, false),
        };
        let (host, port) = split_port(address);
        Some(Locator {
            scheme: scheme.to_ascii_lowercase(),
            user: user.filter(|user| !user.is_empty()),
            has_password,
            host: host.to_owned(),
            port,
            path: path.to_owned(),
        })
    }

    /// The kind of resource that its scheme speaks of.
    pub fn kind(&self) -> Option<ResourceKind> {
        ResourceKind::from_scheme(&self.scheme)
    }

    /// Whether it names this machine: `localhost`, 127.0.0.0/8, `::1`, `0.0.0.0`.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(&self.host)
    }

    /// Whether its host is reserved for documentation and examples (RFC 2606, RFC 5737).
    pub fn is_example(&self) -> bool {
        let host = self.host.to_ascii_lowercase();
        host.split('.').any(|label| label == "example")
            || [".test", ".invalid"].iter().any(|end| host.ends_with(end))
            || ["192.0.2.", "198.51.100.", "203.0.113."]
                .iter()
                .any(|start| host.starts_with(start))
    }
}

/// Whether a host names this machine.
pub fn is_loopback_host(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    matches!(
        host.as_str(),
        "localhost" | "::1" | "0.0.0.0" | "::" | "host.docker.internal"
    ) || host.ends_with(".localhost")
        || (host.starts_with("127.") && host.split('.').count() == 4)
}

/// Splits `host:port`, with IPv6 addresses in brackets. A list of hosts is kept as it is.
fn split_port(address: &str) -> (&str, Option<u16>) {
    match address.rsplit_once(':') {
        Some((host, port))
            if !host.contains(',') && (!host.contains(':') || host.ends_with(']')) =>
        {
            match port.parse() {
                Ok(port) => (host, Some(port)),
                Err(_) => (address, None),
            }
        }
        _ => (address, None),
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        if let Some(user) = &self.user {
            f.write_str(user)?;
        }
        if self.has_password {
            f.write_str(":***")?;
        }
        if self.user.is_some() || self.has_password {
            f.write_str("@")?;
        }
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_told_and_not_kept() {
        let locator =
            Locator::parse("postgres://app:s3cr@t@db.internal:5432/main?sslmode=require").unwrap();
        assert_eq!(
            locator.to_string(),
            "postgres://app:***@db.internal:5432/main"
        );
        assert!(!format!("{locator:?}").contains("s3cr"));
        assert_eq!(locator.kind(), Some(ResourceKind::Postgres));
    }

    #[test]
    fn several_hosts_and_ipv6_are_read() {
        assert_eq!(
            Locator::parse("mongodb://a:1,b:2/x").unwrap().host,
            "a:1,b:2"
        );
        let locator = Locator::parse("redis://[::1]:6379/0").unwrap();
        assert_eq!((locator.host.as_str(), locator.port), ("[::1]", Some(6379)));
        assert!(locator.is_loopback());
    }

    #[test]
    fn what_is_no_locator_is_refused() {
        for text in ["", "://x", "http://", "just text", "1a://b"] {
            assert_eq!(Locator::parse(text), None, "{text}");
        }
    }
}
