//! Finding the resources, and how their variables are to be filled.

use std::collections::{BTreeMap, BTreeSet};

use xii_model::ResourceKind;

use super::address::{host_and_port, is_address, port_of};
use super::credentials::{
    database, engine_for, has_database, has_password, is_numbered, is_of_others, no, user,
};
use super::group::{Role, Roles, groups};
use super::kinds::{Kinds, kind_named, kind_of_port, usual_port};
use super::wiring::{Part, Wiring};
use crate::provision::canary::Breeder;
use crate::provision::choose::Said;
use crate::provision::form::{Form, form_of};
use crate::provision::given::CameFrom;
use crate::provision::known::Known;
use crate::provision::locator::FullLocator;
use crate::provision::platform::is_bind_address;
use crate::provision::words::Words;
use crate::settings::Stand;

/// A resource that the app wants.
pub(crate) struct Candidate {
    /// Its variables, the telling one first.
    pub(crate) names: Vec<String>,
    /// What it is.
    pub(crate) kind: ResourceKind,
    /// How a stand-in is wired.
    pub(crate) wiring: Wiring,
    /// How the one is wired that somebody gave, where it is, and who gave it.
    pub(crate) said: Option<(Wiring, String, u16, CameFrom)>,
    /// What xii.toml says of it.
    pub(crate) stand: Option<Stand>,
}

/// What the search looks at.
pub(crate) struct Search<'a> {
    pub(crate) all: &'a BTreeMap<&'a str, Known<'a>>,
    pub(crate) said: &'a Said<'a>,
    pub(crate) stands: &'a BTreeMap<String, Stand>,
    pub(crate) kinds: &'a Kinds,
    pub(crate) breeder: &'a Breeder,
}

/// The resources that the variables speak of. What `none = true` is said of is not among them.
pub(crate) fn find(search: &Search<'_>) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let names: BTreeSet<&str> = search
        .all
        .keys()
        .copied()
        .chain(search.stands.keys().map(String::as_str))
        .collect();
    for name in &names {
        let one = search.single(name);
        if let Some(one) = one {
            taken.extend(one.names.iter().cloned());
            found.push(one);
        }
    }
    let open = names.iter().copied().filter(|name| !taken.contains(*name));
    for (prefix, roles) in groups(open) {
        found.extend(search.group(prefix, &roles));
    }
    found
}

impl Search<'_> {
    /// Values that a variable was seen with, the most telling first: what somebody gave, what
    /// declarations have, what the code falls back to.
    fn seen(&self, name: &str) -> Vec<&str> {
        let known = self.all.get(name);
        let examples = known.iter().flat_map(|known| &known.examples);
        self.said
            .value(name)
            .map(|(value, _)| value)
            .into_iter()
            .chain(
                examples
                    .filter(|one| !one.placeholder || one.value.contains("://"))
                    .map(|one| one.value.as_str()),
            )
            .chain(known.and_then(|known| known.default()))
            .collect()
    }

    /// The resource that one variable names with a locator or an address.
    fn single(&self, name: &str) -> Option<Candidate> {
        let stand = self.stands.get(name).cloned();
        if stand == Some(Stand::Nothing) || name == "PORT" {
            return None;
        }
        let words = Words::of(name);
        let seen = self.seen(name);
        let locator = seen.iter().find_map(|value| FullLocator::parse(value));
        let client = self
            .all
            .get(name)
            .and_then(|known| known.client_kind())
            .map(|kind| self.kinds.settled(kind.clone()));
        let named = words.ends_with_any(&["url", "uri", "dsn", "locator"]);
        let part = super::group::split(name).is_some() && locator.is_none() && stand.is_none();
        if part && !named {
            return None;
        }
        let file = seen
            .iter()
            .any(|value| value.starts_with("sqlite:") || value.starts_with("file:"));
        let of_scheme = match (&locator, file) {
            (_, true) => Some(ResourceKind::Sqlite),
            (Some(locator), _) => ResourceKind::from_scheme(&locator.scheme),
            _ => None,
        };
        let plain = of_scheme.clone().filter(|kind| *kind != ResourceKind::Http);
        let address = seen.iter().any(|value| is_address(value))
            || words.ends_with_any(&["addr", "address", "servers", "brokers", "endpoint"]);
        let kind = match &stand {
            Some(Stand::Kind(kind)) => Some(kind_named(kind)),
            Some(Stand::Locator(locator)) => {
                FullLocator::parse(locator).and_then(|one| ResourceKind::from_scheme(&one.scheme))
            }
            _ => None,
        }
        .or(plain)
        .or(client.clone())
        .or_else(|| {
            (named || (address && locator.is_none()))
                .then(|| self.kinds.by_name(&words))
                .flatten()
        })
        .or_else(|| {
            let asked = named && self.kinds.calls() && is_of_others(&words);
            let needed = self.all.get(name).is_some_and(|known| known.is_read());
            (asked && needed).then_some(ResourceKind::Http)
        })
        .or_else(|| of_scheme.filter(|_| stand.is_some()))
        .or_else(|| stand.is_some().then_some(ResourceKind::Http))?;
        // What runs in production where a driver for it is installed; the file is for a laptop.
        let kind = match (&kind, self.kinds.relational(), &stand) {
            (ResourceKind::Sqlite, Some(relational), None)
                if named && self.said.value(name).is_none() =>
            {
                relational.clone()
            }
            _ => kind,
        };
        if stand.is_none() && !self.is_wanted(name, &kind) {
            return None;
        }
        let wiring = self.wire(name, &kind, locator.as_ref(), address && !named);
        Some(Candidate {
            names: vec![name.to_owned()],
            said: self.said_one(name, &stand, &kind),
            wiring,
            kind,
            stand,
        })
    }

    /// Whether anything is to stand behind a variable. What can be had at no cost always is; what cannot
    /// only when the app needs it or would go to somebody else's otherwise.
    fn is_wanted(&self, name: &str, kind: &ResourceKind) -> bool {
        let Some(known) = self.all.get(name) else {
            return true;
        };
        let startable = usual_port(kind).is_some() && *kind != ResourceKind::Kafka;
        (startable && known.is_read())
            || known.needed().is_yes()
            || known.has_default()
            || known.declared_value().is_some()
            || self.said.value(name).is_some()
    }

    fn wire(
        &self,
        name: &str,
        kind: &ResourceKind,
        base: Option<&FullLocator>,
        address: bool,
    ) -> Wiring {
        if *kind == ResourceKind::Sqlite {
            return Wiring::Fixed(self.file(name));
        }
        if address && base.is_none() {
            return Wiring::Address(name.to_owned());
        }
        // What an example of another kind says does not count.
        let base = base
            .filter(|one| ResourceKind::from_scheme(&one.scheme).as_ref() == Some(kind))
            .or(base.filter(|_| usual_port(kind).is_none()))
            .cloned();
        let mut locator = base.unwrap_or_else(|| FullLocator {
            scheme: self.kinds.scheme(kind).to_owned(),
            user: None,
            password: None,
            hosts: String::new(),
            rest: String::new(),
        });
        locator = locator.without_tls();
        match kind {
            ResourceKind::Postgres | ResourceKind::MySql => {
                let user = user(kind, locator.user.as_deref());
                locator.password = Some(self.password(kind, &user));
                locator.user = Some(user);
                let database = database(locator.database());
                if locator.database() != Some(&database) {
                    locator = locator.with_database(&database);
                }
            }
            ResourceKind::Redis => {
                // A user needs an access list; a password alone is what hosts of Redis give.
                locator.user = locator.user.filter(|user| user == "default");
                if locator.password.is_some() {
                    locator.password = Some(self.password(kind, ""));
                }
            }
            ResourceKind::Mongo => {
                // The private one lets everybody in, so that nothing is said of who asks.
                (locator.user, locator.password) = (None, None);
                let database = database(locator.database());
                locator.rest = format!("/{database}");
            }
            ResourceKind::Memcached | ResourceKind::Nats => {
                (locator.user, locator.password) = (None, None);
            }
            _ => {
                if locator.password.is_some() {
                    locator.password = Some(self.breeder.password(name));
                }
            }
        }
        Wiring::Locator(name.to_owned(), locator)
    }

    /// The password of a user on the private server of a kind: one, whichever variable holds it.
    fn password(&self, kind: &ResourceKind, user: &str) -> String {
        self.breeder.password(&format!("{kind} {user}"))
    }

    /// SQLite's file: as it is said or declared, by the code's default, or a new one beside the code.
    fn file(&self, name: &str) -> Vec<(String, String)> {
        let known = self.all.get(name);
        let declared = known.and_then(|known| known.declared_value());
        let value = match (self.said.value(name), declared) {
            (Some((value, _)), _) => value.to_owned(),
            (None, Some(example)) => example.value.clone(),
            (None, None) if known.is_some_and(|known| known.has_default()) => return Vec::new(),
            (None, None) if form_of(name, &[]) == Form::Url => "sqlite:///app.db".to_owned(),
            (None, None) => "./app.db".to_owned(),
        };
        vec![(name.to_owned(), value)]
    }

    /// Where the resource is that somebody gave.
    fn said_one(
        &self,
        name: &str,
        stand: &Option<Stand>,
        kind: &ResourceKind,
    ) -> Option<(Wiring, String, u16, CameFrom)> {
        let (value, from) = match stand {
            Some(Stand::Locator(locator)) => (locator.as_str(), CameFrom::XiiToml),
            _ => self.said.value(name)?,
        };
        if let Some(locator) = FullLocator::parse(value) {
            let (host, port) = host_and_port(&locator.hosts, port_of(&locator.scheme, kind));
            let wiring = Wiring::Locator(name.to_owned(), locator);
            return Some((wiring, host, port?, from));
        }
        is_address(value).then(|| {
            let (host, port) = host_and_port(value, usual_port(kind));
            Some((Wiring::Address(name.to_owned()), host, port?, from))
        })?
    }

    /// The resource that several variables name together.
    fn group(&self, prefix: &str, roles: &Roles<'_>) -> Option<Candidate> {
        let host = *roles.get(&Role::Host)?.first()?;
        let stand = roles
            .values()
            .flatten()
            .find_map(|name| self.stands.get(*name))
            .cloned();
        let alone = roles.len() == 1;
        if stand == Some(Stand::Nothing) || (is_bind_address(host) && stand.is_none()) {
            return None;
        }
        let first = |role: Role| {
            let names = roles.get(&role)?.iter();
            names
                .flat_map(|name| self.seen(name))
                .next()
                .map(|value| value.trim().to_owned())
        };
        let words = Words::of(prefix);
        let engine = first(Role::Engine).unwrap_or_default().to_ascii_lowercase();
        let by_engine = engine
            .rsplit('.')
            .next()
            .map(|name| name.trim_end_matches(|c: char| c.is_ascii_digit()))
            .and_then(ResourceKind::from_scheme)
            .filter(|kind| *kind != ResourceKind::Sqlite);
        // Which word would be another engine is known to the app alone.
        if engine.contains("sqlite") && !engine.starts_with("django.") && stand.is_none() {
            return Some(Candidate {
                names: vec![host.to_owned()],
                kind: ResourceKind::Sqlite,
                wiring: Wiring::Fixed(Vec::new()),
                said: None,
                stand: None,
            });
        }
        let client = self.all.get(host).and_then(|known| known.client_kind());
        let by_port = first(Role::Port)
            .and_then(|port| port.parse::<u16>().ok())
            .and_then(kind_of_port);
        let kind = match &stand {
            Some(Stand::Kind(kind)) => Some(kind_named(kind)),
            _ => None,
        }
        .or_else(|| client.map(|kind| self.kinds.settled(kind.clone())))
        .or(by_engine)
        .or_else(|| self.kinds.by_name(&words))
        .or_else(|| {
            words
                .has_any(&["mail", "email", "smtp"])
                .then_some(ResourceKind::Mail)
        })
        // A lone host with no port may be anything, the app itself included.
        .or_else(|| by_port.filter(|_| !alone))
        .or_else(|| stand.is_some().then_some(ResourceKind::Http))?;
        if kind == ResourceKind::Sqlite || (stand.is_none() && !self.is_wanted(host, &kind)) {
            return None;
        }
        let user = user(&kind, first(Role::User).as_deref());
        let mut parts = Vec::new();
        let each = roles
            .iter()
            .flat_map(|(role, names)| names.iter().map(move |name| (role, name)));
        for (role, name) in each {
            let part = match role {
                Role::Host => Part::Host,
                Role::Port => Part::Port,
                Role::User => Part::User(user.clone()),
                Role::Password if has_password(&kind) => Part::Password(match is_numbered(&kind) {
                    true => self.password(&kind, ""),
                    false => self.password(&kind, &user),
                }),
                Role::Password => continue,
                Role::Database if is_numbered(&kind) => match first(Role::Database) {
                    Some(number) if number.parse::<u8>().is_ok() => Part::Database(number),
                    _ => continue,
                },
                Role::Database if has_database(&kind) => {
                    Part::Database(database(first(Role::Database).as_deref()))
                }
                // `MAIL_NAME` is who sends.
                Role::Database => continue,
                Role::Tls if name.ends_with("MODE") => Part::Fixed("disable".to_owned()),
                Role::Tls => Part::Fixed(no(self.seen(name).first().copied())),
                Role::Engine => match engine_for(&kind, &engine, self.kinds) {
                    Some(word) => Part::Fixed(word),
                    None => continue,
                },
            };
            parts.push(((*name).to_owned(), part));
        }
        let wiring = Wiring::Parts(parts);
        Some(Candidate {
            names: wiring.names(),
            said: self.said_group(roles, &kind, &wiring),
            wiring,
            kind,
            stand,
        })
    }

    fn said_group(
        &self,
        roles: &Roles<'_>,
        kind: &ResourceKind,
        wiring: &Wiring,
    ) -> Option<(Wiring, String, u16, CameFrom)> {
        let said = |role: Role| self.said.value(roles.get(&role)?.first()?);
        let (host, from) = said(Role::Host)?;
        let port = match said(Role::Port) {
            Some((port, _)) => port.trim().parse().ok()?,
            None => usual_port(kind)?,
        };
        // Of the given one only the address is ours to change.
        let parts = wiring
            .names()
            .into_iter()
            .filter_map(|name| {
                let role = roles
                    .iter()
                    .find(|(_, names)| names.contains(&name.as_str()))?
                    .0;
                let part = match role {
                    Role::Host => Part::Host,
                    Role::Port => Part::Port,
                    _ => {
                        let text = self.said.value(&name)?.0.to_owned();
                        match role {
                            Role::User => Part::User(text),
                            Role::Password => Part::Password(text),
                            Role::Database => Part::Database(text),
                            _ => Part::Fixed(text),
                        }
                    }
                };
                Some((name, part))
            })
            .collect();
        Some((Wiring::Parts(parts), host.trim().to_owned(), port, from))
    }
}
