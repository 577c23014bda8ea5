//! How a resource's address gets into variables.

use std::net::SocketAddr;

use crate::provision::locator::FullLocator;

/// The variables of a resource, and what each holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wiring {
    /// One locator.
    Locator(String, FullLocator),
    /// One `host:port`.
    Address(String),
    /// A part each.
    Parts(Vec<(String, Part)>),
    /// Values that do not depend on any address: SQLite, or none at all.
    Fixed(Vec<(String, String)>),
}

/// What a variable of several holds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// The host.
    Host,
    /// The port.
    Port,
    /// Who connects.
    User(String),
    /// With which password.
    Password(String),
    /// To which database.
    Database(String),
    /// Something that is the same wherever the resource is: a dialect, TLS off.
    Fixed(String),
}

/// Without the password.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Part::Host => f.write_str("Host"),
            Part::Port => f.write_str("Port"),
            Part::User(name) => write!(f, "User({name})"),
            Part::Password(_) => f.write_str("Password"),
            Part::Database(name) => write!(f, "Database({name})"),
            Part::Fixed(text) => write!(f, "Fixed({text})"),
        }
    }
}

/// Who connects, how and to what: what a private server must be made to accept.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) database: Option<String>,
}

impl Wiring {
    /// The names of the variables, the telling one first.
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Wiring::Locator(name, _) | Wiring::Address(name) => vec![name.clone()],
            Wiring::Parts(parts) => parts.iter().map(|(name, _)| name.clone()).collect(),
            Wiring::Fixed(values) => values.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// The variables with a resource at this address.
    pub(crate) fn at(&self, at: SocketAddr) -> Vec<(String, String)> {
        match self {
            Wiring::Locator(name, locator) => vec![(name.clone(), locator.at(at).to_string())],
            Wiring::Address(name) => vec![(name.clone(), at.to_string())],
            Wiring::Parts(_) | Wiring::Fixed(_) => self.as_said(&at.ip().to_string(), at.port()),
        }
    }

    /// The variables as they were given, with a host by its name.
    pub(crate) fn as_said(&self, host: &str, port: u16) -> Vec<(String, String)> {
        match self {
            Wiring::Locator(name, locator) => vec![(name.clone(), locator.to_string())],
            Wiring::Address(name) => vec![(name.clone(), format!("{host}:{port}"))],
            Wiring::Parts(parts) => parts
                .iter()
                .map(|(name, part)| {
                    let value = match part {
                        Part::Host => host.to_owned(),
                        Part::Port => port.to_string(),
                        Part::User(text)
                        | Part::Password(text)
                        | Part::Database(text)
                        | Part::Fixed(text) => text.clone(),
                    };
                    (name.clone(), value)
                })
                .collect(),
            Wiring::Fixed(values) => values.clone(),
        }
    }

    /// Who connects, by what the variables hold.
    pub(crate) fn access(&self) -> Access {
        let mut access = Access::default();
        match self {
            Wiring::Locator(_, locator) => {
                access.user = locator.user.clone();
                access.password = locator.password.clone();
                access.database = locator.database().map(str::to_owned);
            }
            Wiring::Parts(parts) => {
                for (_, part) in parts {
                    match part {
                        Part::User(name) => access.user = Some(name.clone()),
                        Part::Password(word) => access.password = Some(word.clone()),
                        Part::Database(name) => access.database = Some(name.clone()),
                        Part::Host | Part::Port | Part::Fixed(_) => {}
                    }
                }
            }
            Wiring::Address(_) | Wiring::Fixed(_) => {}
        }
        access
    }

    /// The variable that holds the password, or a locator with one.
    pub(crate) fn password_variable(&self) -> Option<&str> {
        match self {
            Wiring::Locator(name, locator) => locator.password.is_some().then_some(name.as_str()),
            Wiring::Parts(parts) => parts
                .iter()
                .find(|(_, part)| matches!(part, Part::Password(_)))
                .map(|(name, _)| name.as_str()),
            Wiring::Address(_) | Wiring::Fixed(_) => None,
        }
    }

    /// Whether a variable says the port.
    pub(crate) fn says_port(&self) -> bool {
        match self {
            Wiring::Parts(parts) => parts.iter().any(|(_, part)| *part == Part::Port),
            Wiring::Locator(..) | Wiring::Address(_) => true,
            Wiring::Fixed(_) => false,
        }
    }
}
