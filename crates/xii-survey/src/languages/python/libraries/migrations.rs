//! Schemas that are changed when the program starts.

use xii_model::MigrationAtStart;

use super::processes::is_main;
use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::last_name;
use crate::languages::schema_change;
use crate::languages::syntax::{Kind, NodeId};

/// Calls that change the schema.
#[rustfmt::skip]
const MIGRATIONS: &[(&str, &str)] = &[
    ("alembic.command.upgrade", "alembic upgrade"),
    ("flask_migrate.upgrade", "flask-migrate upgrade"),
];

/// Methods that are given SQL.
const SQL: [&str; 5] = [
    "execute",
    "executescript",
    "exec_driver_sql",
    "execute_sql",
    "fetch",
];

/// Adds the changes of the schema that this file makes at start.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    for (id, path) in reader.calls {
        migration(reader, *id, path);
    }
}

/// A change of the schema when a module is loaded or the server starts.
fn migration(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let how = if let Some((_, how)) = MIGRATIONS.iter().find(|(name, _)| *name == path) {
        (*how).to_owned()
    } else if path.ends_with(".create_all") {
        let what = path
            .rsplit('.')
            .nth(1)
            .unwrap_or_default()
            .trim_start_matches('~');
        match what {
            "metadata" | "db" | "SQLAlchemy()" => "create_all".to_owned(),
            _ => return,
        }
    } else if path == "django.core.management.call_command" {
        match tree.arg(id, 0).and_then(|name| tree.as_text(name)) {
            Some("migrate") => "call_command('migrate')".to_owned(),
            _ => return,
        }
    } else if path.ends_with(".generate_schemas") {
        "generate_schemas".to_owned()
    } else if path.ends_with(".run_sync") {
        // `await connection.run_sync(Base.metadata.create_all)`
        match tree.arg(id, 0).and_then(|what| tree.path(what)) {
            Some(what) if what.ends_with("metadata.create_all") => "create_all".to_owned(),
            _ => return,
        }
    } else if SQL.contains(&path.rsplit('.').next().unwrap_or_default()) {
        let statement = tree
            .arg(id, 0)
            .and_then(|sql| schema_change::text(tree, sql))
            .and_then(schema_change::statement);
        match statement {
            Some(statement) => statement.to_owned(),
            None => return,
        }
    } else {
        return;
    };
    if !at_start(reader, id) {
        return;
    }
    let locked = reader
        .calls
        .iter()
        .any(|(_, path)| path.contains("advisory_lock") || path.ends_with(".lock"));
    reader.push(id, MigrationAtStart { how, locked });
}

/// Whether code runs when the module is loaded or the server starts, and not as a task of its own.
fn at_start(reader: &Reader<'_>, id: NodeId) -> bool {
    let tree = reader.tree;
    let path = reader.file.source.path.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let task = [
        "manage.py",
        "cli.py",
        "commands.py",
        "conftest.py",
        "seed.py",
        "env.py",
    ];
    let words = [
        "init_db",
        "initdb",
        "create_db",
        "seed",
        "create_tables",
        "migrat",
        "setup_db",
        "init_database",
    ];
    if path.contains("/management/commands/")
        || task.contains(&name)
        || words.iter().any(|word| name.contains(word))
        || path.contains("migrations/")
        || path.contains("alembic/")
        || path.contains("scripts/")
    {
        return false;
    }
    for outer in tree.ancestors(id) {
        if let Kind::If { test, .. } = tree.kind(outer)
            && is_main(tree, *test)
        {
            // A script that is run by itself; a server that it starts counts.
            return reader
                .calls
                .iter()
                .any(|(_, path)| path.ends_with(".run") || path.ends_with("run_app"));
        }
        if let Some(function) = tree.as_function(outer) {
            let starts = function.name.as_deref().is_some_and(|name| {
                matches!(
                    name,
                    "create_app"
                        | "lifespan"
                        | "startup"
                        | "on_startup"
                        | "ready"
                        | "make_app"
                        | "startup_event"
                        | "app_startup"
                ) || called_at_start(reader, name)
            });
            let hooked = function.decorators.iter().any(|decorator| {
                matches!(
                    last_name(tree, *decorator),
                    Some(
                        "on_event"
                            | "before_first_request"
                            | "before_serving"
                            | "asynccontextmanager"
                            | "listener"
                            | "before_server_start"
                    )
                )
            });
            return starts || hooked;
        }
    }
    true
}

/// Whether the file itself calls a function of its own when it is loaded.
fn called_at_start(reader: &Reader<'_>, name: &str) -> bool {
    let tree = reader.tree;
    reader.calls.iter().any(|(id, path)| {
        path.strip_prefix('~') == Some(name)
            && !tree.ancestors(*id).any(|outer| match tree.kind(outer) {
                Kind::Function(_) => true,
                Kind::If { test, .. } => is_main(tree, *test),
                _ => false,
            })
    })
}
