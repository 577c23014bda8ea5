//! Databases that settings name.

use xii_model::{Locator, Origin, ResourceClient, ResourceKind, Setting};

use super::entries::Entry;
use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId};

/// Settings that hold a locator: the library that reads it, and the kind of resource.
#[rustfmt::skip]
const LOCATORS: &[(&str, &str, &str)] = &[
    ("SQLALCHEMY_DATABASE_URI", "flask-sqlalchemy", "sql"),
    ("MONGO_URI", "flask-pymongo", "mongodb"),
    ("MONGODB_HOST", "mongoengine", "mongodb"),
];

/// Adds a fact for each database.
pub(super) fn read(reader: &mut Reader<'_>, entries: &[Entry]) {
    for entry in entries {
        if entry.name == "DATABASES" {
            databases(reader, entry);
        } else if let Some((_, library, kind)) =
            LOCATORS.iter().find(|(name, ..)| *name == entry.name)
        {
            let locator = reader.origin(entry.value);
            let options = entries
                .iter()
                .any(|other| other.name == "SQLALCHEMY_ENGINE_OPTIONS");
            let fact = ResourceClient {
                kind: by_scheme(&locator).unwrap_or(match *kind {
                    "mongodb" => ResourceKind::Mongo,
                    _ => ResourceKind::Sql,
                }),
                library: (*library).to_owned(),
                locator,
                timeout: Setting::Unknown,
                pool: Setting::DefaultGood,
                retry: if options {
                    Setting::Unknown
                } else {
                    Setting::DefaultBad
                },
                per_request: false,
            };
            reader.push(entry.id, fact);
        }
    }
}

fn by_scheme(locator: &Origin) -> Option<ResourceKind> {
    let text = locator.fallback()?;
    if text.starts_with("sqlite") {
        return Some(ResourceKind::Sqlite);
    }
    Locator::parse(text)?.kind()
}

/// Django's `DATABASES`: a dict a database, or what makes one of a URL.
fn databases(reader: &mut Reader<'_>, entry: &Entry) {
    let tree = reader.tree;
    let map = tree.follow(entry.value);
    let Kind::Map(pairs) = tree.kind(map) else {
        return;
    };
    let values: Vec<NodeId> = pairs
        .iter()
        .filter(|pair| pair.key.is_some())
        .map(|pair| pair.value)
        .collect();
    for value in values {
        let fact = database(reader, value);
        if let Some(fact) = fact {
            reader.push(value, fact);
        }
    }
}

fn database(reader: &Reader<'_>, value: NodeId) -> Option<ResourceClient> {
    let tree = reader.tree;
    let at = tree.follow(value);
    if !matches!(tree.kind(at), Kind::Map(_)) {
        let locator = reader.origin(value);
        matches!(locator, Origin::Env(_) | Origin::Literal(_)).then_some(())?;
        let ages = tree.keyword(at, "conn_max_age").is_some();
        return Some(ResourceClient {
            kind: by_scheme(&locator).unwrap_or(ResourceKind::Sql),
            library: "django".to_owned(),
            locator,
            timeout: Setting::Unknown,
            pool: if ages {
                Setting::Set("conn_max_age".to_owned())
            } else {
                Setting::DefaultBad
            },
            retry: Setting::DefaultGood,
            per_request: false,
        });
    }
    let engine = reader.origin_of(tree.entry(at, "ENGINE"));
    let kind = match engine
        .fallback()
        .and_then(|engine| engine.rsplit('.').next())
    {
        Some("postgresql" | "postgresql_psycopg2" | "postgis") => ResourceKind::Postgres,
        Some("mysql") => ResourceKind::MySql,
        Some("sqlite3" | "spatialite") => ResourceKind::Sqlite,
        Some("oracle") => ResourceKind::Oracle,
        Some("mssql") => ResourceKind::SqlServer,
        _ => ResourceKind::Sql,
    };
    let locator = match kind {
        ResourceKind::Sqlite => match reader.origin_of(tree.entry(at, "NAME")) {
            Origin::Computed => Origin::Literal("sqlite:///…".to_owned()),
            found => found,
        },
        _ => reader.origin_of(tree.entry(at, "HOST")),
    };
    let options = tree.entry(at, "OPTIONS");
    let option = |key: &str| options.is_some_and(|options| tree.entry(options, key).is_some());
    let file = kind == ResourceKind::Sqlite;
    let timeout = if option("connect_timeout") || option("timeout") {
        Setting::Set("connect_timeout".to_owned())
    } else if file {
        Setting::DefaultGood
    } else {
        Setting::DefaultBad
    };
    let pool = if tree.entry(at, "CONN_MAX_AGE").is_some() {
        Setting::Set("CONN_MAX_AGE".to_owned())
    } else if option("pool") {
        Setting::Set("pool".to_owned())
    } else if file {
        Setting::DefaultGood
    } else {
        // A connection a request.
        Setting::DefaultBad
    };
    Some(ResourceClient {
        kind,
        library: "django".to_owned(),
        locator,
        timeout,
        pool,
        retry: Setting::DefaultGood,
        per_request: false,
    })
}
