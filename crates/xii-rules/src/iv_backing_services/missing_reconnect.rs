//! A client does not come back by itself after its resource was away.
//!
//! ## What it looks for
//!
//! Clients of databases, caches and queues whose library neither reconnects nor retries unless it is
//! told to, and is not told to: `amqplib`, a single `pg.Client`, a bare `psycopg2.connect`. The pool of
//! `pg` opens new connections, but an idle one that breaks is an `error` event: without a listener on
//! the pool, and on each client that is kept out of it, Node ends the process.
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

use crate::{Claims, Rule, grouping, wording};

/// See the file's own comment.
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
        .filter(|client| client.scope.is_deployed() && client.kind.keeps_connections())
        .collect();
    let loose = clients
        .iter()
        .copied()
        .filter(|client| client.retry == Setting::DefaultBad && !client.per_request);
    let heard = app
        .facts
        .resilience
        .iter()
        .any(|one| one.scope.is_deployed() && one.what.what == "error listener");
    let key = |client: &ResourceClient| (client.library.clone(), is_pooled(client));
    for group in grouping::by(loose, |client| key(client)) {
        let client = group.first;
        let unheard = ends_with_an_idle_client(client);
        // Which of several pools is listened to in another file does not show.
        if unheard && heard {
            continue;
        }
        // A wrapper that retries may stand around the call, out of sight of the client itself.
        let wrapped = app.facts.resilience.iter().any(|one| {
            one.scope.is_deployed() && matches!(one.what.what, "retry" | "back-off" | "reconnect")
        });
        let pooled = is_pooled(client);
        let message = if unheard {
            format!(
                "an idle connection of {}'s pool that breaks is an `error` event, and nothing here listens for it on the pool and on each client that is kept: {} that is away for a moment may end the process",
                client.library,
                wording::resource(&client.kind)
            )
        } else if pooled {
            format!(
                "the pool of {} hands out connections without a look at them: after {} was away for a moment, requests fail until the dead ones are gone",
                client.library,
                wording::resource(&client.kind)
            )
        } else {
            format!(
                "{} does not reconnect unless it is told to: after {} was away for a moment, the app stays broken until it is restarted",
                client.library,
                wording::resource(&client.kind)
            )
        };
        let draft = claims.finding(&client.at, message);
        if pooled {
            draft.severity(Severity::Note);
        }
        draft
            .confidence(if wrapped || pooled || !is_kept(client) {
                Confidence::Low
            } else {
                Confidence::Medium
            })
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
                format!(
                    "the {} client is told how to reconnect ({how})",
                    wording::kind(&client.kind)
                ),
                &client.at,
            ),
            Setting::DefaultGood => claims.holds(
                "IV.3",
                format!(
                    "{} reconnects to {} by itself",
                    client.library,
                    wording::resource(&client.kind)
                ),
                &client.at,
            ),
            Setting::DefaultBad | Setting::Unknown => {}
        }
    }
}

/// Whether the connection is made once and kept: outside every function, in one that starts the
/// program, or by a library that nobody uses otherwise.
fn is_kept(client: &Fact<ResourceClient>) -> bool {
    let starts = client.scope.function.as_deref().is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        ["main", "start", "bootstrap", "connect", "run"]
            .iter()
            .any(|word| name.contains(word))
    });
    client.scope.top_level
        || client.scope.function.is_none()
        || starts
        || matches!(client.kind, ResourceKind::Amqp)
}

fn is_pooled(client: &ResourceClient) -> bool {
    matches!(client.pool, Setting::DefaultGood | Setting::Set(_))
}

/// Whether the client is a pool of node-postgres, whose idle clients end the process when nobody
/// listens: https://node-postgres.com/apis/pool#error.
fn ends_with_an_idle_client(client: &ResourceClient) -> bool {
    is_pooled(client) && matches!(client.library.as_str(), "pg" | "@vercel/postgres")
}

fn help(client: &ResourceClient) -> &'static str {
    if ends_with_an_idle_client(client) {
        return "listen on the pool, and give each client back that was taken out of it:\n    pool.on('error', (error) => logger.warn({ error }, 'idle connection lost'));";
    }
    match client.library.as_str() {
        "pg" => {
            "use a pool, which opens a new connection when one breaks:\n    const pool = new Pool({ connectionString: process.env.DATABASE_URL });"
        }
        "mysql" | "mysql2" => {
            "use a pool, which opens a new connection when one breaks:\n    const pool = mysql.createPool(process.env.DATABASE_URL);"
        }
        "sqlalchemy" | "flask-sqlalchemy" => {
            "let the pool test a connection before it hands it out:\n    create_engine(url, pool_pre_ping=True)\n    # Flask-SQLAlchemy: SQLALCHEMY_ENGINE_OPTIONS = {\"pool_pre_ping\": True}"
        }
        "psycopg2" | "psycopg" | "asyncpg" | "pymysql" | "mysqlclient" => {
            "use a pool that checks its connections (psycopg_pool.ConnectionPool, asyncpg.create_pool, SQLAlchemy with pool_pre_ping)"
        }
        "amqplib" => {
            "listen for `close` and `error` on the connection and connect again with a growing pause, or use amqp-connection-manager"
        }
        "pika" => {
            "connect in a loop with a growing pause, or use kombu or aio-pika's connect_robust"
        }
        _ => {
            "use the library's pool or its reconnect option, with a growing pause between attempts"
        }
    }
}

#[cfg(test)]
mod tests {
    use xii_model::{Facts, Origin};

    use super::*;
    use crate::specimen::{fact, said};

    #[test]
    fn a_connection_that_is_made_for_one_call_is_not_kept() {
        let client = |function: Option<&str>| {
            let mut one = fact(
                "db.py",
                1,
                ResourceClient {
                    kind: ResourceKind::Postgres,
                    library: "psycopg2".to_owned(),
                    locator: Origin::Computed,
                    timeout: Setting::Unknown,
                    pool: Setting::DefaultBad,
                    retry: Setting::DefaultBad,
                    per_request: false,
                },
            );
            one.scope.function = function.map(Into::into);
            let mut facts = Facts::default();
            facts.push(one);
            said(
                &RULE,
                &App {
                    facts,
                    ..App::default()
                },
            )
            .concat()
        };
        assert!(client(None).contains("warning/medium"));
        assert!(client(Some("start_worker")).contains("warning/medium"));
        assert!(client(Some("load_orders")).contains("warning/low"));
    }
}
