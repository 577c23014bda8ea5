//! Starts web, and a second instance beside it, and looks whether either changes the schema.
//!
//! Two things show it: a program whose task that is (`prisma migrate deploy`, `manage.py migrate`, the
//! release task's own command) is executed by web's processes, as the witness sees it; or statements such as
//! `CREATE TABLE` go to a PostgreSQL or MySQL resource while web starts. With several instances that start at
//! once, such changes collide, and a rollback brings the old code a schema that it does not know.
//!
//! What is done in a SQLite file, or over an encrypted connection, is not seen.

use std::time::Duration;

use xii_model::{Mark, ResourceKind, Severity};

use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::interposer::Watched;
use crate::programs::{changes_schema, executed};
use crate::tasks::migrations;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "schema-at-start",
    criteria: &["XII.4"],
    phase: Phase::Start,
    needs: &[Need::Web, Need::Build],
    severity: Severity::Error,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// Statements that change a schema, as libraries write them.
const STATEMENTS: [&str; 8] = [
    "CREATE TABLE",
    "ALTER TABLE",
    "DROP TABLE",
    "CREATE INDEX",
    "CREATE UNIQUE INDEX",
    "CREATE SCHEMA",
    "CREATE TYPE",
    "RENAME TABLE",
];

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let commands: Vec<String> = migrations(stage)
            .into_iter()
            .map(|one| one.command)
            .collect();
        let relational: Vec<String> = stage
            .resources()
            .iter()
            .filter(|(one, _)| {
                matches!(
                    one.kind,
                    ResourceKind::Postgres | ResourceKind::MySql | ResourceKind::Sql
                )
            })
            .map(|(one, _)| one.name.clone())
            .collect();
        let first = stage.start(Setup::web()).await?;
        let first_sees = Statements::on(&first, &relational);
        let first_ready = stage.ready(&first).await;
        let second = stage
            .start(Setup::web().number(2).in_folder(stage.another_folder()?))
            .await?;
        let second_sees = Statements::on(&second, &relational);
        let second_ready = stage.ready(&second).await;
        let mut why = None;
        for (run, sees) in [(&first, &first_sees), (&second, &second_sees)] {
            if why.is_none() {
                why = tool(stage, run, &commands).or_else(|| sees.words(run));
            }
        }
        first.kill().await;
        second.kill().await;
        if let Some(why) = why {
            stage.broken("XII.4", why);
            return Ok(());
        }
        if let Some(failed) = first_ready.err().or(second_ready.err()) {
            return Err(CouldNotTell(format!("web did not become ready: {failed}")));
        }
        stage.witness()?;
        let uses = |kinds: &[ResourceKind]| {
            stage
                .app()
                .facts
                .resource_clients
                .iter()
                .any(|one| one.scope.is_deployed() && kinds.contains(&one.kind))
        };
        if relational.is_empty() && uses(&[ResourceKind::Sqlite, ResourceKind::Sql]) {
            stage.could_not_tell(
                "XII.4",
                "web runs no migration tool as it starts; what it does to a file of SQLite is not seen",
            );
        } else if relational.is_empty() && uses(&[ResourceKind::Postgres, ResourceKind::MySql]) {
            stage.could_not_tell(
                "XII.4",
                "web runs no migration tool as it starts; the database that it uses could not be watched",
            );
        } else if relational.is_empty() && commands.is_empty() {
            stage.not_applicable(
                "XII.4",
                "the app uses no database with a schema, and declares no migration",
            );
        } else if relational.is_empty() {
            stage.holds(
                "XII.4",
                "two instances of web start without running a migration",
            );
        } else {
            stage.holds(
                "XII.4",
                format!(
                    "two instances of web start without a migration and without a statement that changes the schema of {}",
                    relational.join(" or ")
                ),
            );
        }
        Ok(())
    })
}

/// The statements that are looked for on a run's way to its databases.
struct Statements(Vec<(String, &'static str, Watched)>);

impl Statements {
    fn on(run: &Run, relational: &[String]) -> Self {
        let mut all = Vec::new();
        for name in relational {
            let Some(resource) = run.resource(name) else {
                continue;
            };
            for statement in STATEMENTS {
                for written in [statement.to_owned(), statement.to_ascii_lowercase()] {
                    all.push((name.clone(), statement, resource.watch(written.as_bytes())));
                }
            }
        }
        Statements(all)
    }

    fn words(&self, run: &Run) -> Option<String> {
        let (name, statement, _) = self.0.iter().find(|(.., seen)| seen.seen() > 0)?;
        Some(format!(
            "{} sends `{statement}` to {name} as it starts",
            run.instance
        ))
    }
}

/// The program of a run that changes the schema.
fn tool(stage: &Stage, run: &Run, commands: &[String]) -> Option<String> {
    let events = run.record.all();
    let found = executed(&events).into_iter().find(|program| {
        changes_schema(&program.words) || commands.iter().any(|one| is_command(one, &program.words))
    })?;
    stage.cite(&found.event, Mark::Against);
    Some(format!(
        "{} runs `{}` as it starts",
        run.instance,
        found.line()
    ))
}

/// Whether a program's words are those of a task's command line.
fn is_command(command: &str, words: &[String]) -> bool {
    let mut wanted = command
        .split_whitespace()
        .skip_while(|one| *one == "exec" || *one == "env" || one.contains('='));
    let Some(program) = wanted.next() else {
        return false;
    };
    let inner: Vec<String> = std::iter::once(program)
        .chain(wanted)
        .map(str::to_owned)
        .collect();
    let meant = crate::programs::meant(program, &inner);
    // A command of one word may also be how the app itself starts, unless its name says what it does.
    let tells = meant.len() > 1 || meant.iter().any(|one| one.contains("migrat"));
    tells && meant == words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_command_is_known_wherever_it_runs() {
        let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        assert!(is_command(
            "target/release/good migrate",
            &words("good migrate")
        ));
        assert!(is_command(
            "A=b python manage.py migrate",
            &words("manage.py migrate")
        ));
        assert!(is_command("node src/migrate.js now", &words("migrate now")));
        assert!(is_command("node src/migrate.js", &words("migrate")));
        assert!(!is_command("node src/server.js", &words("server")));
        assert!(!is_command(
            "target/release/good migrate",
            &words("good web")
        ));
    }
}
