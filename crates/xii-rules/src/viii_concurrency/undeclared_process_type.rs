//! Nothing in the repository says which processes the app runs, or with which commands.
//!
//! ## What it looks for
//!
//! A declaration of process types: a Procfile, the `start` script of package.json, CMD or ENTRYPOINT
//! of a Dockerfile, services of a compose file, workloads of Kubernetes. The finding stands at the
//! manifest when there is none of them. Jobs of Celery, RQ, Dramatiq, Huey or arq for which no declared
//! command starts a worker are reported where they are defined.
//!
//! ## Why it matters
//!
//! A platform scales an app by its process types: three of `web`, one of `worker`. When the command
//! lives in a wiki or in somebody's memory, every deploy starts the app in its own way, and nobody
//! can add an instance without asking.
//!
//! ## What to do instead
//!
//! Declare each type with the command that runs it in the foreground. The shortest form is a Procfile:
//!
//! ```text
//! web: node server.js
//! worker: node worker.js
//! ```
//!
//! For Python: `web: gunicorn app:app --bind 0.0.0.0:$PORT`, `worker: celery -A app worker`.
//! A Dockerfile's CMD in exec form does the same for an image.

use std::collections::BTreeSet;

use xii_model::{App, AppKind, Confidence, Evidence, Framework, ResourceKind, Severity, Workload};

use crate::command::Command;
use crate::command::start;
use crate::{Claims, Rule, manifests, places};

pub(crate) const RULE: Rule = Rule {
    name: "undeclared-process-type",
    criteria: &["VIII.1"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.kind != AppKind::Service {
        return;
    }
    let declared = declared(app);
    if let Some((_, _, at)) = declared.first() {
        let names: BTreeSet<String> = declared
            .iter()
            .map(|(name, place, _)| format!("{name} ({place})"))
            .collect();
        let names: Vec<String> = names.into_iter().take(6).collect();
        claims.holds(
            "VIII.1",
            format!("declared process types: {}", names.join(", ")),
            at,
        );
        undeclared_worker(app, claims);
        return;
    }
    let Some(at) = place(app) else { return };
    claims
        .finding(
            at,
            "no file here says which processes the app runs: without a declared command for each type, every deploy starts it in its own way and a platform cannot scale it",
        )
        .confidence(Confidence::Medium)
        .subject("process types")
        .help(format!(
            "write {} with a line for each type:\n\n    {}",
            app.path("Procfile"),
            example(app)
        ));
}

/// Queues whose workers are started by a command of their own.
const WORKERS: [(&str, &str); 5] = [
    ("celery", "celery -A app worker"),
    ("rq", "rq worker"),
    ("dramatiq", "dramatiq app.tasks"),
    ("huey", "huey_consumer app.huey"),
    ("arq", "arq app.worker.WorkerSettings"),
];

/// Jobs are put on a queue whose worker no declaration starts.
fn undeclared_worker(app: &App, claims: &mut Claims<'_>) {
    let starts = start::all(app);
    let commands: Vec<Command> = starts
        .iter()
        .flat_map(|start| start.programs(app))
        .collect();
    // A script or a process manager can start the worker as well.
    let opaque = commands.iter().any(|command| {
        let program = command.program();
        program.ends_with(".sh")
            || command
                .words()
                .first()
                .is_some_and(|word| word.starts_with('/') || word.starts_with("./"))
            || [
                "supervisord",
                "honcho",
                "foreman",
                "circusd",
                "s6-svscan",
                "make",
            ]
            .contains(&program)
    });
    let listed = starts
        .iter()
        .any(|start| start.place == start::Place::Procfile);
    let consumer = app.facts.queue_consumers.iter().find_map(|consumer| {
        let (name, command) = WORKERS.iter().find(|(name, _)| consumer.through == *name)?;
        consumer
            .scope
            .is_deployed()
            .then_some((consumer, name, command))
    });
    let Some((consumer, name, command)) = consumer else {
        return;
    };
    let named = |text: &str| text.contains(name) || text.contains("worker");
    let run = app
        .facts
        .process_types
        .iter()
        .any(|one| named(&one.command) || named(&one.name))
        || starts
            .iter()
            .any(|start| named(&start.command.line()) || named(&start.name))
        || app
            .facts
            .scripts
            .iter()
            .any(|script| named(&script.command))
        || app
            .facts
            .compose_services
            .iter()
            .any(|service| named(&service.name))
        || app
            .facts
            .workloads
            .iter()
            .any(|workload| named(&workload.name));
    if run || opaque || starts.is_empty() {
        return;
    }
    claims
        .finding(
            &consumer.at,
            format!("jobs are done with {name}, and no declared process type runs a worker of it: a deploy from these files puts jobs on the queue that nobody takes"),
        )
        .confidence(if listed { Confidence::Medium } else { Confidence::Low })
        .subject("worker")
        .help(format!("declare it beside the web process, in {}:\n\n    worker: {command}", app.path("Procfile")));
}

/// What is declared: the type's name, what declares it, and where.
fn declared(app: &App) -> Vec<(String, String, &Evidence)> {
    let mut declared: Vec<(String, String, &Evidence)> = app
        .facts
        .process_types
        .iter()
        .filter(|process| !places::in_devcontainer(&process.at.path))
        .map(|process| (process.name.clone(), process.source.clone(), &process.at))
        .collect();
    let known: BTreeSet<String> = declared
        .iter()
        .map(|(_, source, _)| source.to_ascii_lowercase())
        .collect();
    if !known.contains("compose") {
        declared.extend(
            app.facts
                .compose_services
                .iter()
                .filter(|service| {
                    service.build_context.is_some() && !places::in_devcontainer(&service.at.path)
                })
                .map(|service| (service.name.clone(), "compose".to_owned(), &service.at)),
        );
    }
    if !known.contains("kubernetes") {
        declared.extend(
            app.facts
                .workloads
                .iter()
                .filter(|workload| !runs_a_resource(workload))
                .map(|workload| (workload.name.clone(), "kubernetes".to_owned(), &workload.at)),
        );
    }
    if declared.is_empty() {
        declared.extend(
            app.facts
                .images
                .iter()
                .filter(|image| !start::is_development(image.variant.as_deref()))
                .filter(|image| {
                    image.effective_steps().iter().any(|step| {
                        matches!(
                            step.does,
                            xii_model::Instruction::Cmd(_) | xii_model::Instruction::Entrypoint(_)
                        )
                    })
                })
                .map(|image| ("web".to_owned(), "Dockerfile".to_owned(), &image.at)),
        );
        declared.extend(
            app.facts
                .scripts
                .iter()
                .filter(|script| script.source == "package.json" && script.name == "start")
                .map(|script| ("web".to_owned(), "package.json".to_owned(), &script.at)),
        );
    }
    declared
}

/// Whether a workload is a database, a cache or a broker, and no process of the app.
fn runs_a_resource(workload: &Workload) -> bool {
    !workload.containers.is_empty()
        && workload
            .containers
            .iter()
            .all(|container| ResourceKind::from_image(container.image.short_name()).is_some())
}

/// Where the declaration would belong: beside the manifest, or beside what listens.
fn place(app: &App) -> Option<&Evidence> {
    let manifests = manifests::of_read_languages(app).map(|manifest| &manifest.at);
    let listens = app
        .facts
        .listens
        .iter()
        .filter(|listen| listen.scope.is_deployed())
        .map(|listen| &listen.at);
    manifests.chain(listens).next()
}

fn example(app: &App) -> &'static str {
    if app.uses(Framework::FastApi) || app.uses(Framework::Starlette) {
        "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT"
    } else if app.uses(Framework::Django) {
        "web: gunicorn project.wsgi --bind 0.0.0.0:$PORT\n    release: python manage.py migrate"
    } else if app.uses(Framework::Next) {
        "web: node_modules/.bin/next start"
    } else if app.uses(Framework::Nest) {
        "web: node dist/main.js"
    } else if places::is_pythonic(app) {
        "web: gunicorn app:app --bind 0.0.0.0:$PORT"
    } else {
        "web: node server.js"
    }
}

#[cfg(test)]
mod tests {
    use xii_model::QueueConsumer;

    use super::*;
    use crate::specimen::{brief, fact, process};

    #[test]
    fn jobs_want_a_worker() {
        let mut app = App::default();
        app.facts.push(process("web", "gunicorn app:app"));
        app.facts.push(fact(
            "tasks.py",
            7,
            QueueConsumer {
                through: "celery".to_owned(),
                acknowledges_late: None,
            },
        ));
        assert_eq!(
            brief(&RULE, &app),
            [
                "tasks.py:7:1 VIII.1 warning/medium",
                "holds VIII.1 declared"
            ]
        );
        app.facts
            .push(process("jobs", "python -m celery -A app worker"));
        assert_eq!(brief(&RULE, &app), ["holds VIII.1 declared"]);
    }
}
