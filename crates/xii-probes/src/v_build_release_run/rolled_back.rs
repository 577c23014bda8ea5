//! Builds the commit before this one and starts it after this one has run, on the same resources.
//!
//! What a rollback does: the code of before meets the data and the schema of now. The app should serve again.
//! Where it does not, it is started once more on resources that are new: an earlier commit that serves there
//! neither says nothing of a rollback. A build that took long is not made twice.

use std::time::Duration;

use xii_model::Severity;

use crate::engine::{CouldNotTell, Need, Phase, Probe, Setup, Stage, Steps};
use crate::staging::earlier;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "rolled-back",
    criteria: &["V.7"],
    phase: Phase::After,
    needs: &[Need::Healthy, Need::Build],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// The longest build that is made once more.
const LONGEST: Duration = Duration::from_secs(45);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let current = stage.staged()?;
        if current.in_place {
            return Err(CouldNotTell::because(
                "the folder is used as it is: the commit before is not built",
            ));
        }
        let took = Duration::from_millis(current.steps.iter().map(|step| step.took_ms).sum());
        if took > LONGEST {
            let reason = format!(
                "its build takes {:.0} s, and that of the commit before would take as long again",
                took.as_secs_f64()
            );
            return Err(CouldNotTell(reason));
        }
        // What this release leaves in its resources is there by then.
        stage.exercised().await?;
        let build = stage.settings().build.clone();
        let before = earlier(
            stage.app(),
            stage.source(),
            build.as_deref(),
            stage.caller().to_vec(),
            LONGEST * 2,
        )
        .await
        .map_err(|why| CouldNotTell(why.to_string()))?;
        let commit = &before.commit;
        stage.note(format!("built {commit}, the commit before"));
        let setup = || {
            let mut setup = Setup::web().in_folder(&before.staged.folder);
            for (name, value) in &before.staged.variables {
                setup = setup.with(name, value.clone());
            }
            setup
        };
        let run = stage.start(setup()).await?;
        let ready = stage.ready(&run).await;
        run.kill().await;
        let Err(why) = ready else {
            stage.holds(
                "V.7",
                format!("{commit}, the commit before, serves again after this one has run"),
            );
            return Ok(());
        };
        let mut fresh = setup();
        let mut servers = Vec::new();
        for (resource, _) in stage.resources() {
            if let Ok(server) = stage.provided().fresh(resource).await {
                fresh = fresh.with_resource_at(&resource.name, server.address);
                servers.push(server);
            }
        }
        stage.note("starting it on new resources, to see whether it serves at all");
        let run = stage.start(fresh).await?;
        let alone = stage.ready(&run).await;
        run.kill().await;
        if alone.is_ok() && !servers.is_empty() {
            stage.broken("V.7", format!("{commit}, the commit before, serves on new resources and not after this one has run: {why}"));
            return Ok(());
        }
        Err(CouldNotTell(format!(
            "{commit}, the commit before, does not serve: {why}"
        )))
    })
}
