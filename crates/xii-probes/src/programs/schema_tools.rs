//! Programs that change the schema of a database.

/// Whether a command line changes a schema, by the tools whose task that is.
///
/// `words` are those of [`Program`](super::Program): the program first.
pub fn changes_schema(words: &[String]) -> bool {
    let Some((name, arguments)) = words.split_first() else {
        return false;
    };
    let verbs: Vec<&str> = arguments
        .iter()
        .filter(|one| !one.starts_with('-'))
        .map(String::as_str)
        .collect();
    let first = verbs.first().copied().unwrap_or_default();
    let second = verbs.get(1).copied().unwrap_or_default();
    match name.as_str() {
        "prisma" => matches!(
            (first, second),
            ("migrate", "deploy" | "dev" | "reset") | ("db", "push")
        ),
        "sequelize" | "sequelize-cli" => first.starts_with("db:"),
        "knex" => {
            first.starts_with("migrate:")
                && !matches!(first, "migrate:list" | "migrate:status" | "migrate:make")
        }
        "typeorm" | "typeorm-ts-node-commonjs" | "typeorm-ts-node-esm" => {
            matches!(
                first,
                "migration:run" | "migration:revert" | "schema:sync" | "schema:drop"
            )
        }
        "mikro-orm" => matches!(first, "migration:up" | "schema:update" | "schema:create"),
        "drizzle-kit" => matches!(first, "migrate" | "push"),
        "node-pg-migrate" | "db-migrate" | "migrate-mongo" | "umzug" => first.starts_with("up"),
        "alembic" => verbs
            .iter()
            .any(|one| matches!(*one, "upgrade" | "downgrade")),
        "flask" => first == "db" && matches!(second, "upgrade" | "downgrade"),
        "manage.py" | "django-admin" => matches!(first, "migrate" | "syncdb"),
        "rails" | "rake" => first.starts_with("db:migrate") || first.starts_with("db:schema"),
        "mix" => matches!(first, "ecto.migrate" | "ecto.setup"),
        "diesel" => first == "migration" && second == "run",
        "sqlx" => first == "migrate" && second == "run",
        "sea-orm-cli" => first == "migrate",
        "flyway" | "liquibase" => matches!(first, "migrate" | "update"),
        "goose" | "dbmate" => verbs.iter().any(|one| matches!(*one, "up" | "migrate")),
        "artisan" => first == "migrate" || first.starts_with("migrate:fresh"),
        "npx" | "pnpx" | "bunx" => {
            let rest: Vec<String> = arguments
                .iter()
                .skip_while(|one| one.starts_with('-'))
                .cloned()
                .collect();
            !rest.is_empty() && changes_schema(&rest)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_that_look_are_told_from_those_that_change() {
        let judged = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            changes_schema(&words)
        };
        for line in [
            "prisma migrate deploy",
            "npx prisma db push",
            "manage.py migrate --noinput",
            "flask db upgrade",
            "alembic -c x.ini upgrade head",
            "sequelize-cli db:migrate",
        ] {
            assert!(judged(line), "{line}");
        }
        for line in [
            "prisma generate",
            "manage.py runserver",
            "flask run",
            "knex migrate:list",
            "goose status",
        ] {
            assert!(!judged(line), "{line}");
        }
    }
}
