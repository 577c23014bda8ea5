//! An admin task runs other code or other config than the processes it serves.
//!
//! ## What it looks for
//!
//! Jobs and CronJobs of Kubernetes beside the app's Deployment: a migration or another task of the app
//! that uses another image, another tag of the same image, or none of the config that the Deployment is
//! given. A Job with the Deployment's own image and config is evidence for the criterion, and so is a
//! `release:` line in a Procfile.
//!
//! ## Why it matters
//!
//! A migration that runs from last week's image changes the schema for code that is not deployed. One
//! without the app's config changes the wrong database, or none.
//!
//! ## What to do instead
//!
//! The same image with another command, and the same config:
//!
//! ```yaml
//! kind: Job
//! spec:
//!   template:
//!     spec:
//!       containers:
//!         - name: migrate
//!           image: registry.example.com/shop:1.4.2   # as in the Deployment
//!           command: ["npx", "prisma", "migrate", "deploy"]
//!           envFrom:
//!             - secretRef: { name: shop }
//! ```
//!
//! Templates keep the two in step: one value for the image, used in both.

use xii_model::{App, Confidence, Container, Fact, Severity, Workload};

use crate::command::schema::changes_schema;
use crate::{Claims, Rule, command, own_workloads};

pub(crate) const RULE: Rule = Rule {
    name: "foreign-task-image",
    criteria: &["XII.2"],
    severity: Severity::Warning,
    check,
};

const MAX_FINDINGS: usize = 8;

fn check(app: &App, claims: &mut Claims<'_>) {
    if let Some(release) = app
        .facts
        .process_types
        .iter()
        .find(|process| process.name == "release" && process.source == "Procfile")
    {
        claims.holds(
            "XII.2",
            "the `release` process runs in the release's own code and config",
            &release.at,
        );
    }
    let (tasks, served): (Vec<_>, Vec<_>) = own_workloads::of(app)
        .partition(|workload| matches!(workload.kind.as_str(), "Job" | "CronJob"));
    let web: Vec<&Container> = served
        .iter()
        .flat_map(|workload| &workload.containers)
        .filter(|container| !container.init)
        .collect();
    if web.is_empty() {
        return;
    }
    for (task, container) in tasks
        .iter()
        .flat_map(|task| {
            task.containers
                .iter()
                .map(move |container| (task, container))
        })
        .filter(|(_, container)| !container.init)
        .take(MAX_FINDINGS)
    {
        judge(claims, task, container, &web);
    }
}

fn judge(
    claims: &mut Claims<'_>,
    task: &Fact<Workload>,
    container: &Container,
    web: &[&Container],
) {
    let image = &container.image;
    let same_name: Vec<&&Container> = web
        .iter()
        .filter(|one| one.image.name == image.name)
        .collect();
    let Some(twin) = same_name.first() else {
        if is_own_task(task, container) && !image.variable {
            claims
                .finding(
                    &container.at,
                    format!("the {} `{}` runs the image `{}`, which none of the app's processes runs: the task can be of another version than the code that it prepares for", task.kind, task.name, image.name),
                )
                .confidence(if task.templated { Confidence::Low } else { Confidence::Medium })
                .subject(task.name.clone())
                .help("give it the image of the Deployment and another command");
        }
        return;
    };
    let same_tag = same_name
        .iter()
        .any(|one| one.image.tag == image.tag && one.image.digest == image.digest);
    if !same_tag && !image.variable && !twin.image.variable {
        claims
            .finding(
                &container.at,
                format!(
                    "the {} `{}` runs `{}` at `{}` while `{}` runs it at `{}`: the task is of another release than the process",
                    task.kind, task.name, image.name, version(container), twin.name, version(twin)
                ),
            )
            .confidence(Confidence::High)
            .subject(task.name.clone())
            .related(&twin.at, "the process")
            .help("use one version in both, from one value of the template or one kustomize `images:` entry");
        return;
    }
    let given = |one: &Container| !one.env.is_empty() || !one.env_from.is_empty();
    let lacks: Vec<&str> = twin
        .env_from
        .iter()
        .filter(|name| !container.env_from.contains(name))
        .map(String::as_str)
        .collect();
    if given(twin) && !given(container) {
        claims
            .finding(
                &container.at,
                format!("the {} `{}` gets none of the config that `{}` gets: it runs in another environment than the process", task.kind, task.name, twin.name),
            )
            .confidence(if task.templated { Confidence::Low } else { Confidence::Medium })
            .subject(task.name.clone())
            .related(&twin.at, "the process")
            .help("give both the same `envFrom`");
    } else if lacks.is_empty() {
        claims.holds(
            "XII.2",
            format!(
                "the {} `{}` runs the image and config of `{}`",
                task.kind, task.name, twin.name
            ),
            &container.at,
        );
    }
}

fn version(container: &Container) -> &str {
    container
        .image
        .tag
        .as_deref()
        .or(container.image.digest.as_deref())
        .unwrap_or("latest")
}

/// Whether the task is the app's own (it migrates, seeds or calls the app), not a backup or a scan.
fn is_own_task(task: &Workload, container: &Container) -> bool {
    let named = ["migrat", "seed", "backfill", "schema"]
        .iter()
        .any(|word| task.name.contains(word) || container.name.contains(word));
    let commanded = container.command.as_ref().is_some_and(|command| {
        command::parse(&command.line()).iter().any(|one| {
            changes_schema(one) || one.words().iter().any(|word| word.ends_with("manage.py"))
        })
    });
    named || commanded
}

#[cfg(test)]
mod tests {
    use xii_model::{CommandLine, ContainerSecurity, ImageRef};

    use super::*;
    use crate::specimen::{brief, fact, place};

    fn workload(line: u32, kind: &str, name: &str, image: &str, config: &[&str]) -> Fact<Workload> {
        fact(
            "deploy.yaml",
            line,
            Workload {
                kind: kind.to_owned(),
                name: name.to_owned(),
                containers: vec![Container {
                    at: place("deploy.yaml", line),
                    name: name.to_owned(),
                    init: false,
                    image: ImageRef::parse(image),
                    command: (kind == "Job").then(|| CommandLine {
                        words: vec!["./task.sh".to_owned()],
                        shell: false,
                    }),
                    env: Vec::new(),
                    env_from: config.iter().map(|name| (*name).to_owned()).collect(),
                    ports: Vec::new(),
                    liveness: false,
                    readiness: false,
                    startup: false,
                    pre_stop: false,
                    requests: Vec::new(),
                    limits: Vec::new(),
                    security: ContainerSecurity::default(),
                }],
                ..Workload::default()
            },
        )
    }

    #[test]
    fn image_version_and_config_are_compared_with_the_deployment() {
        let mut app = App::default();
        app.facts
            .push(workload(1, "Deployment", "shop", "acme/shop:2", &["shop"]));
        app.facts
            .push(workload(2, "Job", "migrate", "acme/shop:2", &["shop"]));
        app.facts
            .push(workload(3, "Job", "old", "acme/shop:1", &["shop"]));
        app.facts
            .push(workload(4, "Job", "bare", "acme/shop:2", &[]));
        app.facts
            .push(workload(5, "Job", "seed", "acme/tools:1", &["shop"]));
        app.facts
            .push(workload(6, "CronJob", "backup", "postgres:16", &[]));
        assert_eq!(
            brief(&RULE, &app),
            [
                "deploy.yaml:3:1 XII.2 warning/high",
                "deploy.yaml:4:1 XII.2 warning/medium",
                "deploy.yaml:5:1 XII.2 warning/medium",
                "holds XII.2 the",
            ]
        );
    }
}
