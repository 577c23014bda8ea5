//! Facts of backing services.

use std::fmt;

use crate::Origin;

/// What kind of backing service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum ResourceKind {
    Postgres,
    MySql,
    SqlServer,
    Oracle,
    Sqlite,
    Mongo,
    Redis,
    Memcached,
    Amqp,
    Kafka,
    Nats,
    Queue,
    ObjectStore,
    Mail,
    Search,
    Ldap,
    Llm,
    Sms,
    Payment,
    ErrorTracker,
    /// Another service reached over HTTP.
    Http,
    /// A relational database whose type is chosen by its locator.
    Sql,
    Other(String),
}

/// The code makes a client of a backing service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceClient {
    /// What it talks to.
    pub kind: ResourceKind,
    /// The library: `pg`, `ioredis`, `sqlalchemy`, `boto3`, `axios`, `requests`.
    pub library: String,
    /// Where the locator (URL or host) comes from.
    pub locator: Origin,
    /// Whether a timeout is set.
    pub timeout: Setting,
    /// Whether the pool is set.
    pub pool: Setting,
    /// Whether retries or reconnection are set.
    pub retry: Setting,
    /// It is made once a request, not once a process.
    pub per_request: bool,
}

/// Whether a setting is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Setting {
    /// Given, with its text where that is short.
    Set(String),
    /// Not given, and the library's default does what is wanted (a pool, a reconnection).
    DefaultGood,
    /// Not given, and the library's default does not.
    DefaultBad,
    /// Cannot be told.
    #[default]
    Unknown,
}

/// Something that keeps a failing dependency from taking the app with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resilience {
    /// What: `retry`, `back-off`, `circuit breaker`, `timeout`, `reconnect`, `error listener`.
    pub what: &'static str,
    /// The library: `opossum`, `tenacity`, `p-retry`, `pybreaker`.
    pub through: String,
}

/// A pool or client is closed by the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceClosed {
    /// What is called: `pool.end`, `engine.dispose`, `mongoose.disconnect`.
    pub through: String,
}

/// A resource that a deploy attaches, from compose, Kubernetes, app.json add-ons or CI services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedResource {
    /// What kind.
    pub kind: ResourceKind,
    /// The version in the image's tag or the add-on's plan.
    pub version: Option<String>,
    /// The deploy: `development`, `test`, `production`, when the file says so.
    pub deploy: Option<String>,
    /// What attaches it: `compose`, `kubernetes`, `app.json`, `github-actions`.
    pub source: &'static str,
    /// Its name there.
    pub name: String,
}

impl ResourceKind {
    /// Whether its clients hold connections open, which can break and run out.
    pub fn keeps_connections(&self) -> bool {
        matches!(
            self,
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

    /// The kind that a URL scheme speaks of.
    pub fn from_scheme(scheme: &str) -> Option<Self> {
        let base = scheme.split('+').next().unwrap_or(scheme);
        Some(match base.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" | "postgis" | "psql" | "pgsql" | "jdbc:postgresql" => {
                ResourceKind::Postgres
            }
            "mysql" | "mysql2" | "mariadb" | "jdbc:mysql" | "jdbc:mariadb" => ResourceKind::MySql,
            "mssql" | "sqlserver" => ResourceKind::SqlServer,
            "oracle" => ResourceKind::Oracle,
            "sqlite" | "sqlite3" | "file" => ResourceKind::Sqlite,
            "mongodb" | "mongo" => ResourceKind::Mongo,
            "redis" | "rediss" | "valkey" => ResourceKind::Redis,
            "memcached" | "memcache" => ResourceKind::Memcached,
            "amqp" | "amqps" | "pyamqp" => ResourceKind::Amqp,
            "kafka" => ResourceKind::Kafka,
            "nats" => ResourceKind::Nats,
            "s3" | "gs" | "minio" => ResourceKind::ObjectStore,
            "smtp" | "smtps" => ResourceKind::Mail,
            "ldap" | "ldaps" => ResourceKind::Ldap,
            "sqs" => ResourceKind::Queue,
            "http" | "https" | "ws" | "wss" | "grpc" => ResourceKind::Http,
            _ => return None,
        })
    }

    /// The kind that an image's short name speaks of.
    pub fn from_image(short_name: &str) -> Option<Self> {
        let name = short_name.to_ascii_lowercase();
        // What stands beside a resource: its web page, its metrics, its backups, its proxy.
        const BESIDE: [&str; 19] = [
            "express",
            "exporter",
            "commander",
            "admin",
            "ui",
            "gui",
            "web",
            "insight",
            "console",
            "dashboard",
            "dashboards",
            "operator",
            "proxy",
            "backup",
            "client",
            "cli",
            "manager",
            "browser",
            "init",
        ];
        if name
            .split(['-', '_'])
            .skip(1)
            .any(|part| BESIDE.contains(&part))
        {
            return None;
        }
        let is = |word: &str| {
            name == word
                || name.starts_with(&format!("{word}-"))
                || name.ends_with(&format!("-{word}"))
        };
        let kinds: [(&[&str], ResourceKind); 14] = [
            (
                &[
                    "postgres",
                    "postgresql",
                    "postgis",
                    "timescaledb",
                    "pgvector",
                    "supabase",
                ],
                ResourceKind::Postgres,
            ),
            (&["mysql", "mariadb", "percona"], ResourceKind::MySql),
            (&["mongo", "mongodb"], ResourceKind::Mongo),
            (
                &["redis", "valkey", "keydb", "dragonfly"],
                ResourceKind::Redis,
            ),
            (&["memcached"], ResourceKind::Memcached),
            (&["rabbitmq"], ResourceKind::Amqp),
            (&["kafka", "cp-kafka", "redpanda"], ResourceKind::Kafka),
            (&["nats"], ResourceKind::Nats),
            (&["minio", "localstack"], ResourceKind::ObjectStore),
            (
                &["mailhog", "mailpit", "mailcatcher", "maildev", "smtp4dev"],
                ResourceKind::Mail,
            ),
            (
                &[
                    "elasticsearch",
                    "opensearch",
                    "meilisearch",
                    "typesense",
                    "solr",
                ],
                ResourceKind::Search,
            ),
            (&["mssql", "azure-sql-edge"], ResourceKind::SqlServer),
            (&["openldap"], ResourceKind::Ldap),
            (&["ollama"], ResourceKind::Llm),
        ];
        kinds
            .into_iter()
            .find(|(words, _)| words.iter().any(|word| is(word)))
            .map(|(_, kind)| kind)
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ResourceKind::Postgres => "postgres",
            ResourceKind::MySql => "mysql",
            ResourceKind::SqlServer => "sqlserver",
            ResourceKind::Oracle => "oracle",
            ResourceKind::Sqlite => "sqlite",
            ResourceKind::Mongo => "mongodb",
            ResourceKind::Redis => "redis",
            ResourceKind::Memcached => "memcached",
            ResourceKind::Amqp => "amqp",
            ResourceKind::Kafka => "kafka",
            ResourceKind::Nats => "nats",
            ResourceKind::Queue => "queue",
            ResourceKind::ObjectStore => "object-store",
            ResourceKind::Mail => "mail",
            ResourceKind::Search => "search",
            ResourceKind::Ldap => "ldap",
            ResourceKind::Llm => "llm",
            ResourceKind::Sms => "sms",
            ResourceKind::Payment => "payment",
            ResourceKind::ErrorTracker => "error-tracker",
            ResourceKind::Http => "http",
            ResourceKind::Sql => "sql",
            ResourceKind::Other(name) => name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_beside_a_resource_are_none() {
        for name in [
            "mongo-express",
            "redis-exporter",
            "postgres_exporter",
            "mysqld-exporter",
            "redis-commander",
            "pgadmin",
            "pgadmin4",
            "adminer",
            "kafka-ui",
            "opensearch-dashboards",
            "postgres-backup-s3",
        ] {
            assert_eq!(ResourceKind::from_image(name), None, "{name}");
        }
        assert_eq!(
            ResourceKind::from_image("redis-stack"),
            Some(ResourceKind::Redis)
        );
        assert_eq!(
            ResourceKind::from_image("postgresql-repmgr"),
            Some(ResourceKind::Postgres)
        );
        assert_eq!(
            ResourceKind::from_image("cp-kafka"),
            Some(ResourceKind::Kafka)
        );
    }
}
