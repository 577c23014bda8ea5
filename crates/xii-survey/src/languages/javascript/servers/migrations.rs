//! Schemas that are changed when the program starts.

use xii_model::{Facts, MigrationAtStart};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::schema_change;
use crate::languages::syntax::{Kind, NodeId};

/// What changes the schema, the words for it, and whether it takes a lock.
const MIGRATIONS: [(&str, &str, bool); 12] = [
    ("sequelize.Sequelize().sync", "sequelize.sync", false),
    ("*sequelize().sync", "sequelize.sync", false),
    ("*.migrate.latest", "knex.migrate.latest", true),
    ("umzug.Umzug().up", "umzug.up", false),
    ("*.runMigrations", "runMigrations", false),
    (
        "drizzle-orm/node-postgres/migrator.migrate",
        "drizzle migrate",
        false,
    ),
    (
        "drizzle-orm/postgres-js/migrator.migrate",
        "drizzle migrate",
        false,
    ),
    (
        "drizzle-orm/better-sqlite3/migrator.migrate",
        "drizzle migrate",
        false,
    ),
    (
        "drizzle-orm/mysql2/migrator.migrate",
        "drizzle migrate",
        false,
    ),
    ("*.getMigrator().up", "mikro-orm migrator", false),
    ("*sequelize.sync", "sequelize.sync", false),
    ("*.synchronize", "synchronize", false),
];

/// Methods and tags that are given SQL.
const SQL: [&str; 13] = [
    "query",
    "execute",
    "exec",
    "run",
    "raw",
    "unsafe",
    "batch",
    "none",
    "simple",
    "$executeRaw",
    "$executeRawUnsafe",
    "$queryRaw",
    "sql",
];

/// Functions that a program calls, or a framework calls for it, when it starts.
const STARTS: [&str; 17] = [
    "main",
    "start",
    "startServer",
    "bootstrap",
    "init",
    "initialize",
    "initDb",
    "initDB",
    "initDatabase",
    "initializeDatabase",
    "connectDb",
    "connectDB",
    "setupDatabase",
    "createTables",
    "ensureSchema",
    "onModuleInit",
    "onApplicationBootstrap",
];

/// Words in the path of a file that is a task of its own.
const TASKS: [&str; 6] = ["migrat", "seed", "scripts/", "/bin/", "fixture", "setup-db"];

/// Reads changes of the schema.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        known(seen, call, facts);
        written(seen, call, facts);
        options(seen, call, facts);
    }
}

/// A library's own call.
fn known(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let path = call.path.as_str();
    // A name that nothing in the file binds: a piece of code that is shown, not run.
    if path == "sequelize.sync" {
        return;
    }
    let Some((_, how, locked)) = MIGRATIONS
        .iter()
        .find(|(pattern, _, _)| fits(pattern, path))
    else {
        return;
    };
    let name = path.to_lowercase();
    let orm = [
        "sequelize",
        "knex",
        "migrat",
        "datasource",
        "connection",
        "db",
        "typeorm",
        "orm",
    ]
    .iter()
    .any(|word| name.contains(word));
    if orm {
        let migration = MigrationAtStart {
            how: (*how).to_owned(),
            locked: *locked,
        };
        facts.push(seen.fact(call.id, migration));
    }
}

/// `pool.query('create table …')` in code that runs when the program starts.
fn written(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let last = call.path.rsplit(['.', '~']).next().unwrap_or_default();
    if !(SQL.contains(&last) || call.path == "postgres()") {
        return;
    }
    let statement = seen
        .tree
        .arg(call.id, 0)
        .and_then(|first| schema_change::text(seen.tree, first))
        .and_then(schema_change::statement);
    let Some(statement) = statement else {
        return;
    };
    let file = seen.file.source.path.to_lowercase();
    let task = TASKS.iter().any(|word| file.contains(word));
    if task || seen.around.browser() || !at_start(seen, call.id) {
        return;
    }
    let migration = MigrationAtStart {
        how: statement.to_owned(),
        locked: seen.has("advisory_lock") || seen.has("advisory_xact_lock"),
    };
    facts.push(seen.fact(call.id, migration));
}

/// Whether code runs when its module is loaded or the program starts: in no function, in one that is
/// called where it is written, or in one that the start calls.
fn at_start(seen: &Seen<'_>, id: NodeId) -> bool {
    let tree = seen.tree;
    for outer in tree.ancestors(id) {
        let Some(function) = tree.as_function(outer) else {
            continue;
        };
        if seen.around.is_handler(outer) {
            return false;
        }
        match function.name.as_deref() {
            None if called_where_written(seen, outer) => {}
            None => return false,
            Some(name) => return STARTS.contains(&name) || called_at_start(seen, name),
        }
    }
    true
}

/// `(async () => …)()`, `db.serialize(() => …)`, `connect().then(() => …)`.
fn called_where_written(seen: &Seen<'_>, function: NodeId) -> bool {
    let Some(parent) = seen.tree.parent(function) else {
        return false;
    };
    let Kind::Call { callee, .. } = seen.tree.kind(parent) else {
        return false;
    };
    *callee == function
        || matches!(
            seen.tree.kind(*callee),
            Kind::Member { property, .. }
                if matches!(
                    property.as_str(),
                    "serialize" | "then" | "finally" | "connect" | "getConnection" | "transaction" | "forEach"
                )
        )
}

/// Whether the file itself calls a function of its own outside every function.
fn called_at_start(seen: &Seen<'_>, name: &str) -> bool {
    seen.calls.iter().any(|call| {
        call.path.strip_prefix('~') == Some(name) && seen.tree.function_around(call.id).is_none()
    })
}

/// TypeORM's options.
fn options(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    if !(call.path.contains("typeorm") || call.path.contains("TypeOrm")) {
        return;
    }
    for (key, how) in [
        ("synchronize", "synchronize: true"),
        ("migrationsRun", "migrationsRun: true"),
    ] {
        let on = seen
            .option(call.id, &[key])
            .filter(|flag| seen.flag(*flag) == Some(true));
        if let Some(at) = on {
            let migration = MigrationAtStart {
                how: how.to_owned(),
                locked: false,
            };
            facts.push(seen.fact(at, migration));
        }
    }
}
