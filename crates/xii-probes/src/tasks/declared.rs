//! Which admin tasks an app declares.

use xii_runtime::formation::Kind;

use crate::engine::{Setup, Stage};

/// A task that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What it is called.
    pub name: String,
    /// Its command line.
    pub command: String,
    /// Where it is declared.
    pub origin: String,
    /// The process type of the formation that it is; none when only a manifest knows it.
    pub process: Option<String>,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Brings a schema to where the code wants it; it may be run again by its nature.
    Migration,
    /// A person types into it.
    Console,
    /// Something else, which a proof does not run: nobody says that it is harmless.
    Other,
}

impl Nature {
    /// What a task is by its name and its command.
    pub fn of(name: &str, command: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let command = command.to_ascii_lowercase();
        let word = |text: &str, wanted: &[&str]| {
            text.split(|one: char| !one.is_ascii_alphanumeric())
                .any(|part| wanted.contains(&part))
        };
        let undoes = [
            "down", "rollback", "revert", "undo", "reset", "drop", "fresh", "make", "generate",
            "create", "new", "status",
        ];
        if word(&name, &["console", "shell", "repl"])
            || word(&command, &["console", "shell", "repl", "ipython"])
        {
            return Nature::Console;
        }
        if (name == "release" || word(&name, &["migrate", "migrations", "migration", "upgrade"]))
            && !word(&name, &undoes)
        {
            return Nature::Migration;
        }
        Nature::Other
    }
}

impl Task {
    /// How it is started: as its process type, or in place of web's command.
    pub fn setup(&self, stage: &Stage) -> Setup {
        match (&self.process, stage.web()) {
            (Some(process), _) => Setup::of(process),
            (None, Some(web)) => Setup::of(&web.name).running(&self.command),
            (None, None) => Setup::web().running(&self.command),
        }
    }
}

/// The tasks that bring the schema to where the code wants it: `release` first.
pub fn migrations(stage: &Stage) -> Vec<Task> {
    let mut found = of(stage, Nature::Migration);
    found.sort_by_key(|task| task.name != "release");
    found
}

/// The tasks that a person types into.
pub fn consoles(stage: &Stage) -> Vec<Task> {
    of(stage, Nature::Console)
}

fn of(stage: &Stage, nature: Nature) -> Vec<Task> {
    let mut found: Vec<Task> = stage
        .formation()
        .processes
        .iter()
        .filter(|one| one.kind == Kind::Task)
        .filter(|one| Nature::of(&one.name, &one.command) == nature)
        .map(|one| Task {
            name: one.name.clone(),
            command: one.command.clone(),
            origin: one.origin.clone(),
            process: Some(one.name.clone()),
        })
        .collect();
    for task in &stage.app().facts.admin_tasks {
        let Some(command) = &task.command else {
            continue;
        };
        let fits = match nature {
            Nature::Migration => {
                task.kind == "migration" && Nature::of(&task.name, command) == Nature::Migration
            }
            Nature::Console => task.kind == "console",
            Nature::Other => false,
        };
        // What only starts a process type's own command is that process type.
        let known = found
            .iter()
            .any(|one| one.name == task.name || one.command == *command);
        if fits && !known && !matches!(task.source, "kubernetes" | "compose") {
            found.push(Task {
                name: task.name.clone(),
                command: command.clone(),
                origin: format!("{}:{}", task.at.path, task.at.start.line),
                process: None,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_run_is_told_by_its_name() {
        for (name, command, nature) in [
            ("release", "python manage.py migrate", Nature::Migration),
            ("migrate", "node src/migrate.js", Nature::Migration),
            ("db:migrate", "knex migrate:latest", Nature::Migration),
            ("migrate:down", "knex migrate:down", Nature::Other),
            (
                "migration:generate",
                "typeorm migration:generate",
                Nature::Other,
            ),
            ("console", "target/release/good console", Nature::Console),
            ("shell", "python manage.py shell", Nature::Console),
            ("seed", "node seed.js", Nature::Other),
            ("clean", "rm -rf dist", Nature::Other),
        ] {
            assert_eq!(Nature::of(name, command), nature, "{name}");
        }
    }
}
