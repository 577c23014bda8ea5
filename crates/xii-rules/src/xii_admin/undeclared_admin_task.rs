//! The app has a database, and no declared task that changes its schema.
//!
//! ## What it looks for
//!
//! Admin tasks that ship with the app: scripts of package.json that migrate or seed, `manage.py` and its
//! commands, Flask's CLI, Alembic, a `release:` line in the Procfile, Jobs and CronJobs. Where the
//! repository holds migrations or talks to an SQL database and declares none of them, the finding stands
//! at the manifest.
//!
//! ## Why it matters
//!
//! A change of the schema that somebody types into a console is not reviewed, not repeated in the next
//! deploy, and run with whatever code and config that person has at hand.
//!
//! ## What to do instead
//!
//! Declare each task beside the code, so that it ships with the release:
//!
//! ```json
//! "scripts": { "migrate": "prisma migrate deploy", "seed": "node dist/seed.js" }
//! ```
//!
//! ```text
//! release: npm run migrate
//! ```
//!
//! Python: `release: python manage.py migrate`, `release: alembic upgrade head`,
//! `release: flask db upgrade`.

use xii_model::{App, AppKind, Confidence, Evidence, FileClass, Framework, ResourceKind, Severity};

use crate::command::schema::changes_schema;
use crate::command::start;
use crate::{Claims, Rule, command, manifests, places};

pub(crate) const RULE: Rule = Rule {
    name: "undeclared-admin-task",
    criteria: &["XII.1"],
    severity: Severity::Note,
    check,
};

/// Migration tools that are run by a command of their own.
const TOOLS: [&str; 16] = [
    "alembic",
    "flask-migrate",
    "django",
    "aerich",
    "yoyo-migrations",
    "prisma",
    "knex",
    "typeorm",
    "sequelize",
    "sequelize-cli",
    "umzug",
    "drizzle-kit",
    "node-pg-migrate",
    "db-migrate",
    "migrate-mongo",
    "@mikro-orm/cli",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.kind != AppKind::Service {
        return;
    }
    let mut tasks: Vec<_> = app
        .facts
        .admin_tasks
        .iter()
        .filter(|task| !matches!(task.scope.class, FileClass::Test | FileClass::Vendored))
        // What only a developer types is no task of a deploy.
        .filter(|task| {
            !matches!(
                task.name.as_str(),
                "test" | "tests" | "lint" | "format" | "clean" | "coverage"
            )
        })
        .collect();
    // What changes the schema speaks first.
    tasks.sort_by_key(|task| (task.kind != "migration", task.kind != "seed"));
    if let Some(task) = tasks.first() {
        let mut names: Vec<&str> = Vec::new();
        for task in &tasks {
            if !names.contains(&task.name.as_str()) {
                names.push(&task.name);
            }
        }
        names.truncate(5);
        claims.holds(
            "XII.1",
            format!("admin tasks ship with the app: {}", names.join(", ")),
            &task.at,
        );
        return;
    }
    let manage = app.files.iter().find(|file| {
        file.path.rsplit('/').next() == Some("manage.py") && file.class != FileClass::Test
    });
    if let Some(file) = manage {
        claims.holds(
            "XII.1",
            "manage.py and its commands ship with the app",
            &Evidence::file(file.path.clone()),
        );
        return;
    }
    let script = app.facts.scripts.iter().find(|script| {
        let name = script.name.to_ascii_lowercase();
        ["migrat", "seed", "console", "backfill"]
            .iter()
            .any(|word| name.contains(word))
            || command::parse(&script.command).iter().any(changes_schema)
    });
    if let Some(script) = script {
        claims.holds(
            "XII.1",
            format!("the script `{}` ships with the app", script.name),
            &script.at,
        );
        return;
    }
    if let Some(job) = app
        .facts
        .workloads
        .iter()
        .find(|one| matches!(one.kind.as_str(), "Job" | "CronJob"))
    {
        claims.holds(
            "XII.1",
            format!("the {} `{}` is declared", job.kind, job.name),
            &job.at,
        );
        return;
    }
    absence(app, claims);
}

fn absence(app: &App, claims: &mut Claims<'_>) {
    // What migrates when it starts is told by `migration-at-start`.
    let at_start = !app.facts.migrations_at_start.is_empty()
        || start::all(app)
            .iter()
            .any(|start| start.programs(app).iter().any(changes_schema));
    if at_start {
        return;
    }
    let migrations = app
        .files
        .iter()
        .find(|file| file.class == FileClass::Migration);
    let database = app.facts.resource_clients.iter().find(|client| {
        client.scope.is_deployed()
            && matches!(
                client.kind,
                ResourceKind::Postgres
                    | ResourceKind::MySql
                    | ResourceKind::Sql
                    | ResourceKind::SqlServer
                    | ResourceKind::Oracle
            )
    });
    let Some(manifest) = manifests::of_read_languages(app).next() else {
        return;
    };
    let (message, confidence) = match (migrations, database) {
        (Some(file), _) => (
            format!(
                "the repository holds migrations ({}) and declares no task that runs them: each deploy depends on somebody who knows how",
                file.path
            ),
            // These tools bring a command of their own that those who know them will find.
            if app.depends_on(&TOOLS) {
                Confidence::Low
            } else {
                Confidence::Medium
            },
        ),
        (None, Some(client)) => (
            format!(
                "the app keeps its data in a database ({}) and declares no task that makes or changes its schema",
                client.library
            ),
            Confidence::Low,
        ),
        (None, None) => return,
    };
    let draft = claims.finding(&manifest.at, message);
    draft
        .confidence(confidence)
        .subject("admin task")
        .help(help(app));
    if let Some(client) = database {
        draft.related(&client.at, "the database");
    }
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Django) {
        "run it before each release, from the Procfile:\n\n    release: python manage.py migrate"
    } else if app.uses(Framework::Flask) {
        "with Flask-Migrate, from the Procfile:\n\n    release: flask db upgrade"
    } else if places::is_pythonic(app) {
        "with Alembic, from the Procfile:\n\n    release: alembic upgrade head"
    } else {
        "declare it as a script, and run it before each release:\n\n    \"scripts\": { \"migrate\": \"prisma migrate deploy\" }   # or knex migrate:latest, typeorm migration:run"
    }
}
