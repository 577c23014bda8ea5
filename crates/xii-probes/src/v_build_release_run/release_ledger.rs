//! Says what only a ledger of releases could show.
//!
//! That each release has an id and never changes (V.4), and how long a commit takes until it is released
//! (X.5), is written where releases are made. A run has one build and no history: both are left open.

use std::time::Duration;

use xii_model::Severity;

use crate::engine::{Phase, Probe, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "release-ledger",
    criteria: &["V.4", "X.5"],
    phase: Phase::After,
    needs: &[],
    severity: Severity::Note,
    limit: Duration::from_secs(5),
    alone: false,
    run,
};

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        stage.could_not_tell(
            "V.4",
            "there is no ledger of releases to verify: a run has one build",
        );
        stage.could_not_tell(
            "X.5",
            "there is no ledger of releases that says when a commit was released",
        );
        Ok(())
    })
}
