//! What kind of resource a variable speaks of.

use xii_model::{App, DependencyGroup, Ecosystem, Origin, ResourceKind};

use crate::provision::words::Words;
use crate::provision::written::{Written, is_source};

/// What the app as a whole says of kinds: the drivers it depends on, the resources it attaches.
pub(crate) struct Kinds {
    relational: Option<ResourceKind>,
    drivers: Vec<String>,
    python: bool,
    calls: bool,
}

/// Packages that speak to one relational database.
const DRIVERS: [(ResourceKind, &[&str]); 2] = [
    (
        ResourceKind::Postgres,
        &[
            "pg",
            "pg-promise",
            "postgres",
            "pg-native",
            "slonik",
            "psycopg2",
            "psycopg2-binary",
            "psycopg",
            "psycopg-binary",
            "asyncpg",
            "pg8000",
            "aiopg",
            "tokio-postgres",
            "postgres-types",
            "pgvector",
            "connect-pg-simple",
        ],
    ),
    (
        ResourceKind::MySql,
        &[
            "mysql",
            "mysql2",
            "mariadb",
            "pymysql",
            "mysqlclient",
            "aiomysql",
            "asyncmy",
            "mysql-connector-python",
        ],
    ),
];

impl Kinds {
    pub(crate) fn of(app: &App, written: &Written<'_>) -> Self {
        let drivers: Vec<String> = app
            .facts
            .dependencies
            .iter()
            .filter(|one| {
                !matches!(
                    one.group,
                    DependencyGroup::Development | DependencyGroup::Build
                )
            })
            // `psycopg[binary]`.
            .map(|one| one.name.split('[').next().unwrap_or_default().to_owned())
            .collect();
        let by_driver = DRIVERS
            .iter()
            .find(|(_, names)| drivers.iter().any(|one| names.contains(&one.as_str())))
            .map(|(kind, _)| kind.clone());
        let relational = by_driver
            .or_else(|| prisma(app, written))
            .or_else(|| attached(app))
            .or_else(|| client(app));
        Kinds {
            relational,
            python: app.is_python()
                || app
                    .facts
                    .dependencies
                    .iter()
                    .any(|one| one.ecosystem == Ecosystem::Python),
            drivers,
            calls: app.facts.resource_clients.iter().any(|one| {
                one.scope.is_deployed()
                    && one.kind == ResourceKind::Http
                    && match &one.locator {
                        Origin::Computed | Origin::Config(_) => true,
                        // A path below a base that is not seen.
                        Origin::Literal(text) => !text.contains("://"),
                        Origin::Env(_) | Origin::Absent => false,
                    }
            }),
        }
    }

    /// Whether the code asks others over HTTP, at addresses that it does not show.
    pub(crate) fn calls(&self) -> bool {
        self.calls
    }

    fn has_any(&self, names: &[&str]) -> bool {
        self.drivers.iter().any(|one| names.contains(&one.as_str()))
    }

    /// What the app's library calls an engine, where it has a word of its own.
    pub(crate) fn engine(&self, kind: &ResourceKind) -> Option<&'static str> {
        let knex = self.drivers.iter().any(|one| one == "knex");
        match kind {
            ResourceKind::Postgres if knex => Some("pg"),
            ResourceKind::MySql if knex => Some("mysql2"),
            _ => None,
        }
    }

    /// The relational database that the app uses, where it has one.
    pub(crate) fn relational(&self) -> Option<&ResourceKind> {
        self.relational.as_ref()
    }

    /// The kind that the words of a name speak of.
    pub(crate) fn by_name(&self, words: &Words) -> Option<ResourceKind> {
        let is = |starts: &[&str]| starts.iter().any(|start| words.has_start(start));
        Some(if is(&["redis", "valkey", "keydb"]) {
            ResourceKind::Redis
        } else if is(&["mongo"]) {
            ResourceKind::Mongo
        } else if is(&["postgre", "pghost", "pgport"]) || words.has_any(&["pg", "psql"]) {
            ResourceKind::Postgres
        } else if is(&["mysql", "mariadb", "jawsdb", "cleardb"]) {
            ResourceKind::MySql
        } else if is(&["rabbit", "amqp", "cloudamqp"]) {
            ResourceKind::Amqp
        } else if is(&["memcache"]) {
            ResourceKind::Memcached
        } else if is(&["kafka"]) {
            ResourceKind::Kafka
        } else if words.has("nats") {
            ResourceKind::Nats
        } else if words.has("smtp") {
            ResourceKind::Mail
        } else if is(&["elasticsearch", "opensearch", "meili", "typesense"]) {
            ResourceKind::Search
        } else if is(&["minio"]) {
            ResourceKind::ObjectStore
        } else if words.has("ldap") {
            ResourceKind::Ldap
        } else if words.has_any(&["broker", "celery", "queue", "cache", "session"])
            && self.has_any(&[
                "redis",
                "ioredis",
                "celery",
                "rq",
                "bull",
                "bullmq",
                "bee-queue",
            ])
        {
            ResourceKind::Redis
        } else if words.has_any(&["database", "db", "sql"]) {
            self.relational.clone()?
        } else {
            return None;
        })
    }

    /// What a kind that leaves the type open comes to.
    pub(crate) fn settled(&self, kind: ResourceKind) -> ResourceKind {
        match kind {
            ResourceKind::Sql => self.relational.clone().unwrap_or(ResourceKind::Sqlite),
            other => other,
        }
    }

    /// The scheme of a locator that nothing else is said of: the one that most clients read.
    pub(crate) fn scheme(&self, kind: &ResourceKind) -> &'static str {
        let has = |name: &str| self.drivers.iter().any(|one| one == name);
        // SQLAlchemy takes the driver from the scheme, and has one of its own in mind for each.
        let alchemy =
            self.python && (has("sqlalchemy") || has("sqlmodel") || has("flask-sqlalchemy"));
        match kind {
            ResourceKind::Postgres if alchemy && !(has("psycopg2") || has("psycopg2-binary")) => {
                if has("asyncpg") {
                    "postgresql+asyncpg"
                } else if has("psycopg") {
                    "postgresql+psycopg"
                } else {
                    "postgresql"
                }
            }
            ResourceKind::Postgres => "postgresql",
            ResourceKind::MySql if alchemy && has("aiomysql") => "mysql+aiomysql",
            ResourceKind::MySql if alchemy && has("pymysql") => "mysql+pymysql",
            ResourceKind::MySql => "mysql",
            ResourceKind::Mongo => "mongodb",
            ResourceKind::Redis => "redis",
            ResourceKind::Memcached => "memcached",
            ResourceKind::Amqp => "amqp",
            ResourceKind::Nats => "nats",
            ResourceKind::Mail => "smtp",
            ResourceKind::Sqlite => "sqlite",
            _ => "http",
        }
    }
}

/// The provider of Prisma's schema.
fn prisma(app: &App, written: &Written<'_>) -> Option<ResourceKind> {
    for path in is_source(app, "schema.prisma") {
        let text = written.text(&path)?;
        let provider = text
            .lines()
            .skip_while(|line| !line.trim_start().starts_with("datasource"))
            .find_map(|line| line.trim().strip_prefix("provider"))?;
        let name = provider.split('"').nth(1)?;
        if let Some(kind) = ResourceKind::from_scheme(name) {
            return Some(kind);
        }
    }
    None
}

fn is_relational(kind: &ResourceKind) -> bool {
    matches!(kind, ResourceKind::Postgres | ResourceKind::MySql)
}

fn attached(app: &App) -> Option<ResourceKind> {
    let attached = app.facts.attached_resources.iter();
    attached
        .map(|one| &one.kind)
        .find(|kind| is_relational(kind))
        .cloned()
}

fn client(app: &App) -> Option<ResourceKind> {
    let clients = app.facts.resource_clients.iter();
    clients
        .filter(|one| one.scope.is_deployed())
        .map(|one| &one.kind)
        .find(|kind| is_relational(kind))
        .cloned()
}

/// The port that a kind of resource usually listens on.
pub(crate) fn usual_port(kind: &ResourceKind) -> Option<u16> {
    Some(match kind {
        ResourceKind::Postgres => 5432,
        ResourceKind::MySql => 3306,
        ResourceKind::Redis => 6379,
        ResourceKind::Memcached => 11211,
        ResourceKind::Mongo => 27017,
        ResourceKind::Amqp => 5672,
        ResourceKind::Nats => 4222,
        ResourceKind::Mail => 25,
        ResourceKind::Kafka => 9092,
        _ => return None,
    })
}

/// What to do about a resource that xii has no private server for.
pub(crate) fn install(kind: &ResourceKind) -> String {
    let (program, packages) = match kind {
        ResourceKind::Postgres => ("postgres", "postgresql"),
        ResourceKind::MySql => ("mariadbd", "mariadb-server"),
        ResourceKind::Redis => ("redis-server", "redis-server"),
        ResourceKind::Memcached => ("memcached", "memcached"),
        ResourceKind::Mongo => ("mongod", "mongodb-org-server"),
        ResourceKind::Nats => ("nats-server", "nats-server"),
        _ => return String::new(),
    };
    format!("`{program}` is not installed (Debian: {packages})")
}

/// The kind that `kind = "…"` of xii.toml names.
pub(super) fn kind_named(name: &str) -> ResourceKind {
    let lower = name.trim().to_ascii_lowercase();
    match lower.as_str() {
        "mail" => ResourceKind::Mail,
        "object-store" => ResourceKind::ObjectStore,
        _ => ResourceKind::from_scheme(&lower)
            .or_else(|| ResourceKind::from_image(&lower))
            .unwrap_or(ResourceKind::Other(lower)),
    }
}

pub(super) fn kind_of_port(port: u16) -> Option<ResourceKind> {
    Some(match port {
        5432 => ResourceKind::Postgres,
        3306 => ResourceKind::MySql,
        6379 => ResourceKind::Redis,
        11211 => ResourceKind::Memcached,
        27017 => ResourceKind::Mongo,
        5672 => ResourceKind::Amqp,
        25 | 465 | 587 | 1025 | 2525 => ResourceKind::Mail,
        _ => return None,
    })
}
