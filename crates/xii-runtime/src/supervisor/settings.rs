//! What a supervisor is to run, and how.

use std::path::PathBuf;

use super::backoff::Backoff;
use crate::environment::Environment;
use crate::formation::{Formation, Restart};
use crate::log::PumpHandle;
use crate::platform::Guarded;
use crate::router::RouterHandle;

/// What a supervisor is to run, and how.
#[derive(Debug)]
pub struct Settings {
    /// All process types of the app; ports follow their order.
    pub formation: Formation,
    /// The folder that the processes run in.
    pub folder: PathBuf,
    /// The variables that they get, before those that the runtime sets.
    pub environment: Environment,
    /// The first port of foreman's rule.
    pub base_port: u16,
    /// What stands in front of `web`; its instances get private ports then.
    pub router: Option<RouterHandle>,
    /// What follows the end of an instance of a type that does not say.
    pub on_exit: Restart,
    /// How processes that fail are started again.
    pub backoff: Backoff,
    /// The name of what runs, for the events.
    pub release: Option<String>,
    /// Where lines and events go.
    pub pump: PumpHandle,
    /// Shown when this process is the supervisor of a guarded pair: then it waits for every process
    /// that becomes its child. Otherwise it waits only for those that it started.
    pub guarded: Option<Guarded>,
}
