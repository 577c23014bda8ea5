//! What a probe is.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use xii_model::{Factor, Severity};

use super::stage::Stage;

/// A probe: a running app in, verdicts out. A constant and a function in a file of its own.
#[derive(Debug)]
pub struct Probe {
    /// Its name, such as `drain-on-sigterm`.
    pub name: &'static str,
    /// The ids of the criteria that it answers.
    pub criteria: &'static [&'static str],
    /// When it is its turn.
    pub phase: Phase,
    /// What it cannot do without. Where it is not there, the probe is not run, and says so.
    pub needs: &'static [Need],
    /// How bad it is when a criterion of its is broken.
    pub severity: Severity,
    /// The most time that it may take.
    pub limit: Duration,
    /// Nothing else runs meanwhile: it measures time, or shares a queue with nobody.
    pub alone: bool,
    /// Plays it.
    pub run: for<'a> fn(&'a mut Stage) -> Steps<'a>,
}

/// What a probe does: it tells its verdicts to the stage. An error is the reason why all criteria that
/// it said nothing of could not be told.
pub type Steps<'a> = LocalBoxFuture<'a, Result<(), CouldNotTell>>;

/// Why a probe could not tell, in one lower-case sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CouldNotTell(pub String);

impl CouldNotTell {
    /// With this reason.
    pub fn because(reason: impl Into<String>) -> Self {
        CouldNotTell(reason.into())
    }
}

/// When a probe is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// How the app starts, and does not.
    Start,
    /// What it is like while nothing is asked of it.
    Idle,
    /// How it answers.
    Serving,
    /// How it bears trouble: several instances, resources that fail.
    Stress,
    /// How it ends.
    Stop,
    /// What is left behind, and what all runs together showed.
    After,
}

impl Phase {
    /// All, in order.
    pub const ALL: [Phase; 6] = [
        Phase::Start,
        Phase::Idle,
        Phase::Serving,
        Phase::Stress,
        Phase::Stop,
        Phase::After,
    ];

    /// The word for a person.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Start => "start",
            Phase::Idle => "idle",
            Phase::Serving => "serving",
            Phase::Stress => "stress",
            Phase::Stop => "stop",
            Phase::After => "after",
        }
    }
}

/// What a probe cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// A process type that answers HTTP; without one its criteria are not applicable.
    Web,
    /// A web process that becomes ready in the environment given; else they could not be told.
    Healthy,
    /// A process type that takes work from a queue; without one not applicable.
    Worker,
    /// The witness; else they could not be told.
    Witness,
    /// A resource on the network that stands; without any that the app attaches not applicable.
    Resource,
    /// The app's build; else they could not be told.
    Build,
}

/// A probe as the registry lists it.
#[derive(Debug)]
pub struct Entry {
    /// The probe.
    pub probe: &'static Probe,
    /// The folder of its factor: `ix_disposability`.
    pub folder: &'static str,
    /// The name of its file, without the ending.
    pub file: &'static str,
    /// Its documentation: Markdown, the file's own doc comment.
    pub docs: &'static str,
}

impl Entry {
    /// The factor that its folder stands for.
    pub fn factor(&self) -> Option<Factor> {
        self.folder.split('_').next()?.parse().ok()
    }

    /// The probe of this name.
    pub fn find(name: &str) -> Option<&'static Entry> {
        crate::PROBES.iter().find(|entry| entry.probe.name == name)
    }

    /// The probes that answer a criterion.
    pub fn answering(criterion: &str) -> impl Iterator<Item = &'static Entry> {
        crate::PROBES
            .iter()
            .filter(move |entry| entry.probe.criteria.contains(&criterion))
    }

    /// The first paragraph of its documentation, in one line.
    pub fn summary(&self) -> String {
        let lines: Vec<&str> = self
            .docs
            .trim_start()
            .lines()
            .take_while(|line| !line.trim().is_empty())
            .map(str::trim)
            .collect();
        lines.join(" ")
    }
}
