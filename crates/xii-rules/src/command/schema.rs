//! Commands that change a database's schema.

use super::line::Command;

/// Whether the command changes the schema of a database.
pub(crate) fn changes_schema(command: &Command) -> bool {
    let words: Vec<&str> = command.operands().collect();
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    match command.program() {
        "prisma" => matches!((word(0), word(1)), ("migrate", "deploy") | ("db", "push")),
        "knex" => word(0).starts_with("migrate:") && word(0) != "migrate:make",
        "sequelize" | "sequelize-cli" => word(0).starts_with("db:migrate"),
        "typeorm" | "typeorm-ts-node-commonjs" | "typeorm-ts-node-esm" => {
            matches!(word(0), "migration:run" | "schema:sync")
        }
        "mikro-orm" => word(0) == "migration:up" || word(0) == "schema:update",
        "drizzle-kit" => matches!(word(0), "migrate" | "push"),
        "node-pg-migrate" | "db-migrate" | "migrate-mongo" => word(0) == "up",
        "alembic" => words.contains(&"upgrade"),
        "flask" => words.windows(2).any(|two| two == ["db", "upgrade"]),
        "aerich" => word(0) == "upgrade",
        "manage.py" | "django-admin" => word(0) == "migrate",
        "python" => {
            (word(0).ends_with("manage.py") && matches!(word(1), "migrate" | "syncdb"))
                || (word(0).ends_with("manage.py")
                    && words.windows(2).any(|two| two == ["db", "upgrade"]))
        }
        "rails" | "rake" => word(0) == "db:migrate",
        "node" => word(0).contains("typeorm") && word(1) == "migration:run",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::parse;

    #[test]
    fn what_changes_the_schema_is_told_from_what_prepares_a_change() {
        for line in [
            "npx prisma migrate deploy",
            "python manage.py migrate --noinput",
            "./manage.py migrate",
            "poetry run alembic -c alembic.ini upgrade head",
            "flask --app shop db upgrade",
            "python -m alembic upgrade head",
            "yarn exec sequelize-cli db:migrate",
        ] {
            assert!(parse(line).iter().any(changes_schema), "{line}");
        }
        for line in [
            "npx prisma generate",
            "python manage.py makemigrations",
            "alembic revision --autogenerate",
            "echo 'alembic upgrade head'",
            "knex migrate:make add_user",
            "node migrate.js",
        ] {
            assert!(!parse(line).iter().any(changes_schema), "{line}");
        }
    }
}
