//! Nothing closes the connections when the process ends.
//!
//! ## What it looks for
//!
//! Apps that hold connections to databases, caches or queues and in which no call closes a pool or a
//! client: no `pool.end()`, `mongoose.disconnect()`, `engine.dispose()`, and no signal handler or
//! life-cycle hook that does it.
//!
//! ## Why it matters
//!
//! The system closes sockets of a dead process, but the database learns of it late: until then its
//! connection stays counted. With a rolling deploy the old and the new instances are counted together,
//! and the limit is reached just when the new release starts.
//!
//! ## What to do instead
//!
//! Close the pools last, after the server has finished what was in flight:
//!
//! ```js
//! process.on('SIGTERM', () => server.close(() => pool.end().then(() => process.exit(0))));
//! ```
//!
//! ```python
//! @asynccontextmanager
//! async def lifespan(app):
//!     yield
//!     await engine.dispose()
//! ```

use xii_model::{App, Confidence, Framework, ResourceClient, ResourceKind, Setting, Severity};

use crate::{Claims, Rule, places, process_files, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "unclosed-resource",
    criteria: &["IV.5"],
    severity: Severity::Note,
    check,
};

/// Modules of Nest that close what they opened in `onApplicationShutdown`.
const NEST_MODULES: [&str; 4] = [
    "@nestjs/typeorm",
    "@nestjs/mongoose",
    "@nestjs/sequelize",
    "@mikro-orm/nestjs",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    // Django and Flask's extensions own their connections and end them with the process.
    let managed = app.uses(Framework::Django) || app.uses(Framework::Flask);
    let mut kept = app.facts.resource_clients.iter().filter(|client| {
        client.scope.is_deployed()
            && process_files::stays(&client.at.path)
            && !client.per_request
            // A queue's own program opens and closes its connections.
            && !matches!(client.library.as_str(), "celery" | "rq" | "dramatiq" | "huey" | "arq")
            && matches!(
                client.kind,
                ResourceKind::Postgres
                    | ResourceKind::MySql
                    | ResourceKind::SqlServer
                    | ResourceKind::Sql
                    | ResourceKind::Mongo
                    | ResourceKind::Redis
                    | ResourceKind::Amqp
                    | ResourceKind::Kafka
            )
    });
    // The file that listens is surely part of the process that stays.
    let listens = |path: &str| app.facts.listens.iter().any(|one| *one.at.path == *path);
    let Some(held) = kept
        .clone()
        .find(|client| listens(&client.at.path))
        .or_else(|| kept.next())
    else {
        return;
    };
    let closed = app
        .facts
        .resources_closed
        .iter()
        .find(|closed| closed.scope.is_deployed());
    let handler = app
        .facts
        .signal_handlers
        .iter()
        .find(|handler| handler.scope.is_deployed() && handler.does.closes_resources);
    let hooks = app.facts.signal_handlers.iter().find(|handler| {
        handler.scope.is_deployed() && handler.through.contains("enableShutdownHooks")
    });
    if let (Some(hooks), None) = (hooks, closed)
        && app.uses(Framework::Nest)
        && app.depends_on(&NEST_MODULES)
    {
        claims.holds(
            "IV.5",
            "the Nest module of the database closes its connections when the shutdown hooks run",
            &hooks.at,
        );
        return;
    }
    if let Some(place) = closed.map(|fact| &fact.at).or(handler.map(|fact| &fact.at)) {
        let pooled = app.facts.resource_clients.iter().any(|client| {
            client.scope.is_deployed()
                && matches!(client.pool, Setting::Set(_) | Setting::DefaultGood)
        });
        if pooled {
            claims.holds(
                "IV.5",
                "connections are pooled, and the program closes them",
                place,
            );
        }
    } else if !managed {
        claims
            .finding(
                &held.at,
                format!(
                    "nothing closes the {} connections when the process ends: the resource counts them until it notices by itself",
                    wording::kind(&held.kind)
                ),
            )
            .confidence(Confidence::Low)
            .subject("unclosed")
            .help(help(app, held));
    }
}

fn help(app: &App, held: &ResourceClient) -> &'static str {
    if app.uses(Framework::Nest) {
        "in main.ts, before `listen`; a client of your own is closed in its provider's `onModuleDestroy`:\n    app.enableShutdownHooks();"
    } else if app.uses(Framework::Fastify) {
        "close it with the server:\n    app.addHook('onClose', () => pool.end());"
    } else if app.uses(Framework::FastApi) || app.uses(Framework::Starlette) {
        "close it after `yield` in the app's lifespan:\n    await engine.dispose()"
    } else if places::is_pythonic(app) {
        "close the pool when the process ends:\n    atexit.register(pool.close)"
    } else {
        match held.library.as_str() {
            "mongoose" => {
                "close it after the server has finished:\n    process.on('SIGTERM', () => server.close(() => mongoose.disconnect()));"
            }
            "prisma" => {
                "close it after the server has finished:\n    process.on('SIGTERM', () => server.close(() => prisma.$disconnect()));"
            }
            "mongodb" => {
                "close it after the server has finished:\n    process.on('SIGTERM', () => server.close(() => client.close()));"
            }
            _ => {
                "close it after the server has finished:\n    process.on('SIGTERM', () => server.close(() => pool.end()));"
            }
        }
    }
}
