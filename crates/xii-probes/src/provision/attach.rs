//! Putting something behind every resource.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use futures_util::future::join_all;
use xii_model::ResourceKind;

use super::form::form_of;
use super::found::{Candidate, Wiring, usual_port};
use super::given::{CameFrom, Canary, Given, Needed};
use super::known::Known;
use super::provide::Wanted;
use super::provided::shown;
use super::resource::{Behind, Resource};
use super::servers::{Demand, Ground, Server, reach, stand, start};
use crate::settings::Stand;

/// Where nobody listens: the discard port (RFC 863).
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

/// What came of all resources.
pub(super) struct Attached {
    pub(super) resources: Vec<Resource>,
    pub(super) servers: Vec<Server>,
    pub(super) notes: Vec<String>,
    /// Their variables.
    pub(super) given: Vec<Given>,
}

/// What is done about a resource.
enum Plan {
    /// Somebody gave it, and it answers.
    Given(SocketAddr, Wiring, CameFrom),
    /// Somebody gave it, and nothing can be put between.
    Plain(Wiring, CameFrom, String),
    /// A command of xii.toml.
    Command(String),
    /// A private server, by its number.
    Private(usize),
    /// A file.
    File,
    /// There is none.
    None(String),
}

/// Puts something behind each, servers side by side.
pub(super) async fn attach(
    found: Vec<Candidate>,
    all: &BTreeMap<&str, Known<'_>>,
    wanted: &Wanted<'_>,
    ground: &Ground,
) -> Attached {
    let mut notes = Vec::new();
    let reached = join_all(found.iter().map(given_one)).await;
    let mut demands: Vec<(ResourceKind, Demand)> = Vec::new();
    let mut plans = Vec::new();
    for (candidate, reached) in found.iter().zip(reached) {
        let (plan, note) = plan(candidate, reached, &mut demands);
        notes.extend(note);
        plans.push(plan);
    }
    for (kind, _) in &demands {
        (wanted.tell)(format!("starting a private {kind}"));
    }
    let private = join_all(
        demands
            .iter()
            .map(|(kind, demand)| start(kind, demand, ground)),
    );
    let commands = join_all(plans.iter().map(async |plan| match plan {
        Plan::Command(line) => {
            (wanted.tell)(format!("starting `{line}`"));
            Some(stand(line, wanted.folder, wanted.variables, ground).await)
        }
        _ => None,
    }));
    let (private, commands) = futures_util::future::join(private, commands).await;
    let mut resources = Vec::new();
    let mut servers = Vec::new();
    let mut given = Vec::new();
    for ((candidate, plan), command) in found.into_iter().zip(plans).zip(commands) {
        let resource = match plan {
            Plan::Given(at, wiring, from) => {
                given.extend(said_variables(&candidate, &wiring, all, &from));
                Resource {
                    plain: wiring.at(at),
                    target: Ok(at),
                    stands: format!("given by {from}"),
                    ..bare(&candidate, wiring)
                }
            }
            Plan::Plain(wiring, from, why) => {
                let said = said_variables(&candidate, &wiring, all, &from);
                let plain = said.iter().map(|one| (one.name.clone(), one.value.clone()));
                let resource = Resource {
                    plain: plain.collect(),
                    target: Err(why),
                    stands: format!("given by {from}"),
                    ..bare(&candidate, wiring)
                };
                given.extend(said);
                resource
            }
            Plan::File => Resource {
                plain: candidate.wiring.at(NOWHERE),
                target: Err("SQLite is a file: nothing lies between that could be cut".to_owned()),
                stands: "a file".to_owned(),
                ..bare(&candidate, candidate.wiring.clone())
            },
            Plan::None(why) => without(&candidate, why),
            Plan::Command(line) => match command {
                Some(Ok(server)) => {
                    let resource = had(&candidate, &server, Behind::Command(line));
                    servers.push(server);
                    resource
                }
                Some(Err(why)) => {
                    without(&candidate, format!("`{line}` does not stand for it: {why}"))
                }
                None => without(&candidate, format!("`{line}` was not started")),
            },
            Plan::Private(number) => match (private.get(number), demands.get(number)) {
                (Some(Ok(server)), Some((_, demand))) => {
                    had(&candidate, server, Behind::Private(demand.clone()))
                }
                (Some(Err(why)), _) => without(&candidate, why.clone()),
                _ => without(&candidate, "no server was started".to_owned()),
            },
        };
        if !given
            .iter()
            .any(|one: &Given| resource.variables.contains(&one.name))
        {
            given.extend(our_variables(&resource, all));
        }
        (wanted.tell)(match &resource.target {
            Ok(_) => format!("{}: {}", resource.name, resource.stands),
            Err(why) => format!("{}: {}", resource.name, why),
        });
        resources.push(resource);
    }
    servers.extend(private.into_iter().flatten());
    Attached {
        resources,
        servers,
        notes,
        given,
    }
}

/// The one that somebody gave, if anybody did: where it answers, or why it does not.
async fn given_one(candidate: &Candidate) -> Option<Result<SocketAddr, String>> {
    let (_, host, port, _) = candidate.said.as_ref()?;
    Some(reach(host, *port).await)
}

fn plan(
    candidate: &Candidate,
    reached: Option<Result<SocketAddr, String>>,
    demands: &mut Vec<(ResourceKind, Demand)>,
) -> (Plan, Option<String>) {
    if let Some(Stand::Command(line)) = &candidate.stand {
        return (Plan::Command(line.clone()), None);
    }
    if candidate.kind == ResourceKind::Sqlite {
        return (Plan::File, None);
    }
    let mut note = None;
    if let (Some((wiring, _, _, from)), Some(reached)) = (&candidate.said, reached)
        && !matches!(candidate.stand, Some(Stand::Kind(_)))
    {
        match reached {
            Ok(_) if names_its_host(wiring) => {
                let why = "it is spoken to over TLS, whose certificate names the host: nothing can be put between";
                return (
                    Plan::Plain(wiring.clone(), from.clone(), why.to_owned()),
                    None,
                );
            }
            Ok(at) => return (Plan::Given(at, wiring.clone(), from.clone()), None),
            Err(why) if !is_startable(&candidate.kind) => {
                return (Plan::Plain(wiring.clone(), from.clone(), why), None);
            }
            Err(why) => {
                note = candidate.names.first().map(|name| {
                    format!(
                        "{name} of {from} is not used, since {why}: a private one stands for it"
                    )
                });
            }
        }
    }
    if !is_startable(&candidate.kind) {
        let why = format!(
            "xii has no private {}: give {} by --env-file, or say what stands for it under [prove.resources] in xii.toml",
            candidate.kind,
            candidate.names.first().map_or("it", String::as_str),
        );
        return (Plan::None(why), note);
    }
    // A database is where it always is; mail goes to 25, 465, 587, 2525.
    if candidate.kind == ResourceKind::Mail && !candidate.wiring.says_port() {
        let why =
            "no variable says its port, so that nothing can stand where the app looks".to_owned();
        return (Plan::None(why), note);
    }
    let access = candidate.wiring.access();
    let port = (!candidate.wiring.says_port())
        .then(|| usual_port(&candidate.kind))
        .flatten();
    // Redis has one password for all, so that who has none needs a server without.
    let fits = |(kind, demand): &(ResourceKind, Demand)| {
        let locked = demand.accesses.iter().any(|one| one.password.is_some());
        *kind == candidate.kind
            && demand.port == port
            && (*kind == ResourceKind::Mail || locked == access.password.is_some())
    };
    let number = demands.iter().position(fits).unwrap_or_else(|| {
        let demand = Demand {
            accesses: Vec::new(),
            port,
        };
        demands.push((candidate.kind.clone(), demand));
        demands.len() - 1
    });
    if let Some((_, demand)) = demands.get_mut(number) {
        demand.accesses.push(access);
    }
    (Plan::Private(number), note)
}

fn is_startable(kind: &ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Postgres
            | ResourceKind::MySql
            | ResourceKind::Redis
            | ResourceKind::Memcached
            | ResourceKind::Mongo
            | ResourceKind::Nats
            | ResourceKind::Mail
    )
}

/// Whether a client would find that the address was replaced.
fn names_its_host(wiring: &Wiring) -> bool {
    let Wiring::Locator(_, locator) = wiring else {
        return false;
    };
    let rest = locator.rest.to_ascii_lowercase();
    matches!(
        locator.scheme.as_str(),
        "https" | "wss" | "rediss" | "amqps" | "smtps" | "mongodb+srv" | "tls"
    ) || rest.contains("verify-full")
        || rest.contains("verify_identity")
}

/// A resource that nothing is said of yet.
fn bare(candidate: &Candidate, wiring: Wiring) -> Resource {
    Resource {
        name: candidate.names.first().cloned().unwrap_or_default(),
        variables: match wiring.names() {
            // A file that the code names by itself.
            none if none.is_empty() => candidate.names.clone(),
            names => names,
        },
        kind: candidate.kind.clone(),
        target: Err(String::new()),
        stands: "nothing".to_owned(),
        version: None,
        fixed_port: (!wiring.says_port())
            .then(|| usual_port(&candidate.kind))
            .flatten(),
        behind: Behind::Other,
        plain: Vec::new(),
        wiring,
    }
}

fn had(candidate: &Candidate, server: &Server, behind: Behind) -> Resource {
    Resource {
        plain: candidate.wiring.at(server.address),
        target: Ok(server.address),
        stands: shown(server),
        version: server.version.clone(),
        behind,
        ..bare(candidate, candidate.wiring.clone())
    }
}

/// One that could not be had: its variables lead to where nobody listens, so that the app talks to
/// nobody whom it should leave alone.
fn without(candidate: &Candidate, why: String) -> Resource {
    Resource {
        plain: candidate.wiring.at(NOWHERE),
        target: Err(why),
        ..bare(candidate, candidate.wiring.clone())
    }
}

/// The variables of a resource that we made.
fn our_variables(resource: &Resource, all: &BTreeMap<&str, Known<'_>>) -> Vec<Given> {
    let password = resource.wiring.access().password;
    let holder = resource.wiring.password_variable();
    let each = resource.plain.iter().map(|(name, value)| {
        let canary = password
            .as_ref()
            .filter(|_| holder == Some(name.as_str()))
            .map(|password| Canary {
                variable: name.clone(),
                value: password.clone(),
            });
        Given {
            name: name.clone(),
            form: form_of(name, &[value]),
            value: value.clone(),
            from: CameFrom::Resource,
            secret: canary.is_some(),
            canary,
            required: needed(all, name),
        }
    });
    each.collect()
}

/// The variables of a resource that somebody gave, as they were given.
fn said_variables(
    candidate: &Candidate,
    wiring: &Wiring,
    all: &BTreeMap<&str, Known<'_>>,
    from: &CameFrom,
) -> Vec<Given> {
    let Some((_, host, port, _)) = &candidate.said else {
        return Vec::new();
    };
    let secret = wiring.password_variable();
    let each = wiring
        .as_said(host, *port)
        .into_iter()
        .map(|(name, value)| Given {
            form: form_of(&name, &[&value]),
            value,
            from: from.clone(),
            secret: secret == Some(name.as_str()),
            canary: None,
            required: needed(all, &name),
            name,
        });
    each.collect()
}

fn needed(all: &BTreeMap<&str, Known<'_>>, name: &str) -> Needed {
    all.get(name).map_or(Needed::Unknown, Known::needed)
}
