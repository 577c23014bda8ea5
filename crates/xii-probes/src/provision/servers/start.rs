//! Starting a private server of a kind.

use std::io;
use std::net::SocketAddr;

use xii_model::ResourceKind;

use super::ground::Ground;
use super::mail::Sink;
use super::process::Process;
use super::{mail, memcached, mongo, mysql, nats, postgres, redis};
use crate::provision::found::{Access, install};

/// How often a port is taken by somebody else before its server has bound it, until we give up.
const TRIES: usize = 3;

/// What a server must do for the app.
#[derive(Clone, Default)]
pub(crate) struct Demand {
    /// Who comes, to which databases.
    pub(crate) accesses: Vec<Access>,
    /// The port that it must have, since no variable says it.
    pub(crate) port: Option<u16>,
}

/// A private server. Dropped, it is stopped and what it kept is removed.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its program: `redis`, `mariadb`.
    pub(crate) name: &'static str,
    /// What it says its version is.
    pub(crate) version: Option<String>,
    pub(super) keeps: Keeps,
}

/// What runs it.
pub(super) enum Keeps {
    Process(Process),
    /// Stopped when it is dropped.
    Sink(#[allow(dead_code)] Sink),
}

impl Server {
    /// Asks it to go, and does not wait: for several at once, before they are dropped.
    pub(crate) fn ask_to_stop(&mut self) {
        if let Keeps::Process(process) = &mut self.keeps {
            process.ask_to_stop();
        }
    }

    /// How many messages a sink for mail has taken.
    pub(crate) fn mails(&self) -> Option<usize> {
        match &self.keeps {
            Keeps::Sink(sink) => Some(sink.taken()),
            Keeps::Process(_) => None,
        }
    }
}

/// Starts a private server of a kind.
///
/// # Errors
/// Why there is none, as a part of a sentence.
pub(crate) async fn start(
    kind: &ResourceKind,
    demand: &Demand,
    ground: &Ground,
) -> Result<Server, String> {
    let mut last = String::new();
    for _ in 0..TRIES {
        let address = place(demand, ground)
            .map_err(|error| format!("loopback has no address for it ({error})"))?;
        let started = match kind {
            ResourceKind::Postgres => postgres::start(address, demand, ground).await,
            ResourceKind::MySql => mysql::start(address, demand, ground).await,
            ResourceKind::Redis => redis::start(address, demand, ground).await,
            ResourceKind::Memcached => memcached::start(address, ground).await,
            ResourceKind::Mongo => mongo::start(address, ground).await,
            ResourceKind::Nats => nats::start(address, ground).await,
            ResourceKind::Mail => mail::start(address),
            other => return Err(format!("xii has no private {other}")),
        };
        match started {
            Err(why) if why.to_ascii_lowercase().contains("in use") => last = why,
            other => return other,
        }
    }
    Err(last)
}

fn place(demand: &Demand, ground: &Ground) -> io::Result<SocketAddr> {
    match demand.port {
        Some(port) => ground.address_with(port),
        None => ground.address(),
    }
}

/// That its program is not here, and what to install.
pub(super) fn absent(kind: &ResourceKind) -> String {
    install(kind)
}

/// That the system does not let us.
pub(super) fn refused(error: &io::Error) -> String {
    format!("it cannot be started ({error})")
}
