//! Looks for compilers, package managers and bundlers among the programs that run after the launch.
//!
//! The witness tells every program that the app's processes execute, from the launch to the end of all runs:
//! `npm ci`, `tsc`, `next build`, `pip install`, `cargo run` and the like belong into the build. A start
//! that builds is slow, may fail for want of a registry, and gives each instance a build of its own.
//!
//! What compiles inside of a process (a template engine, a just-in-time compiler) is not seen, and is not
//! meant.

use std::time::Duration;

use xii_model::{Mark, Severity};
use xii_runtime::formation::Kind;

use crate::engine::{Need, Phase, Probe, Stage, Steps};
use crate::programs::{builds, executed};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "builds-at-run",
    criteria: &["V.2"],
    phase: Phase::After,
    needs: &[Need::Build, Need::Witness],
    severity: Severity::Error,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        // Who builds first may not become ready for it, and has shown all the same that it builds.
        let healthy = match stage.web() {
            Some(_) => stage.exercised().await.map(Some),
            None => Ok(None),
        };
        let services: Vec<String> = stage
            .formation()
            .processes
            .iter()
            .filter(|one| one.kind == Kind::Service)
            .map(|one| one.name.clone())
            .collect();
        let mut programs = 0;
        let mut found = None;
        for (instance, record) in stage.history() {
            if !services.contains(&instance.process) {
                continue;
            }
            for program in executed(&record.all()) {
                programs += 1;
                if found.is_none()
                    && let Some(what) = builds(&program.words)
                {
                    stage.cite(&program.event, Mark::Against);
                    found = Some(format!(
                        "{instance} runs `{}` after its launch, which {what}",
                        program.line()
                    ));
                }
            }
        }
        match found {
            Some(why) => stage.broken("V.2", why),
            None => {
                healthy?;
                if programs == 0 {
                    stage.could_not_tell(
                        "V.2",
                        "no program was seen that the app's processes became",
                    );
                } else {
                    stage.holds(
                        "V.2",
                        "no compiler, package manager or bundler runs after the launch",
                    );
                }
            }
        }
        Ok(())
    })
}
