//! The app's database is a file on the disk of one instance.
//!
//! ## What it looks for
//!
//! SQLite and other embedded databases at a fixed path, in code that is deployed. A default that a
//! variable replaces (`DATABASE_URL`, else SQLite) counts little here: that is parity, X.1. Databases
//! in memory and in temporary folders are left alone.
//!
//! ## Why it matters
//!
//! The disk goes with the instance: a new deploy starts with an empty database. A second instance has a
//! database of its own, so the app can never have more than one.
//!
//! ## What to do instead
//!
//! Attach a database as a resource, in development too:
//!
//! ```js
//! const db = knex({ client: 'pg', connection: process.env.DATABASE_URL });
//! ```
//!
//! ```python
//! SQLALCHEMY_DATABASE_URI = os.environ["DATABASE_URL"]
//! ```
//!
//! ## When it is fine
//!
//! A desktop program or an app that is run once, by one user, on a disk that is kept, may choose this.
//! Say so with `xii: allow(local-database) single instance by design`.

use xii_model::{App, Confidence, Evidence, FilePlace, Origin, ResourceKind, Severity, Written};

use crate::{Claims, Rule, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "local-database",
    criteria: &["VI.2"],
    severity: Severity::Error,
    check,
};

/// A place where an embedded database is opened.
struct Place<'a> {
    at: &'a Evidence,
    path: &'a Origin,
    through: &'a str,
    kind: FilePlace,
}

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut found: Vec<Place<'_>> = app
        .facts
        .file_writes
        .iter()
        .filter(|write| write.what.what == Written::Database && write.scope.is_deployed())
        .map(|write| {
            // The client tells what the write does not show.
            let client = app.facts.resource_clients.iter().find(|client| {
                client.kind == ResourceKind::Sqlite
                    && client.locator.literal().is_some()
                    && places::same_line(&client.at, &write.at)
            });
            match client {
                Some(client) if write.place == FilePlace::Unknown => Place {
                    at: &write.at,
                    path: &client.locator,
                    through: &client.library,
                    kind: FilePlace::AppRoot,
                },
                _ => Place {
                    at: &write.at,
                    path: &write.path,
                    through: &write.through,
                    kind: write.place,
                },
            }
        })
        .collect();
    for client in app
        .facts
        .resource_clients
        .iter()
        .filter(|client| client.scope.is_deployed() && client.kind == ResourceKind::Sqlite)
    {
        if found
            .iter()
            .any(|place| places::same_line(place.at, &client.at))
        {
            continue;
        }
        found.push(Place {
            at: &client.at,
            path: &client.locator,
            through: &client.library,
            kind: match &client.locator {
                Origin::Literal(_) => FilePlace::AppRoot,
                Origin::Env(_) | Origin::Config(_) => FilePlace::Configured,
                Origin::Computed | Origin::Absent => FilePlace::Unknown,
            },
        });
    }
    found.retain(|place| {
        place.kind != FilePlace::Temporary
            && !place.path.fallback().is_some_and(|path| {
                path.contains(":memory:")
                    || path.contains("mode=memory")
                    || path.starts_with("/tmp/")
            })
    });
    let Some(place) = found.iter().min_by_key(|place| rank(place)) else {
        return;
    };
    // Where a server's client exists too, the file is what development or tests use.
    let server = app.facts.resource_clients.iter().any(|client| {
        client.scope.is_deployed()
            && (matches!(client.kind, ResourceKind::Sql) && client.locator.env().is_some()
                || matches!(
                    client.kind,
                    ResourceKind::Postgres
                        | ResourceKind::MySql
                        | ResourceKind::SqlServer
                        | ResourceKind::Mongo
                ))
    });
    let (severity, confidence) = match rank(place) {
        _ if server => (Severity::Note, Confidence::Low),
        0 => (Severity::Error, Confidence::High),
        1 => (Severity::Warning, Confidence::Medium),
        _ => (Severity::Note, Confidence::Low),
    };
    let message = match (rank(place), place.path) {
        (2, Origin::Env(variable)) => format!(
            "without {} the app falls back to a database file on the instance's own disk ({})",
            variable.name, place.through
        ),
        _ if server => format!(
            "beside a database server the code opens a database file on the instance's own disk ({}): a deploy that gets there starts with an empty one",
            place.through
        ),
        _ => format!(
            "the database ({}) is a file on the instance's own disk: a new deploy starts with an empty one, and a second instance has its own",
            place.through
        ),
    };
    let draft = claims.finding(place.at, message);
    draft.severity(severity).confidence(confidence).subject("database").help(
        "attach a database as a resource, by a locator in the environment:\n    DATABASE_URL=postgres://…",
    );
    for other in found
        .iter()
        .filter(|other| !std::ptr::eq(*other, place))
        .take(10)
    {
        draft.related(other.at, format!("opened by {}", other.through));
    }
}

/// 0: fixed in the code; 1: on a disk that config names; 2: a default only, or not known.
fn rank(place: &Place<'_>) -> u8 {
    match (place.kind, place.path) {
        (FilePlace::AppRoot | FilePlace::Absolute, Origin::Literal(_) | Origin::Computed) => 0,
        (FilePlace::Configured, Origin::Env(value)) if value.default.is_none() => 1,
        (FilePlace::Configured, Origin::Computed) => 1,
        _ => 2,
    }
}
