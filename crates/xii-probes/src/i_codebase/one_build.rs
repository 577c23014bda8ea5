//! Starts one build as the deploys that xii.toml names, or twice with config of its own.
//!
//! Each copy has the same digest before it starts, another port, other addresses of its resources, and the
//! values of one deploy's variables. Places and secrets of a deploy are left out: the run must not reach
//! its resources. A build that serves as one deploy and not as another was made for the one (I.4).
//!
//! Which build each deploy really runs is written in a ledger of releases; a run cannot see it (X.4).

use std::time::Duration;

use xii_model::{Mark, Severity, is_secret_name};

use crate::deploys::{Deploy, deploys, is_place};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Setup, Stage, Steps};
use crate::staging::Staged;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "one-build",
    criteria: &["I.4", "X.4"],
    phase: Phase::Start,
    needs: &[Need::Web, Need::Build],
    severity: Severity::Error,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// The most deploys that are started.
const MOST: usize = 4;

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let mut declared = deploys(stage)?;
        declared.truncate(MOST);
        let named = declared.len() > 1;
        if !named {
            declared = ["one", "two"]
                .iter()
                .map(|name| Deploy {
                    name: format!("deploy {name}"),
                    file: String::new(),
                    variables: Vec::new(),
                })
                .collect();
        }
        let mut serving = Vec::new();
        let mut failing = Vec::new();
        let mut digest: Option<String> = None;
        for deploy in &declared {
            let folder = stage.another_folder()?;
            let its = digest_of(&folder).await?;
            if digest.get_or_insert_with(|| its.clone()) != &its {
                return Err(CouldNotTell::because(
                    "two copies of the build differ before either was started",
                ));
            }
            let mut setup = Setup::web().in_folder(folder);
            let mut names = Vec::new();
            for (name, value) in chosen(stage, deploy) {
                setup = setup.with(&name, value);
                names.push(name);
            }
            if named {
                stage.note(format!(
                    "starting it as {} ({}): {}",
                    deploy.name,
                    deploy.file,
                    names.join(", ")
                ));
            }
            let run = stage.start(setup).await?;
            let ready = stage.ready(&run).await;
            run.kill().await;
            match ready {
                Ok(_) => serving.push(deploy.name.clone()),
                Err(why) => failing.push((deploy.name.clone(), why.to_string())),
            }
        }
        let shown = digest
            .as_deref()
            .map_or("", |one| one.get(..12).unwrap_or(one))
            .to_owned();
        stage.note(format!("each copy had the digest {shown}"));
        match (serving.as_slice(), failing.as_slice()) {
            (_, []) => {
                stage.holds(
                    "I.4",
                    if named {
                        format!("one build (digest {shown}) serves as {}, which differ in config alone", serving.join(" and as "))
                    } else {
                        format!("one build (digest {shown}) serves twice, with other addresses in its config")
                    },
                );
            }
            ([good, ..], [(bad, why), ..]) if named => {
                stage.broken(
                    "I.4",
                    format!("the build that serves as {good} does not as {bad}: {why}"),
                );
            }
            (_, [(_, why), ..]) => {
                stage.could_not_tell("I.4", format!("the app does not serve: {why}"));
            }
        }
        stage.could_not_tell(
            "X.4",
            if named && failing.is_empty() {
                "one build serves as each deploy; which build each of them really runs is in no ledger that xii can read"
            } else {
                "which build each deploy runs is in no ledger that xii can read"
            },
        );
        if let Some(event) = stage.history().last().and_then(|(_, record)| {
            record.first(|one| matches!(one.what, xii_model::What::Started { .. }))
        }) {
            stage.cite(&event, Mark::Seen);
        }
        Ok(())
    })
}

async fn digest_of(folder: &std::path::Path) -> Result<String, CouldNotTell> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || Staged::snapshot(&folder).map(|one| one.digest()))
        .await
        .map_err(|_| CouldNotTell::because("the build's digest was broken off"))?
        .map_err(|error| CouldNotTell(format!("the build cannot be read: {error}")))
}

/// The variables of a deploy that a run may have: neither places nor secrets.
fn chosen(stage: &Stage, deploy: &Deploy) -> Vec<(String, String)> {
    let taken: Vec<&String> = stage
        .provided()
        .resources
        .iter()
        .flat_map(|one| &one.variables)
        .collect();
    deploy
        .variables
        .iter()
        .filter(|(name, value)| {
            !taken.contains(&name) && !is_place(name, value) && !is_secret_name(name)
        })
        .cloned()
        .collect()
}
