//! A trial: what a probe made of a criterion, with a transcript that a reader can check.

use serde::{Deserialize, Serialize};

use crate::{Severity, Verdict};

/// What a probe made of a criterion by running the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The probe's name, such as `drain-on-sigterm`.
    pub probe: &'static str,
    /// The criterion's id.
    pub criterion: &'static str,
    /// What it showed.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// How bad it is when it is broken.
    pub severity: Severity,
    /// What happened, in order.
    pub transcript: Vec<Moment>,
    /// How long the probe took, in milliseconds.
    pub took_ms: u64,
}

/// A line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Microseconds since the probe's first start of the app, or since the probe began.
    pub at_us: u64,
    /// Whom it happened to: `web.1`, `probe`, `DATABASE_URL`.
    pub source: String,
    /// What happened, as words; redacted and cut to a bounded size.
    pub text: String,
    /// What it means.
    pub mark: Mark,
}

/// What a moment of a transcript means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The app did it.
    Seen,
    /// The probe did it.
    Done,
    /// It speaks for the criterion.
    For,
    /// It speaks against it.
    Against,
}

/// What was run, for the header of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSummary {
    /// What was built, a command each, with its milliseconds and whether it succeeded.
    pub built: Vec<BuildStep>,
    /// The process types that ran, with their commands.
    pub processes: Vec<(String, String)>,
    /// The resources of the app.
    pub resources: Vec<StoodFor>,
    /// Why the witness could not be had, when it could not.
    pub no_witness: Option<String>,
    /// How many times the app was started.
    pub starts: u32,
    /// How long it all took without the build, in milliseconds.
    pub took_ms: u64,
    /// It answered HTTP requests.
    pub served: bool,
    /// What a reader should know besides, a sentence each.
    pub notes: Vec<String>,
}

/// A resource of a run, and what stood for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoodFor {
    /// The variable that names it, such as `DATABASE_URL`.
    pub variable: String,
    /// Its kind, such as `postgres`.
    pub kind: String,
    /// What stood for it: `private redis 7.0.15`, `given by .env.prove:3`; or why nothing did, in one lower-case
    /// sentence.
    pub stood: Result<String, String>,
}

/// A command of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildStep {
    /// The command line.
    pub command: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Whether it ended with 0.
    pub ok: bool,
}
