//! Runs the app's migration (or release) task twice on empty resources, and once without any resource.
//!
//! The task is the Procfile's `release`, or what a manifest calls a migration; other tasks are not run,
//! because nobody says that they are harmless. While it runs, its resources are held up for a moment, so
//! that its environment can be read and compared with that of web: the same config, the same build (XII.2).
//! Then it is run to its end: it should end with 0, and with 0 when it is run again. With all the
//! resources that it used out of reach, it should not end with 0 (XII.3).
//!
//! That the second run changed nothing in a database is not looked at: that it ends well is what is seen.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::time::sleep;
use xii_model::{Mark, Severity, What};

use crate::engine::{CouldNotTell, Ended, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::provision::Fresh;
use crate::tasks::{Seen, Task, config_of, look, migrations};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "migration-task",
    criteria: &["XII.2", "XII.3"],
    phase: Phase::After,
    needs: &[Need::Build],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// How long a task may take.
const WITHIN: Duration = Duration::from_secs(40);
/// How long a task without its resources may take to give up.
const WITHOUT: Duration = Duration::from_secs(20);
/// How long its resources are held up at most while its environment is read.
const LOOK: Duration = Duration::from_secs(3);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let tasks = migrations(stage);
        let Some(task) = tasks.first() else {
            let none = "the app declares no migration or release task, and other tasks are not run unasked";
            stage.could_not_tell("XII.2", none);
            stage.could_not_tell("XII.3", none);
            return Ok(());
        };
        stage.note(format!("the task is `{}` ({})", task.command, task.origin));
        let fresh = Empty::of(stage).await;
        let first = stage.start(fresh.before(task.setup(stage))).await?;
        let seen = held_up(&first).await;
        let first_end = first.ended(WITHIN).await;
        let used: Vec<String> = first
            .resources()
            .filter(|(_, one)| one.counts().attempts > 0)
            .map(|(name, _)| name.to_owned())
            .collect();
        let folder = first.folder.clone();
        cite_end(stage, &first, first_end);
        if first_end.is_some_and(|end| end.code == Some(0)) {
            environment(stage, task, &first, seen).await;
        }
        let said = said(&first);
        first.kill().await;
        match first_end {
            Some(end) if end.code == Some(0) => {}
            Some(end) => {
                stage.could_not_tell(
                    "XII.2",
                    format!("`{}` did not get to its work", task.command),
                );
                stage.could_not_tell(
                    "XII.3",
                    format!(
                        "`{}` {} in the environment given{said}",
                        task.command,
                        end.words()
                    ),
                );
                return Ok(());
            }
            None => {
                stage.could_not_tell(
                    "XII.3",
                    format!(
                        "`{}` was not done after {} s",
                        task.command,
                        WITHIN.as_secs()
                    ),
                );
                return Ok(());
            }
        }
        repeated(stage, task, &fresh, folder, &used).await
    })
}

/// The task once more, and once with nothing that it could reach.
async fn repeated(
    stage: &mut Stage,
    task: &Task,
    fresh: &Empty,
    folder: std::path::PathBuf,
    used: &[String],
) -> Result<(), CouldNotTell> {
    stage.note("running it again");
    let setup = fresh.before(task.setup(stage)).in_folder(&folder);
    let second = stage.start(setup).await?;
    let end = second.ended(WITHIN).await;
    cite_end(stage, &second, end);
    let why = said(&second);
    second.kill().await;
    match end {
        Some(end) if end.code == Some(0) => {}
        Some(end) => {
            stage.broken(
                "XII.3",
                format!(
                    "`{}` ends with 0 the first time and {} the second time{why}",
                    task.command,
                    end.words()
                ),
            );
            return Ok(());
        }
        None => {
            stage.could_not_tell(
                "XII.3",
                format!(
                    "`{}` was not done after {} s when it was run again",
                    task.command,
                    WITHIN.as_secs()
                ),
            );
            return Ok(());
        }
    }
    if used.is_empty() {
        stage.could_not_tell(
            "XII.3",
            format!(
                "`{}` ends with 0 however often it is run; it uses no resource over the network that could be withdrawn to see it fail",
                task.command
            ),
        );
        return Ok(());
    }
    stage.note(format!("running it without {}", used.join(", ")));
    // Nobody listens there: it was this process's a moment ago.
    let dead = closed().map_err(|error| CouldNotTell(format!("there is no free port: {error}")))?;
    let mut setup = task.setup(stage);
    for (resource, _) in stage.resources() {
        if used.contains(&resource.name) {
            for (name, value) in resource.variables_at(dead) {
                setup = setup.with(&name, value);
            }
        }
    }
    let third = stage.start(setup).await?;
    let end = third.ended(WITHOUT).await;
    cite_end(stage, &third, end);
    third.kill().await;
    match end {
        Some(end) if end.code == Some(0) => stage.broken(
            "XII.3",
            format!(
                "`{}` ends with 0 although {} cannot be reached: nobody notices that it failed",
                task.command,
                used.join(" and ")
            ),
        ),
        Some(end) => stage.holds(
            "XII.3",
            format!(
                "`{}` ends with 0 twice, and without {} it {}",
                task.command,
                used.join(" and "),
                end.words()
            ),
        ),
        None => stage.could_not_tell(
            "XII.3",
            format!(
                "`{}` ends with 0 twice; without {} it had not given up after {} s",
                task.command,
                used.join(" and "),
                WITHOUT.as_secs()
            ),
        ),
    }
    Ok(())
}

/// An address that refuses connections.
fn closed() -> std::io::Result<SocketAddr> {
    std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// What it said before it ended, for a reason.
fn said(run: &Run) -> String {
    let line = run.record.complaint();
    line.map_or(String::new(), |line| format!("; it said: {line}"))
}

fn cite_end(stage: &Stage, run: &Run, end: Option<Ended>) {
    if let Some(event) = run
        .record
        .first(|one| matches!(one.what, What::Exited { .. }))
    {
        let good = end.is_some_and(|end| end.code == Some(0));
        stage.cite(&event, if good { Mark::For } else { Mark::Seen });
    }
}

/// Empty resources of the kinds that the app has: what other probes did is not there.
struct Empty {
    fresh: Vec<(String, Fresh)>,
}

impl Empty {
    async fn of(stage: &Stage) -> Self {
        let mut fresh = Vec::new();
        for (resource, _) in stage.resources() {
            if resource.kind == xii_model::ResourceKind::Http || !resource.can_be_fresh() {
                continue;
            }
            match stage.provided().fresh(resource).await {
                Ok(one) => fresh.push((resource.name.clone(), one)),
                Err(why) => stage.note(format!(
                    "{} is the one that all probes share: {why}",
                    resource.name
                )),
            }
        }
        Empty { fresh }
    }

    fn before(&self, mut setup: Setup) -> Setup {
        for (name, one) in &self.fresh {
            setup = setup.with_resource_at(name, one.address);
        }
        setup
    }
}

/// Holds up what the task asks of its resources until its environment was seen twice the same.
async fn held_up(run: &Run) -> Option<Seen> {
    for (_, one) in run.resources() {
        one.stall();
    }
    let end = Instant::now() + LOOK;
    let mut last: Option<Seen> = None;
    let mut waiting = 0;
    while run.runs() && Instant::now() < end {
        // The last one is what the others were started for.
        if let Some(seen) = look(run).into_iter().next_back() {
            last = Some(seen);
        }
        let asks = run.resources().any(|(_, one)| one.counts().attempts > 0);
        if asks && last.is_some() {
            waiting += 1;
            if waiting > 5 {
                break;
            }
        }
        sleep(Duration::from_millis(2)).await;
    }
    for (_, one) in run.resources() {
        one.restore();
    }
    last
}

/// Whether the task has web's config and web's build.
async fn environment(stage: &mut Stage, task: &Task, run: &Run, seen: Option<Seen>) {
    let Some(seen) = seen else {
        stage.could_not_tell(
            "XII.2",
            format!(
                "`{}` was gone before its environment could be read",
                task.command
            ),
        );
        return;
    };
    let web = match stage.healthy().await {
        Ok(web) => web,
        Err(why) => return stage.could_not_tell("XII.2", why.0),
    };
    let Some(of_web) = look(&web).into_iter().next_back() else {
        stage.could_not_tell("XII.2", "the environment of web's process cannot be read");
        return;
    };
    let known: Vec<String> = names(stage);
    let is_config = |name: &str| known.iter().any(|one| one == name);
    let different = differences(
        &config_of(&of_web, &web, &is_config),
        &config_of(&seen, run, &is_config),
    );
    if !seen.folder.starts_with(&run.folder) {
        stage.broken(
            "XII.2",
            format!(
                "`{}` runs in {}, which is not the app's folder",
                task.command,
                seen.folder.display()
            ),
        );
        return;
    }
    stage.note_of(
        run,
        format!(
            "process {} of the task has {} variables of the app's config",
            seen.pid,
            known.len()
        ),
    );
    match different.as_slice() {
        [] => stage.holds(
            "XII.2",
            format!(
                "`{}` runs in the same build as web, and its config is web's",
                task.command
            ),
        ),
        [one] => stage.broken(
            "XII.2",
            format!("`{}` does not have web's config: {one}", task.command),
        ),
        many => stage.broken(
            "XII.2",
            format!(
                "`{}` does not have web's config: {}",
                task.command,
                many.join(", ")
            ),
        ),
    }
}

/// The variables that are the app's config: those that it is given and those that something declares,
/// without those that each run has for itself.
fn names(stage: &Stage) -> Vec<String> {
    let own: Vec<&String> = stage
        .resources()
        .iter()
        .flat_map(|(one, _)| &one.variables)
        .collect::<Vec<_>>();
    let of_web: Vec<&str> = stage
        .web()
        .into_iter()
        .flat_map(|web| &web.environment)
        .map(|(name, _)| name.as_str())
        .collect();
    let given = stage.provided().given.iter().map(|one| one.name.clone());
    let declared = stage
        .app()
        .facts
        .declarations
        .iter()
        .map(|one| one.name.clone());
    let mut names: Vec<String> = given
        .chain(declared)
        .filter(|name| !PER_RUN.contains(&name.as_str()) && !of_web.contains(&name.as_str()))
        .filter(|name| !own.contains(&name))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// What each process has for itself, and what frameworks set for their own children.
const PER_RUN: [&str; 10] = [
    "PORT",
    "PATH",
    "HOME",
    "PWD",
    "HOSTNAME",
    "WEB_CONCURRENCY",
    "PS",
    "DYNO",
    "NODE_OPTIONS",
    "DJANGO_SETTINGS_MODULE",
];

/// In what the task's config is not web's; names only, since values may be secrets.
fn differences(web: &BTreeMap<String, String>, task: &BTreeMap<String, String>) -> Vec<String> {
    let mut all = Vec::new();
    for (name, value) in web {
        match task.get(name) {
            None => all.push(format!("{name} is missing")),
            Some(other) if other != value => all.push(format!("{name} has another value")),
            Some(_) => {}
        }
    }
    for name in task.keys() {
        if !web.contains_key(name) {
            all.push(format!("{name} is set, and web does not have it"));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_without_its_value() {
        let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let web = of(&[("A", "1"), ("B", "s3cret"), ("C", "3")]);
        assert!(differences(&web, &web).is_empty());
        let task = of(&[("A", "1"), ("B", "other"), ("D", "4")]);
        assert_eq!(
            differences(&web, &task),
            [
                "B has another value",
                "C is missing",
                "D is set, and web does not have it"
            ]
        );
    }
}
