//! Starting a web process also changes the schema of its database.
//!
//! ## What it looks for
//!
//! Start commands that migrate before they serve (`prisma migrate deploy && node …`,
//! `alembic upgrade head; uvicorn …`, `manage.py migrate && gunicorn …`), init containers that do, and code
//! that creates or migrates tables when the program starts (`sequelize.sync()`, `synchronize: true`,
//! `Base.metadata.create_all`, `db.create_all()`). Migrations in a `release:` line, a Job, a compose service
//! or a pipeline step of their own are evidence for the criterion.
//!
//! ## Why it matters
//!
//! Every instance starts, so every instance migrates: two at a time on the same tables, again at each
//! restart, and also when an old release is started to roll back. A long migration makes the start fail its
//! budget and the platform kills it half-way.
//!
//! ## What to do instead
//!
//! Migrate once a release, before the new processes start:
//!
//! ```text
//! release: npx prisma migrate deploy
//! web: node server.js
//! ```
//!
//! Django: `release: python manage.py migrate`. Flask: `release: flask db upgrade`. Alembic:
//! `release: alembic upgrade head`. On Kubernetes a Job before the rollout, in compose a service that the
//! others depend on with `condition: service_completed_successfully`. TypeORM and Sequelize: switch
//! `synchronize` and `sync()` off and write migrations.
//!
//! ## When it is fine
//!
//! Tools that take a lock in the database keep two instances apart; the start still waits for the change.

use std::collections::HashSet;

use xii_model::{App, Confidence, Framework, Severity};

use crate::command::schema::changes_schema;
use crate::command::start::{self, Place, Start};
use crate::command::{self, Command};
use crate::{Claims, Rule, places};

pub(crate) const RULE: Rule = Rule {
    name: "migration-at-start",
    criteria: &["XII.4"],
    severity: Severity::Warning,
    check,
};

const MAX_FINDINGS: usize = 8;

/// Endings of programs.
const CODE: [&str; 7] = [".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut seen = HashSet::new();
    let starts = start::all(app);
    let mut found = Vec::new();
    for start in starts.iter().filter(|start| !start.development) {
        let programs = start.programs(app);
        let Some(index) = programs.iter().position(changes_schema) else {
            continue;
        };
        // A command that only migrates is a task of its own.
        let Some(server) = programs.iter().skip(index + 1).rfind(|one| serves(one)) else {
            if start.place == Place::Compose || start.place == Place::Procfile {
                claims.holds(
                    "XII.4",
                    format!(
                        "`{}` changes the schema in a process of its own",
                        start.name
                    ),
                    &start.at,
                );
            }
            continue;
        };
        if !seen.insert((start.at.path.clone(), start.at.start.line)) {
            continue;
        }
        let change = programs.get(index).map(phrase).unwrap_or_default();
        found.push((start, change, server.program().to_owned()));
    }
    at_start_commands(app, claims, &found);
    for workload in &app.facts.workloads {
        for container in &workload.containers {
            let Some(command) = &container.command else {
                continue;
            };
            let programs = command::parse(&command.line());
            let Some(change) = programs.iter().find(|one| changes_schema(one)) else {
                continue;
            };
            if matches!(workload.kind.as_str(), "Job" | "CronJob") {
                claims.holds(
                    "XII.4",
                    format!(
                        "the {} `{}` changes the schema",
                        workload.kind, workload.name
                    ),
                    &container.at,
                );
            } else if container.init {
                claims
                    .finding(
                        &container.at,
                        format!("`{}` runs in an init container: every pod that starts changes the schema, several at a time", phrase(change)),
                    )
                    .severity(Severity::Note)
                    .subject(phrase(change))
                    .help("make it a Job that runs once before the rollout");
            }
        }
    }
    in_code(app, claims, &mut seen);
    evidence_for(app, claims);
}

/// Reports what changes the schema and what it starts, each pair once: a Procfile's `npm start` and
/// the script that it runs are one cause.
fn at_start_commands(app: &App, claims: &mut Claims<'_>, found: &[(&Start, String, String)]) {
    let mut told: HashSet<(&str, &str)> = HashSet::new();
    for (start, change, server) in found {
        if !told.insert((change, server)) {
            continue;
        }
        let draft = claims.finding(
            &start.at,
            format!("`{change}` runs each time `{server}` starts: every instance and every restart changes the schema, several at a time"),
        );
        draft
            .confidence(if start.place == Place::Manifest {
                Confidence::Medium
            } else {
                Confidence::High
            })
            .subject(change.clone())
            .help(help(app, Some(change)));
        for (other, ..) in found
            .iter()
            .filter(|(_, also, starts)| (also, starts) == (change, server))
            .filter(|(other, ..)| other.at != start.at)
            .take(4)
        {
            draft.related(&other.at, "here as well");
        }
    }
}

/// Schema changes that the program makes when it starts.
fn in_code(app: &App, claims: &mut Claims<'_>, seen: &mut HashSet<(std::sync::Arc<str>, u32)>) {
    let mut found = 0;
    // A script that does the same in each of its branches is one cause.
    let mut told = HashSet::new();
    for fact in &app.facts.migrations_at_start {
        if !fact.scope.is_deployed()
            || fact.scope.handler
            || !seen.insert((fact.at.path.clone(), fact.at.start.line))
            || !told.insert((fact.at.path.clone(), fact.how.as_str()))
        {
            continue;
        }
        found += 1;
        if found > MAX_FINDINGS {
            return;
        }
        // A script's line is the command itself; a program's is a call that has to go.
        let script = !CODE.iter().any(|end| fact.at.path.ends_with(end));
        let when = match script {
            true => "in a script that starts the program",
            false => "when the program starts",
        };
        let draft = claims.finding(
            &fact.at,
            format!(
                "`{}` changes the schema {when}: every instance and every restart does it{}",
                fact.how,
                if fact.locked {
                    ""
                } else {
                    ", several at a time"
                }
            ),
        );
        draft
            .subject(fact.how.clone())
            .help(help(app, script.then_some(fact.how.as_str())));
        if fact.locked {
            draft.severity(Severity::Note).confidence(Confidence::Low);
        }
    }
}

/// Places that change the schema once a release.
fn evidence_for(app: &App, claims: &mut Claims<'_>) {
    let releases = app
        .facts
        .process_types
        .iter()
        .filter(|process| process.name == "release");
    for process in releases {
        let start = command::parse(&process.command);
        let direct = start.iter().any(|one| {
            changes_schema(one) || one.words().iter().any(|word| word.contains("migrat"))
        });
        let scripted = start.iter().any(|one| {
            one.package_script()
                .is_some_and(|(_, script)| script.contains("migrat") || script.contains("release"))
        });
        if direct || scripted {
            claims.holds(
                "XII.4",
                "the release phase changes the schema, once a release",
                &process.at,
            );
        }
    }
    for step in &app.facts.pipeline_steps {
        let deploys = app
            .facts
            .pipeline_jobs
            .iter()
            .any(|job| job.name == step.job && job.deploys && job.at.path == step.at.path);
        let migrates = step
            .run
            .as_ref()
            .is_some_and(|run| command::parse(run).iter().any(changes_schema));
        if deploys && migrates {
            claims.holds(
                "XII.4",
                "the pipeline changes the schema before it deploys",
                &step.at,
            );
        }
    }
}

/// Whether the command is one that stays: what comes after a migration.
fn serves(command: &Command) -> bool {
    command.stays() && !changes_schema(command) && !is_one_off(command)
}

/// Other one-off commands that follow a migration.
fn is_one_off(command: &Command) -> bool {
    const WORDS: [&str; 8] = [
        "collectstatic",
        "seed",
        "loaddata",
        "compilemessages",
        "createsuperuser",
        "generate",
        "build",
        "translate",
    ];
    command.words().iter().take(4).any(|word| {
        WORDS.iter().any(|one| {
            word == one
                || word.starts_with(&format!("{one}:"))
                || word.ends_with(&format!(":{one}"))
        })
    })
}

/// The command, short enough for a message.
fn phrase(command: &Command) -> String {
    command
        .words()
        .iter()
        .take(4)
        .cloned()
        .collect::<Vec<_>>()
        .join(" ")
}

fn help(app: &App, change: Option<&str>) -> String {
    let command = change.unwrap_or(if app.uses(Framework::Django) {
        "python manage.py migrate"
    } else if app.uses(Framework::Flask) {
        "flask db upgrade"
    } else if places::is_pythonic(app) {
        "alembic upgrade head"
    } else {
        "npm run migrate"
    });
    if change.is_none() {
        return format!(
            "write migrations, switch the automatic change off, and run them once a release, before the new processes start:\n\n    release: {command}"
        );
    }
    let procfile = app
        .facts
        .process_types
        .iter()
        .any(|process| process.source == "Procfile");
    let how = if procfile {
        format!("in the Procfile\n\n    release: {command}")
    } else if !app.facts.workloads.is_empty() {
        format!(
            "as a Job that the rollout waits for\n\n    command: [\"sh\", \"-c\", \"{command}\"]"
        )
    } else if !app.facts.compose_services.is_empty() {
        format!(
            "in compose, as a service that the others wait for with `condition: service_completed_successfully`\n\n    migrate:\n      command: {command}"
        )
    } else {
        format!(
            "in a Procfile\n\n    release: {command}\n\non Kubernetes as a Job, in compose as a service that the others wait for with `condition: service_completed_successfully`"
        )
    };
    format!("run it once a release, before the new processes start: {how}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{image, process, said};

    #[test]
    fn a_server_behind_a_migration_is_told_from_a_migration_alone() {
        let mut app = App::default();
        app.facts.push(process(
            "web",
            "flask db upgrade; flask translate compile; gunicorn shop:app",
        ));
        assert_eq!(
            said(&RULE, &app),
            [
                "Procfile:1:1 XII.4 warning/high `flask db upgrade` runs each time `gunicorn` starts: every instance and every restart changes the schema, several at a time"
            ]
        );
        let mut app = App::default();
        app.facts.push(process(
            "release",
            "python manage.py migrate && python manage.py loaddata shops",
        ));
        app.facts
            .push(image("python:3.12", &["gunicorn", "shop.wsgi"]));
        assert_eq!(
            said(&RULE, &app),
            ["holds XII.4 the release phase changes the schema, once a release"]
        );
    }

    #[test]
    fn one_off_commands_behind_a_migration_are_no_server() {
        let mut app = App::default();
        app.facts.push(process(
            "setup",
            "python manage.py migrate && python manage.py collectstatic",
        ));
        assert_eq!(
            said(&RULE, &app),
            ["holds XII.4 `setup` changes the schema in a process of its own"]
        );
    }
}
