//! A client does not come back by itself after its resource was away.
//!
//! ## What it looks for
//!
//! Clients of databases, caches and queues whose library neither reconnects nor retries unless it is
//! told to, and is not told to: `amqplib`, a single `pg.Client`, a bare `psycopg2.connect`.
//!
//! ## Why it matters
//!
//! Databases fail over and caches restart, for seconds, on any platform and without notice. An app
//! whose client stays broken after that needs somebody to restart it, usually at night.
//!
//! ## What to do instead
//!
//! Use a pool or a client that reconnects:
//!
//! ```js
//! const pool = new Pool({ connectionString: process.env.DATABASE_URL });  // not new Client(…)
//! pool.on('error', (error) => logger.warn({ error }, 'idle connection lost'));
//! ```
//!
//! ```python
//! engine = create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
//! ```

use xii_model::{App, Confidence, Fact, ResourceClient, ResourceKind, Setting, Severity};

use crate::{Claims, Rule, grouping};

pub const RULE: Rule = Rule {
    name: "missing-reconnect",
    criteria: &["IV.3"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let clients: Vec<&Fact<ResourceClient>> = app
        .facts
        .resource_clients
        .iter()
        .filter(|client| client.scope.is_deployed() && keeps_connections(&client.kind))
        .collect();
    let loose = clients
        .iter()
        .copied()
        .filter(|client| client.retry == Setting::DefaultBad && !client.per_request);
    for group in grouping::by(loose, |client| client.library.clone()) {
        let client = group.first;
        // A wrapper that retries may stand around the call, out of sight of the client itself.
        let wrapped = app.facts.resilience.iter().any(|one| {
            one.scope.is_deployed() && matches!(one.what.what, "retry" | "back-off" | "reconnect")
        });
        let draft = claims.finding(
            &client.at,
            format!(
                "{} does not reconnect unless it is told to: after {} was away for a moment, the app stays broken until it is restarted",
                client.library, client.kind
            ),
        );
        draft
            .confidence(if wrapped { Confidence::Low } else { Confidence::Medium })
            .subject(client.library.as_str())
            .help(help(client));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "the same here");
        }
    }
    for client in clients {
        match &client.retry {
            Setting::Set(how) => claims.holds(
                "IV.3",
                format!("the {} client is told how to reconnect ({how})", client.kind),
                &client.at,
            ),
            Setting::DefaultGood => claims.holds(
                "IV.3",
                format!("{} reconnects to {} by itself", client.library, client.kind),
                &client.at,
            ),
            Setting::DefaultBad | Setting::Unknown => {}
        }
    }
}

/// Whether clients of the kind hold a connection that can break.
fn keeps_connections(kind: &ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Postgres
            | ResourceKind::MySql
            | ResourceKind::SqlServer
            | ResourceKind::Oracle
            | ResourceKind::Sql
            | ResourceKind::Mongo
            | ResourceKind::Redis
            | ResourceKind::Memcached
            | ResourceKind::Amqp
            | ResourceKind::Kafka
            | ResourceKind::Nats
            | ResourceKind::Ldap
    )
}

fn help(client: &ResourceClient) -> &'static str {
    match client.library.as_str() {
        "pg" => "use a pool, which opens a new connection when one breaks:\n    const pool = new Pool({ connectionString: process.env.DATABASE_URL });",
        "mysql" | "mysql2" => "use a pool, which opens a new connection when one breaks:\n    const pool = mysql.createPool(process.env.DATABASE_URL);",
        "sqlalchemy" | "flask-sqlalchemy" => "let the pool test a connection before it hands it out:\n    create_engine(url, pool_pre_ping=True)\n    # Flask-SQLAlchemy: SQLALCHEMY_ENGINE_OPTIONS = {\"pool_pre_ping\": True}",
        "psycopg2" | "psycopg" | "asyncpg" | "pymysql" | "mysqlclient" => "use a pool that checks its connections (psycopg_pool.ConnectionPool, asyncpg.create_pool, SQLAlchemy with pool_pre_ping)",
        "amqplib" => "listen for `close` and `error` on the connection and connect again with a growing pause, or use amqp-connection-manager",
        "pika" => "connect in a loop with a growing pause, or use kombu or aio-pika's connect_robust",
        _ => "use the library's pool or its reconnect option, with a growing pause between attempts",
    }
}
