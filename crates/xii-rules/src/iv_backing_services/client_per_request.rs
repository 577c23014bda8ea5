//! A connection to a backing service is opened for every request.
//!
//! ## What it looks for
//!
//! Clients of databases, caches and queues that are made inside a request handler, and pools that are
//! switched off or have no bound.
//!
//! ## Why it matters
//!
//! Opening a connection costs more than most queries, and each instance can then hold as many
//! connections as it has requests. A database has a fixed number for all instances together: under load
//! the app is refused, and so is everybody else who uses that database.
//!
//! ## What to do instead
//!
//! Make one client when the process starts, and bound its pool by config:
//!
//! ```js
//! const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.DB_POOL ?? 10) });
//! ```
//!
//! ```python
//! engine = create_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=0)
//! ```

use xii_model::{App, Confidence, Fact, ResourceClient, ResourceKind, Setting, Severity};

use crate::{Claims, Rule, grouping, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "client-per-request",
    criteria: &["IV.5"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let clients: Vec<&Fact<ResourceClient>> = app
        .facts
        .resource_clients
        .iter()
        .filter(|client| {
            client.scope.is_deployed()
                && client.kind.keeps_connections()
                && client.kind != ResourceKind::Ldap
        })
        .collect();
    for group in grouping::by_file(clients.iter().copied().filter(|client| client.per_request)) {
        let client = group.first;
        let draft = claims.finding(
            &client.at,
            format!(
                "a {} client ({}) is made for every request: under load the resource runs out of connections, for everybody who uses it",
                wording::kind(&client.kind),
                client.library
            ),
        );
        draft
            // Beside a client that is kept, one for a request has a purpose of its own: a test of
            // settings, a report of health.
            .confidence(if has_kept_client(&clients, client) {
                Confidence::Low
            } else {
                Confidence::Medium
            })
            .subject(client.kind.to_string())
            .help("make the client once, when the process starts, and share it; let config bound its pool");
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "another one");
        }
    }
    let unpooled = clients
        .iter()
        .copied()
        .filter(|client| !client.per_request && client.pool == Setting::DefaultBad);
    for group in grouping::by(unpooled, |client| client.library.clone()) {
        let client = group.first;
        let draft = claims.finding(
            &client.at,
            format!(
                "{} is used without a pool here: requests share one connection, or open as many as they like",
                client.library
            ),
        );
        draft
            .confidence(if app.serves() && client.scope.function.is_none() {
                Confidence::Medium
            } else {
                Confidence::Low
            })
            .subject(client.library.as_str())
            .help(help(client));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "the same here");
        }
    }
}

fn has_kept_client(clients: &[&Fact<ResourceClient>], one: &ResourceClient) -> bool {
    clients
        .iter()
        .any(|other| !other.per_request && other.kind == one.kind)
}

fn help(client: &ResourceClient) -> &'static str {
    match client.library.as_str() {
        "pg" => {
            "use a pool:\n    const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });"
        }
        "mysql" | "mysql2" => {
            "use a pool:\n    const pool = mysql.createPool({ uri: process.env.DATABASE_URL, connectionLimit: 10 });"
        }
        "psycopg2" | "psycopg" => {
            "use a pool:\n    pool = psycopg_pool.ConnectionPool(os.environ[\"DATABASE_URL\"], max_size=10)"
        }
        "asyncpg" => {
            "use a pool:\n    pool = await asyncpg.create_pool(os.environ[\"DATABASE_URL\"], max_size=10)"
        }
        "django" => {
            "keep connections open between requests: CONN_MAX_AGE = 60, or a pool in OPTIONS"
        }
        "mysql-connector" | "pymysql" | "mysqlclient" => {
            "put SQLAlchemy's pool in front of it: create_engine(url, pool_size=10)"
        }
        _ => "use the library's pool, with an upper bound that config gives",
    }
}
