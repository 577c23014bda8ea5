//! A locator with all its parts, to be pointed elsewhere.

use std::fmt;
use std::net::SocketAddr;

/// `scheme://user:password@hosts/rest`, each part as it is written, percent-encoding included (RFC 3986).
///
/// Unlike [`xii_model::Locator`] it holds the password and whatever follows the host, so it is not printed
/// anywhere but into an app's environment.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct FullLocator {
    pub(super) scheme: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// Host and port, or several with commas.
    pub(super) hosts: String,
    /// The path, the query and the fragment, with their signs.
    pub(super) rest: String,
}

impl FullLocator {
    /// Takes a text apart. `None` when it is no single locator with an authority: `sqlite:///a.db` has an
    /// empty one, `file:a.db` has none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // What the audit takes for a locator, so that both speak of the same.
        xii_model::Locator::parse(text)?;
        if text.contains(char::is_whitespace) || text.matches("://").count() != 1 {
            return None;
        }
        let (scheme, tail) = text.split_once("://")?;
        let end = tail.find(['/', '?', '#']).unwrap_or(tail.len());
        let (authority, rest) = tail.split_at(end);
        let (info, hosts) = match authority.rsplit_once('@') {
            Some((info, hosts)) => (Some(info), hosts),
            None => (None, authority),
        };
        // `a://@` names nothing.
        if hosts.is_empty() && rest.is_empty() {
            return None;
        }
        let (user, password) = match info.map(|info| info.split_once(':').unwrap_or((info, ""))) {
            Some((user, password)) => (Some(user), Some(password)),
            None => (None, None),
        };
        let kept = |part: Option<&str>| part.filter(|part| !part.is_empty()).map(str::to_owned);
        Some(FullLocator {
            scheme: scheme.to_owned(),
            user: kept(user),
            password: kept(password),
            hosts: hosts.to_owned(),
            rest: rest.to_owned(),
        })
    }

    /// The same at another address.
    pub(super) fn at(&self, address: SocketAddr) -> Self {
        FullLocator {
            hosts: address.to_string(),
            ..self.clone()
        }
    }

    /// The first part of the path: the database of most that have one.
    pub(super) fn database(&self) -> Option<&str> {
        let path = self.rest.split(['?', '#']).next()?.strip_prefix('/')?;
        path.split('/').next().filter(|name| !name.is_empty())
    }

    /// The same with another database, the query kept.
    pub(super) fn with_database(mut self, name: &str) -> Self {
        let query = self.rest.find(['?', '#']).unwrap_or(self.rest.len());
        let query = self.rest.get(query..).unwrap_or_default();
        self.rest = format!("/{name}{query}");
        self
    }

    /// The same without what asks for TLS, which a private server on loopback does not speak.
    pub(super) fn without_tls(mut self) -> Self {
        if let Some(plain) = match self.scheme.as_str() {
            "rediss" => Some("redis"),
            "amqps" => Some("amqp"),
            "smtps" => Some("smtp"),
            "mongodb+srv" => Some("mongodb"),
            "tls" => Some("nats"),
            _ => None,
        } {
            self.scheme = plain.to_owned();
        }
        let Some((path, query)) = self.rest.split_once('?') else {
            return self;
        };
        const OF_TLS: [&str; 12] = [
            "ssl",
            "sslmode",
            "ssl_mode",
            "sslaccept",
            "sslcert",
            "sslkey",
            "sslrootcert",
            "tls",
            "ssl_cert_reqs",
            "ssl_ca",
            "channel_binding",
            "replicaset",
        ];
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| {
                let name = pair.split('=').next().unwrap_or_default();
                !OF_TLS.contains(&name.to_ascii_lowercase().as_str())
            })
            .collect();
        self.rest = match kept.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", kept.join("&")),
        };
        self
    }
}

impl fmt::Display for FullLocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        if let Some(user) = &self.user {
            f.write_str(user)?;
        }
        if let Some(password) = &self.password {
            write!(f, ":{password}")?;
        }
        if self.user.is_some() || self.password.is_some() {
            f.write_str("@")?;
        }
        write!(f, "{}{}", self.hosts, self.rest)
    }
}

/// Without the password.
impl fmt::Debug for FullLocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://…@{}", self.scheme, self.hosts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_locator_is_pointed_elsewhere_and_keeps_the_rest() {
        let at = SocketAddr::from(([127, 0, 0, 1], 4000));
        for (from, to) in [
            (
                "postgresql+psycopg2://a:p%40ss@db:5432/shop?x=1#y",
                "postgresql+psycopg2://a:p%40ss@127.0.0.1:4000/shop?x=1#y",
            ),
            (
                "redis://:secret@cache/1",
                "redis://:secret@127.0.0.1:4000/1",
            ),
            ("mongodb://a:1,b:2/x", "mongodb://127.0.0.1:4000/x"),
            ("amqp://guest@[::1]:5672", "amqp://guest@127.0.0.1:4000"),
        ] {
            let locator = FullLocator::parse(from).expect("a locator");
            assert_eq!(locator.to_string(), from);
            assert_eq!(locator.at(at).to_string(), to);
            assert!(!format!("{locator:?}").contains("ss"), "{locator:?}");
        }
        for none in [
            "",
            "db:5432",
            "a b://c",
            "file:x.db",
            "http://a,http://b",
            "a://@",
        ] {
            assert!(FullLocator::parse(none).is_none(), "{none}");
        }
    }

    #[test]
    fn tls_is_not_asked_of_what_has_none() {
        for (from, to) in [
            ("rediss://c:1/0", "redis://c:1/0"),
            (
                "postgres://a@b/c?sslmode=require&schema=public",
                "postgres://a@b/c?schema=public",
            ),
            ("mongodb+srv://a@b/c?tls=true", "mongodb://a@b/c"),
        ] {
            let locator = FullLocator::parse(from).expect("a locator");
            assert_eq!(locator.without_tls().to_string(), to);
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_back(text in "[a-z+]{1,9}://[a-z:@/?#.%0-9,\\[\\]-]{1,40}") {
            if let Some(locator) = FullLocator::parse(&text) {
                let again = FullLocator::parse(&locator.to_string()).expect("still one");
                prop_assert_eq!(locator.to_string(), again.to_string());
            }
        }
    }
}
