//! `[prove]` of xii.toml: what cannot be inferred about proving an app.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What `[prove]` says, and the flags that outrank it.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `build`: the commands that build the app, one after the other, in place of those inferred.
    pub build: Option<Vec<String>>,
    /// `build-within`: the time that the whole build may take.
    pub build_within: Duration,
    /// `start-within`: the time from launch to readiness that the app is held to (IX.1).
    pub start_within: Duration,
    /// `scenario`: files of requests to send, below the app's folder.
    pub scenario: Vec<PathBuf>,
    /// `[prove.env]`: variables with values for the run.
    pub env: BTreeMap<String, String>,
    /// `[prove.resources]`: what stands for a resource, by the variable that names it.
    pub resources: BTreeMap<String, Stand>,
    /// `[prove.auth]`: how tokens are made that the app accepts.
    pub auth: Option<Auth>,
    /// `idempotent`: paths of unsafe requests that are declared to be safe to repeat, such as `POST /orders`.
    pub idempotent: Vec<String>,
    /// `[prove.deploys]`: files of variables of the app's deploys, by the deploy's name.
    pub deploys: BTreeMap<String, PathBuf>,
    /// `tools`: programs that the app runs and declares nowhere else, such as a base image's.
    pub tools: Vec<String>,
    /// `folders`: folders below the app's that it may write to, because a volume is mounted there.
    pub folders: Vec<String>,
}

/// What stands for a resource in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// `locator = "redis://…"`: the one at this address.
    Locator(String),
    /// `command = "…"`: a program of the app's folder that listens on `PORT`.
    Command(String),
    /// `kind = "redis"`: a private one of this kind.
    Kind(String),
    /// `none = true`: the app can do without.
    Nothing,
}

/// How tokens are made that the app accepts (RFC 7519, HS256).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    /// `secret`: the variable that holds the key.
    pub secret: Option<String>,
    /// `issuer`: the `iss` claim.
    pub issuer: Option<String>,
    /// `audience`: the `aud` claim.
    pub audience: Option<String>,
    /// `subject`: the `sub` claim.
    pub subject: Option<String>,
    /// `roles`: the claim that lists roles.
    pub roles: Option<String>,
    /// `role`: the role that may do everything.
    pub role: Option<String>,
    /// `header`: the header that carries the token, when it is not `Authorization: Bearer`.
    pub header: Option<String>,
    /// `claims`: further claims, as JSON values.
    pub claims: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            build: None,
            build_within: Duration::from_secs(600),
            start_within: Duration::from_secs(10),
            scenario: Vec::new(),
            env: BTreeMap::new(),
            resources: BTreeMap::new(),
            auth: None,
            idempotent: Vec::new(),
            deploys: BTreeMap::new(),
            tools: Vec::new(),
            folders: Vec::new(),
        }
    }
}
