//! What is known of a run.

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use xii_model::Instance;

use crate::platform::Usage;

/// A run and its instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The app's folder.
    pub folder: PathBuf,
    /// The supervisor's process id.
    pub pid: u32,
    /// When it began.
    pub since: Timestamp,
    /// Where the router listens.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub router: Option<SocketAddr>,
    /// The end of an instance ends the run, where its type does not say otherwise.
    pub ends_together: bool,
    /// The instances, in the order of their types.
    pub instances: Vec<InstanceStatus>,
}

/// An instance as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceStatus {
    /// Its name.
    pub instance: Instance,
    /// Where it is in its life.
    pub state: InstanceState,
    /// More about that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
    /// Its leader's process id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pid: Option<u32>,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub port: Option<u16>,
    /// When it was started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// How often it was started again.
    pub restarts: u32,
    /// What it uses.
    pub usage: Usage,
    /// Requests that it has and has not answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outstanding: Option<u64>,
    /// Its command line.
    pub command: String,
}

/// Where an instance is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceState {
    /// Types that it depends on are not ready.
    Waiting,
    /// It was started and has not shown that it can serve.
    Starting,
    /// It can serve.
    Ready,
    /// It could serve and now cannot.
    NotReady,
    /// It was told to stop.
    Stopping,
    /// It failed and will be started again.
    BackingOff,
    /// It keeps failing and waits for somebody to restart it.
    Held,
    /// Somebody stopped it.
    Stopped,
    /// It has ended and is not to be started again.
    Ended,
    /// It waits for its time.
    Scheduled,
}

impl InstanceState {
    /// The state as it is shown.
    pub fn word(self) -> &'static str {
        match self {
            InstanceState::Waiting => "waiting",
            InstanceState::Starting => "starting",
            InstanceState::Ready => "ready",
            InstanceState::NotReady => "not ready",
            InstanceState::Stopping => "stopping",
            InstanceState::BackingOff => "backing off",
            InstanceState::Held => "held",
            InstanceState::Stopped => "stopped",
            InstanceState::Ended => "ended",
            InstanceState::Scheduled => "scheduled",
        }
    }
}
