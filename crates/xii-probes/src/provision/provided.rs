//! The environment that an app was given.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::given::{Canary, Given, Left};
use super::resource::{Behind, Resource};
use super::servers::{Ground, Server, stand, start};

#[derive(Default)]
/// The environment that an app was given, and the private servers behind it. Dropped, they are stopped
/// and what they kept is removed.
pub struct Provided {
    /// Every variable with a value, by name.
    pub given: Vec<Given>,
    /// Every resource that the app wants.
    pub resources: Vec<Resource>,
    /// Variables that were left unset, by name.
    pub left: Vec<Left>,
    /// What a reader of the report should know, a sentence each.
    pub notes: Vec<String>,
    pub(super) servers: Vec<Server>,
    pub(super) ground: Option<Ground>,
    pub(super) folder: PathBuf,
    pub(super) variables: Vec<(String, String)>,
}

/// A second server of a resource's kind, with the same roles and databases and nothing in them. Dropped,
/// it is stopped.
pub struct Fresh {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it is: `private redis 7.0.15`.
    pub stands: String,
    _server: Server,
}

impl Provided {
    /// The app's variables, with each resource at the address that `at` says, such as its interposer's;
    /// where it says none, without anything between. `PORT` is not among them: each run has its own.
    pub fn environment(
        &self,
        at: &dyn Fn(&Resource) -> Option<SocketAddr>,
    ) -> Vec<(String, String)> {
        let mut all: BTreeMap<String, String> = self
            .given
            .iter()
            .map(|one| (one.name.clone(), one.value.clone()))
            .collect();
        for resource in &self.resources {
            if let Some(address) = at(resource) {
                all.extend(resource.variables_at(address));
            }
        }
        all.into_iter().collect()
    }

    /// The canaries that the environment holds.
    pub fn canaries(&self) -> Vec<Canary> {
        self.given
            .iter()
            .filter_map(|one| one.canary.clone())
            .collect()
    }

    /// A second private server of the resource's kind.
    ///
    /// # Errors
    /// Why there is none: the resource was given, or its server cannot be started.
    pub async fn fresh(&self, resource: &Resource) -> Result<Fresh, String> {
        let Some(ground) = &self.ground else {
            return Err("no private server can be started here".to_owned());
        };
        let server = match &resource.behind {
            Behind::Private(demand) => start(&resource.kind, demand, ground).await?,
            Behind::Command(line) => stand(line, &self.folder, &self.variables, ground).await?,
            Behind::Other => {
                return Err(format!(
                    "{} is not a private one, so that there is no second",
                    resource.name
                ));
            }
        };
        Ok(Fresh {
            address: server.address,
            stands: shown(&server),
            _server: server,
        })
    }

    /// How many messages the sink for mail has taken; nothing when there is none.
    pub fn mails(&self) -> Option<usize> {
        self.servers.iter().find_map(Server::mails)
    }
}

/// `private redis 7.0.15`.
pub(super) fn shown(server: &Server) -> String {
    match &server.version {
        Some(version) => format!("private {} {version}", server.name),
        None if server.name == "command" => server.name.to_owned(),
        None => format!("private {}", server.name),
    }
}

impl Drop for Provided {
    fn drop(&mut self) {
        // All are asked first, so that it takes as long as the slowest and not as all together.
        for server in &mut self.servers {
            server.ask_to_stop();
        }
    }
}

impl std::fmt::Debug for Provided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provided")
            .field("given", &self.given)
            .field("resources", &self.resources)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
