//! Finds backing services that are of another type in development than in production.
//!
//! ## What it looks for
//!
//! A database that falls back to SQLite when no variable names one, beside the driver or the server of
//! PostgreSQL, MySQL or another; settings for development that choose another type; and deploys that
//! attach databases of different types.
//!
//! ## Why it matters
//!
//! Two databases differ in types, locks, sorting, and what a migration may do. What works on SQLite on
//! a laptop fails on PostgreSQL in production, and no test that ran on the laptop can show it.
//!
//! ## What to do instead
//!
//! Run the same database everywhere; a container makes it as easy as a file:
//!
//! ```yaml
//! # compose.yaml
//! services:
//!   db: { image: "postgres:17", environment: { POSTGRES_PASSWORD: local } }
//! ```
//! ```python
//! DATABASE_URL = os.environ["DATABASE_URL"]   # no fallback to another type
//! ```
//!
//! ## When it is fine
//!
//! An app that is meant to run on either, and whose tests run on both.

use std::collections::BTreeMap;

use xii_model::{
    App, AttachedResource, Confidence, Evidence, Fact, FileClass, Framework, Locator, Origin,
    ResourceClient, ResourceKind, Severity,
};

use crate::deploy_names::{self, Deploy};
use crate::manifests::is_own;
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "different-resource-in-development",
    criteria: &["X.1"],
    severity: Severity::Warning,
    check,
};

/// Drivers of database servers, and what they talk to.
const DRIVERS: [(&[&str], ResourceKind); 4] = [
    (
        &[
            "psycopg2",
            "psycopg2-binary",
            "psycopg",
            "psycopg-binary",
            "asyncpg",
            "pg8000",
            "pg",
            "postgres",
            "pg-promise",
        ],
        ResourceKind::Postgres,
    ),
    (
        &[
            "mysqlclient",
            "pymysql",
            "mysql-connector-python",
            "aiomysql",
            "asyncmy",
            "mysql",
            "mysql2",
            "mariadb",
        ],
        ResourceKind::MySql,
    ),
    (
        &["pyodbc", "pymssql", "mssql", "tedious"],
        ResourceKind::SqlServer,
    ),
    (&["cx-oracle", "oracledb"], ResourceKind::Oracle),
];

fn check(app: &App, claims: &mut Claims<'_>) {
    let said = sqlite_beside_a_server(app, claims) | deploys_differ(app, claims);
    if !said {
        hold(app, claims);
    }
}

/// A sign that a database server is used somewhere: its kind, where, and whether a deploy attaches it.
fn server(app: &App) -> Option<(ResourceKind, &Evidence, bool)> {
    let attached = app
        .facts
        .attached_resources
        .iter()
        .find(|attached| is_server(&attached.kind) && is_own(&attached.scope))
        .map(|attached| (attached.kind.clone(), &attached.at, true));
    attached.or_else(|| {
        app.facts.dependencies.iter().find_map(|dependency| {
            let (_, kind) = DRIVERS
                .iter()
                .find(|(names, _)| names.contains(&dependency.name.as_str()))?;
            Some((kind.clone(), &dependency.at, false))
        })
    })
}

fn is_server(kind: &ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Postgres
            | ResourceKind::MySql
            | ResourceKind::SqlServer
            | ResourceKind::Oracle
    )
}

/// Whether a client uses SQLite when nothing is configured, and how.
fn falls_back(client: &Fact<ResourceClient>) -> Option<String> {
    let fallback = client.locator.fallback();
    let sqlite = fallback.is_some_and(|text| {
        Locator::parse(text).is_some_and(|locator| locator.kind() == Some(ResourceKind::Sqlite))
            || text.starts_with("sqlite")
    });
    match &client.locator {
        Origin::Env(value) if sqlite => Some(format!("without `{}` this uses SQLite", value.name)),
        // A URL with a fallback may be read as a client of either kind.
        Origin::Env(value) if client.kind == ResourceKind::Sqlite && value.default.is_some() => {
            Some(format!("without `{}` this uses SQLite", value.name))
        }
        _ if client.kind == ResourceKind::Sqlite && is_for_development(client) => {
            Some("development uses SQLite here".to_owned())
        }
        _ => None,
    }
}

fn is_for_development(client: &Fact<ResourceClient>) -> bool {
    client.scope.development
        || matches!(
            deploy_names::of_file(&client.at.path),
            Some(Deploy::Development)
        )
}

fn sqlite_beside_a_server(app: &App, claims: &mut Claims<'_>) -> bool {
    let Some((kind, at, attached)) = server(app) else {
        return false;
    };
    let mut said = false;
    for client in app
        .facts
        .resource_clients
        .iter()
        .filter(|client| client.scope.class == FileClass::Source && !client.scope.browser)
    {
        let Some(how) = falls_back(client) else {
            continue;
        };
        if said {
            break;
        }
        said = true;
        let other = name(&kind);
        claims
            .finding(
                &client.at,
                format!("{how}, while {other} is what production has: what works on the one can fail on the other"),
            )
            .confidence(if attached { Confidence::High } else { Confidence::Medium })
            .subject("sqlite")
            .related(at, format!("{other} is declared here"))
            .help(advice(app, &kind));
    }
    said
}

/// Deploys that attach relational databases of different kinds.
fn deploys_differ(app: &App, claims: &mut Claims<'_>) -> bool {
    let mut by_deploy: BTreeMap<Deploy, Vec<&Fact<AttachedResource>>> = BTreeMap::new();
    for attached in &app.facts.attached_resources {
        let deploy = attached
            .deploy
            .as_deref()
            .and_then(deploy_names::of_text)
            .or_else(|| deploy_names::of_file(&attached.at.path));
        if let Some(deploy) = deploy
            && is_server(&attached.kind)
            && is_own(&attached.scope)
        {
            by_deploy.entry(deploy).or_default().push(attached);
        }
    }
    let Some(production) = by_deploy.get(&Deploy::Production).cloned() else {
        return false;
    };
    for (_, others) in by_deploy.range(..Deploy::Production) {
        // Several kinds at once are several resources, not one that differs.
        if let ([here], [there]) = (others.as_slice(), production.as_slice())
            && here.kind != there.kind
        {
            claims
                .finding(
                    &here.at,
                    format!(
                        "`{}` is {} here and {} in production: what works on the one can fail on the other",
                        here.name,
                        name(&here.kind),
                        name(&there.kind)
                    ),
                )
                .confidence(Confidence::High)
                .subject(here.name.clone())
                .related(&there.at, "production's")
                .help("attach the same type everywhere, with another locator for each deploy");
            return true;
        }
    }
    false
}

/// Positive evidence: what developers are given is of the type that the code expects.
fn hold(app: &App, claims: &mut Claims<'_>) {
    let clients = || {
        app.facts
            .resource_clients
            .iter()
            .filter(|client| client.scope.class == FileClass::Source && !client.scope.browser)
    };
    let file_based = clients().any(|client| {
        client.kind == ResourceKind::Sqlite
            || client
                .locator
                .fallback()
                .is_some_and(|text| text.starts_with("sqlite"))
    });
    if file_based {
        return;
    }
    let mut given: Vec<&Fact<AttachedResource>> = app
        .facts
        .attached_resources
        .iter()
        .filter(|attached| {
            let used = clients().any(|client| client.kind == attached.kind)
                || DRIVERS
                    .iter()
                    .any(|(names, kind)| *kind == attached.kind && app.depends_on(names));
            used && attached.source != "app.json" && is_own(&attached.scope)
        })
        .collect();
    given.sort_by_key(|attached| (!is_server(&attached.kind), attached.source != "compose"));
    for attached in given {
        claims.holds(
            "X.1",
            format!(
                "development is given {} ({}), the type that the code is written for",
                name(&attached.kind),
                attached.source
            ),
            &attached.at,
        );
    }
}

/// The name of a kind for a sentence.
fn name(kind: &ResourceKind) -> String {
    match kind {
        ResourceKind::Postgres => "PostgreSQL".to_owned(),
        ResourceKind::MySql => "MySQL".to_owned(),
        ResourceKind::SqlServer => "SQL Server".to_owned(),
        ResourceKind::Redis => "Redis".to_owned(),
        ResourceKind::Mongo => "MongoDB".to_owned(),
        other => other.to_string(),
    }
}

fn advice(app: &App, kind: &ResourceKind) -> String {
    let (image, scheme) = match kind {
        ResourceKind::MySql => ("mysql:8.4", "mysql"),
        ResourceKind::SqlServer => ("mcr.microsoft.com/mssql/server:2022-latest", "mssql"),
        _ => ("postgres:17", "postgres"),
    };
    let read = if app.uses(Framework::Django) {
        "DATABASES = {\"default\": dj_database_url.parse(os.environ[\"DATABASE_URL\"])}"
    } else if app.uses(Framework::Flask) {
        "SQLALCHEMY_DATABASE_URI = os.environ[\"DATABASE_URL\"]"
    } else if app.is_python() {
        "database_url = os.environ[\"DATABASE_URL\"]"
    } else {
        "const url = process.env.DATABASE_URL;   // no fallback to another type"
    };
    format!(
        "run the same database in development, and let the variable be required:\n    \
         docker run --publish 5432:5432 --env POSTGRES_PASSWORD=local {image}\n    \
         DATABASE_URL={scheme}://…\n    {read}"
    )
    .replace(
        "--publish 5432:5432 --env POSTGRES_PASSWORD=local mysql",
        "--publish 3306:3306 --env MYSQL_ROOT_PASSWORD=local mysql",
    )
}

#[cfg(test)]
mod tests {
    use xii_model::{Dependency, DependencyGroup, Ecosystem, EnvValue, Pin, Setting};

    use super::*;
    use crate::specimen::{brief, fact};

    fn of(default: Option<&str>, driver: &str) -> Vec<String> {
        let mut app = App::default();
        app.facts.push(fact(
            "app.py",
            5,
            ResourceClient {
                kind: ResourceKind::Sql,
                library: "sqlalchemy".to_owned(),
                locator: Origin::Env(EnvValue {
                    name: "DATABASE_URL".to_owned(),
                    default: default.map(str::to_owned),
                }),
                timeout: Setting::Unknown,
                pool: Setting::Unknown,
                retry: Setting::Unknown,
                per_request: false,
            },
        ));
        app.facts.push(fact(
            "requirements.txt",
            2,
            Dependency {
                ecosystem: Ecosystem::Python,
                name: driver.to_owned(),
                requirement: "==1".to_owned(),
                group: DependencyGroup::Run,
                pin: Pin::Exact,
            },
        ));
        brief(&RULE, &app)
    }

    #[test]
    fn sqlite_counts_only_beside_a_server() {
        assert_eq!(
            of(Some("sqlite:///app.db"), "psycopg2-binary"),
            ["app.py:5:1 X.1 warning/medium"]
        );
        assert!(of(Some("sqlite:///app.db"), "requests").is_empty());
        assert!(of(None, "psycopg2-binary").is_empty());
        assert!(of(Some("postgresql://localhost/app"), "psycopg2-binary").is_empty());
    }
}
