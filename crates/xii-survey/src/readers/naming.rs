//! What the name of a script says of the process or the task that it starts.

/// The process type that a script of a manifest starts, by its name.
pub(super) fn process_type(script: &str) -> Option<&'static str> {
    Some(match script {
        "start" => "web",
        "worker" | "start:worker" | "worker:start" | "start-worker" | "workers" => "worker",
        "clock" | "scheduler" | "start:scheduler" | "start:clock" | "start:cron" => "clock",
        _ => return None,
    })
}

/// The kind of admin task that a script is, by its name: `migration`, `seed`, `console`, `script`.
/// What makes new migration files is a developer's tool and none.
pub(super) fn admin_task(script: &str) -> Option<&'static str> {
    let lower = script.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
    if has(&[
        "generate", "create", "new", "make", "dev", "watch", "test", "lint", "format", "validate",
        "status", "check", "studio", "diff", "build", "docker", "push", "hygen", "up", "down",
        "start", "stop", "ci", "add",
    ]) && !has(&["admin", "superuser", "migrate"])
        || has(&["test", "lint", "generate", "dev", "watch"])
    {
        return None;
    }
    let first = words.first().copied().unwrap_or_default();
    if has(&["migrate", "migrates", "migration", "migrations", "migrator"]) {
        Some("migration")
    } else if has(&["seed", "seeds", "seeder", "seeding", "fixtures", "loaddata"]) {
        Some("seed")
    } else if has(&["console", "repl", "shell", "psql"]) {
        Some("console")
    } else if (matches!(
        first,
        "db" | "database" | "task" | "tasks" | "admin" | "cron"
    ) && words.len() > 1)
        || (has(&["admin", "superuser"]) && has(&["create", "add"]))
        || has(&["backfill", "reindex", "createsuperuser"])
        || (has(&["reset"]) && has(&["password"]))
    {
        Some("script")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_tasks_from_tools() {
        for (name, kind) in [
            ("migrate", Some("migration")),
            ("db:migrate", Some("migration")),
            ("migration:run", Some("migration")),
            ("migration:generate", None),
            ("migration:create", None),
            ("db:create-migration", None),
            ("prisma:migrate:deploy", Some("migration")),
            ("migrate:dev", None),
            ("seed", Some("seed")),
            ("seed:run:relational", Some("seed")),
            ("seed:create", None),
            ("db:reset", Some("script")),
            ("console", Some("console")),
            ("create-admin", Some("script")),
            ("build", None),
            ("test:db", None),
            ("start", None),
        ] {
            assert_eq!(admin_task(name), kind, "{name}");
        }
        assert_eq!(process_type("start"), Some("web"));
        assert_eq!(process_type("start:dev"), None);
    }
}
