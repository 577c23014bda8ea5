//! A resource of the app, and what stands behind it.

use std::net::SocketAddr;

use xii_model::ResourceKind;

use super::found::Wiring;
use super::servers::Demand;

/// A resource that the app reaches by its environment.
pub struct Resource {
    /// The variables that name it: `DATABASE_URL`, or `DB_HOST`, `DB_PORT` and so on.
    pub variables: Vec<String>,
    /// The first of them.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
    /// Where it is; or why nothing is there that could be interposed, and what would help.
    pub target: Result<SocketAddr, String>,
    /// What stands for it: `private redis 7.0.15`, `given by .env.prove:3`, `command`, `a file`, `nothing`.
    pub stands: String,
    /// The version of the server, where it says one.
    pub version: Option<String>,
    /// The port that the app uses, when no variable says it: an interposer must listen on this one, on
    /// another address of loopback.
    pub fixed_port: Option<u16>,
    pub(super) behind: Behind,
    pub(super) wiring: Wiring,
    /// The variables when no address is put into them.
    pub(super) plain: Vec<(String, String)>,
}

/// What stands behind a resource, to have another of it.
#[derive(Clone)]
pub(super) enum Behind {
    Private(Demand),
    Command(String),
    Other,
}

impl Resource {
    /// The variables with the resource at another address; credentials, database and query stay.
    pub fn variables_at(&self, at: SocketAddr) -> Vec<(String, String)> {
        self.wiring.at(at)
    }

    /// Whether it can be had a second time, empty, by [`fresh`](super::Provided::fresh).
    pub fn can_be_fresh(&self) -> bool {
        !matches!(self.behind, Behind::Other)
    }
}

/// Without credentials.
impl std::fmt::Debug for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resource")
            .field("variables", &self.variables)
            .field("kind", &self.kind)
            .field("target", &self.target)
            .field("stands", &self.stands)
            .finish_non_exhaustive()
    }
}
