//! Consumers of queues, and schemas that are changed at start.

use xii_model::{Facts, MigrationAtStart, QueueConsumer};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::{Called, Seen};

/// A consumer: the path of its call, the library, and whether it acknowledges after the work.
const CONSUMERS: [(&str, &str, Option<bool>); 17] = [
    ("bullmq.Worker", "bullmq", Some(true)),
    ("bull().process", "bull", Some(true)),
    ("bull.default().process", "bull", Some(true)),
    ("bee-queue().process", "bee-queue", Some(true)),
    ("kafkajs.Kafka().consumer().run", "kafkajs", Some(true)),
    ("sqs-consumer.Consumer.create", "sqs-consumer", Some(true)),
    ("pg-boss().work", "pg-boss", Some(true)),
    ("graphile-worker.run", "graphile-worker", Some(true)),
    ("@nestjs/bull.Process", "@nestjs/bull", Some(true)),
    ("@nestjs/bullmq.Processor", "@nestjs/bullmq", Some(true)),
    (
        "@nestjs/microservices.MessagePattern",
        "@nestjs/microservices",
        None,
    ),
    (
        "@nestjs/microservices.EventPattern",
        "@nestjs/microservices",
        None,
    ),
    ("kue.createQueue().process", "kue", Some(true)),
    ("rsmq-worker", "rsmq", None),
    ("node-resque.Worker", "node-resque", Some(true)),
    ("@temporalio/worker.Worker.create", "temporal", Some(true)),
    ("faktory-worker.register", "faktory", Some(true)),
];

/// What changes the schema, the words for it, and whether it takes a lock.
const MIGRATIONS: [(&str, &str, bool); 12] = [
    ("sequelize.Sequelize().sync", "sequelize.sync", false),
    ("sequelize().sync", "sequelize.sync", false),
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
    ("*.sequelize.sync", "sequelize.sync", false),
    ("*.synchronize", "synchronize", false),
];

/// Reads consumers and migrations.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for call in &seen.calls {
        let path = call.path.as_str();
        let known = CONSUMERS.iter().find(|(pattern, _, _)| fits(pattern, path));
        if let Some((_, through, late)) = known {
            let consumer = QueueConsumer {
                through: (*through).to_owned(),
                acknowledges_late: *late,
            };
            facts.push(seen.fact(call.id, consumer));
        } else if path.ends_with(".consume") && (seen.has("amqp")) {
            let no_ack = seen
                .option(call.id, &["noAck"])
                .and_then(|flag| seen.flag(flag));
            let acknowledges = seen.calls.iter().any(|call| call.path.ends_with(".ack"));
            let consumer = QueueConsumer {
                through: "amqplib".to_owned(),
                acknowledges_late: match no_ack {
                    Some(true) => Some(false),
                    _ => acknowledges.then_some(true),
                },
            };
            facts.push(seen.fact(call.id, consumer));
        }
        if let Some((_, how, locked)) = MIGRATIONS
            .iter()
            .find(|(pattern, _, _)| fits(pattern, path))
        {
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
        if makes_a_table(seen, call) {
            let migration = MigrationAtStart {
                how: "create table".to_owned(),
                locked: false,
            };
            facts.push(seen.fact(call.id, migration));
        }
        if !(path.contains("typeorm") || path.contains("TypeOrm")) {
            continue;
        }
        for (key, how) in [
            ("synchronize", "synchronize: true"),
            ("migrationsRun", "migrationsRun: true"),
        ] {
            let on = seen
                .option(call.id, &[key])
                .is_some_and(|flag| seen.flag(flag) == Some(true));
            if on
                && let Some(at) = tree
                    .args(call.id)
                    .iter()
                    .find_map(|arg| tree.entry(arg.value, key))
            {
                let migration = MigrationAtStart {
                    how: how.to_owned(),
                    locked: false,
                };
                facts.push(seen.fact(at, migration));
            }
        }
    }
}

/// Whether a call that runs when the module is loaded makes a table.
fn makes_a_table(seen: &Seen<'_>, call: &Called) -> bool {
    let last = call.path.rsplit('.').next().unwrap_or_default();
    if !matches!(
        last,
        "query" | "exec" | "execute" | "raw" | "run" | "unsafe"
    ) {
        return false;
    }
    let Some(text) = seen.tree.arg(call.id, 0).and_then(|text| seen.text(text)) else {
        return false;
    };
    let start: String = text.trim_start().chars().take(24).collect();
    start.to_ascii_lowercase().starts_with("create table") && seen.fact(call.id, ()).scope.top_level
}
