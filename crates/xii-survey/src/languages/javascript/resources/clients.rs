//! Clients of backing services.

use xii_model::{
    Facts, Origin, ResourceClient, ResourceClosed, ResourceKind, Setting, WorkloadIdentity,
};

use super::aws;
use super::broken;
use super::rows::{CLIENTS, Client, Unset};
use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::javascript::servers::closes_resource;
use crate::languages::syntax::{Kind, NodeId};

/// Reads every client that is made, and every one that is closed.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        if let Some(client) = CLIENTS.iter().find(|client| client.path == call.path) {
            if is_inner(seen, call) {
                continue;
            }
            let mut made = made(seen, call, client);
            made.retry = broken::comes_back(seen, call, made.retry);
            facts.push(seen.fact(call.id, made));
        } else if let Some((kind, library)) = aws::client(&call.path) {
            amazon(seen, call, kind, library, facts);
        } else if let Some(client) = drizzle(seen, call) {
            facts.push(seen.fact(call.id, client));
        }
        if closes_resource(&call.path) {
            let closed = ResourceClosed {
                through: shown(&call.path),
            };
            facts.push(seen.fact(call.id, closed));
        }
    }
    broken::read(seen, facts);
}

/// A path as a person would write it.
fn shown(path: &str) -> String {
    path.trim_start_matches('~').replace("()", "")
}

/// Whether a request of an instance that was made elsewhere: the instance is the client.
fn is_inner(seen: &Seen<'_>, call: &Called) -> bool {
    // `mongodb.MongoClient` is named twice in `MongoClient.connect(url)`.
    call.path == "mongodb.MongoClient" && seen.tree.arg(call.id, 0).is_none()
}

fn made(seen: &Seen<'_>, call: &Called, client: &Client) -> ResourceClient {
    let mut kind = client.kind.clone();
    let mut locator = locator(seen, call.id, client);
    if kind == ResourceKind::Sql {
        kind = dialect(seen, call.id)
            .or_else(|| scheme(&locator))
            .unwrap_or(kind);
        if kind == ResourceKind::Sqlite
            && let Some(file) = file(seen, call.id, client)
        {
            locator = file;
        }
    }
    let server = !seen.around.browser();
    // Brokers and caches are held for what they send; a connection to a database may serve one query.
    let short = matches!(
        kind,
        ResourceKind::MySql | ResourceKind::Postgres | ResourceKind::SqlServer
    ) && is_short_lived(seen, call.id);
    // A connection for one piece of work needs neither a pool nor a way to come back.
    let kept = |setting: Setting| match setting {
        Setting::DefaultBad | Setting::DefaultGood if short => Setting::Unknown,
        other => other,
    };
    ResourceClient {
        kind,
        library: client.library.to_owned(),
        locator,
        timeout: setting(seen, call.id, client.timeout),
        pool: kept(setting(seen, call.id, client.pool)),
        retry: kept(setting(seen, call.id, client.retry)),
        per_request: server
            && client.kind != ResourceKind::Http
            && client.kind != ResourceKind::ErrorTracker
            && in_handler(seen, call.id),
    }
}

/// Whether a client is made in a function, held by a name of that function alone and not given away,
/// so that it ends with the function's work.
fn is_short_lived(seen: &Seen<'_>, made: NodeId) -> bool {
    let tree = seen.tree;
    let Some(function) = tree.function_around(made) else {
        return false;
    };
    let mut around = tree.ancestors(made).take(4);
    let target = around.find_map(|outer| match tree.kind(outer) {
        Kind::Assign { target, .. } => Some((*target, outer)),
        _ => None,
    });
    let Some((target, assignment)) = target else {
        return false;
    };
    let Kind::Name(name) = tree.kind(target) else {
        return false;
    };
    let line = seen.fact(assignment, ()).at.excerpt;
    let own = ["const ", "let ", "var "]
        .iter()
        .any(|word| line.contains(&format!("{word}{name}")));
    let body = tree.as_function(function).map(|one| one.body);
    let same = |id: NodeId| matches!(tree.kind(id), Kind::Name(other) if other == name);
    // What a function closes by itself it does not keep, whatever its call-backs do with it.
    let closes = !seen.has("SIGTERM")
        && body.is_some_and(|body| {
            tree.within(body).any(|id| {
                matches!(tree.kind(id), Kind::Member { object, property }
                    if same(*object) && matches!(property.as_str(), "end" | "destroy" | "close"))
            })
        });
    let given_away = body.is_none_or(|body| {
        tree.within(body).any(|id| match tree.kind(id) {
            Kind::Return(Some(value)) => {
                same(*value) || tree.children(*value).into_iter().any(same)
            }
            Kind::Assign { value, .. } => same(*value),
            Kind::Call { args, .. } => args.iter().any(|arg| same(arg.value)),
            // A function inside may be called for as long as the program runs.
            Kind::Name(_) => !closes && same(id) && tree.function_around(id) != Some(function),
            _ => false,
        })
    });
    own && !given_away
}

fn in_handler(seen: &Seen<'_>, id: NodeId) -> bool {
    seen.tree
        .ancestors(id)
        .any(|outer| seen.around.is_handler(outer))
}

/// Where the locator comes from: an option, or the first argument.
fn locator(seen: &Seen<'_>, call: NodeId, client: &Client) -> Origin {
    let tree = seen.tree;
    if let Some(value) = seen.option(call, client.locator) {
        return inside(seen, value);
    }
    // Bull may be handed clients that are made elsewhere.
    if seen.option(call, &["createClient"]).is_some() {
        return Origin::Computed;
    }
    let number = locating_argument(client, tree.args(call).len());
    let Some(first) = number.and_then(|number| tree.arg(call, number)) else {
        // Options that are made elsewhere may hold it.
        let takes_options = matches!(
            client.library,
            "kafkajs" | "prisma" | "sequelize" | "bullmq" | "bee-queue"
        );
        let hidden = takes_options
            && tree
                .args(call)
                .iter()
                .any(|arg| match tree.kind(tree.follow(arg.value)) {
                    Kind::Map(pairs) => pairs.iter().any(|pair| pair.key.is_none()),
                    Kind::Name(name) => name.to_lowercase().contains("con") || name.contains("opt"),
                    Kind::Member { .. } | Kind::Call { .. } => true,
                    _ => false,
                });
        return if hidden {
            Origin::Computed
        } else {
            Origin::Absent
        };
    };
    match tree.kind(tree.follow(first)) {
        // `new Sequelize(database, user, password, { host })` was answered by its option.
        Kind::Map(pairs) if !pairs.iter().any(|pair| pair.key.is_none()) => Origin::Absent,
        Kind::Map(_) => Origin::Computed,
        Kind::Function(_) => Origin::Absent,
        _ => seen.origin(first),
    }
}

/// The number of the argument that may be a locator. For many clients the first is a key or a name.
fn locating_argument(client: &Client, given: usize) -> Option<usize> {
    match (client.library, &client.kind) {
        ("bull", _) => Some(1),
        ("bullmq" | "bee-queue" | "kafkajs" | "prisma", _) => None,
        ("sequelize", _) if given > 2 => None,
        ("nodemailer" | "raven" | "elasticsearch", _) => Some(0),
        ("@azure/storage-blob" | "@azure/service-bus", _) => Some(0),
        (
            _,
            ResourceKind::Llm
            | ResourceKind::Sms
            | ResourceKind::Payment
            | ResourceKind::Mail
            | ResourceKind::Search
            | ResourceKind::ObjectStore
            | ResourceKind::Queue
            | ResourceKind::ErrorTracker,
        ) => None,
        _ => Some(0),
    }
}

/// A locator that is an object or a list of its own: `connection: { host }`, `brokers: [url]`.
fn inside(seen: &Seen<'_>, value: NodeId) -> Origin {
    let tree = seen.tree;
    match tree.kind(tree.follow(value)) {
        Kind::Map(_) => {
            let inner = seen.entry(
                value,
                &["connectionString", "host", "url", "filename", "db"],
            );
            match inner {
                Some(inner) => match tree.kind(tree.follow(inner)) {
                    Kind::Map(_) => seen.origin_of(seen.entry(inner, &["url"])),
                    _ => seen.origin(inner),
                },
                None => Origin::Computed,
            }
        }
        Kind::List(items) => items
            .first()
            .map_or(Origin::Computed, |first| seen.origin(*first)),
        _ => seen.origin(value),
    }
}

/// The database that the scheme of a literal locator speaks of: `sqlite::memory:` is one too.
fn scheme(locator: &Origin) -> Option<ResourceKind> {
    let (scheme, _) = locator.fallback()?.split_once(':')?;
    ResourceKind::from_scheme(scheme).filter(|kind| *kind != ResourceKind::Http)
}

/// The file of an SQLite database, by the option that names it.
fn file(seen: &Seen<'_>, call: NodeId, client: &Client) -> Option<Origin> {
    let keys: &[&str] = match client.library {
        "sequelize" => &["storage"],
        "knex" => return None,
        _ => &["database", "filename"],
    };
    let value = seen.option(call, keys)?;
    let followed = seen.tree.follow(value);
    // `test ? ':memory:' : 'data/shop.sqlite'` keeps the file.
    let branches = match seen.tree.kind(followed) {
        Kind::Choice {
            then, otherwise, ..
        } => vec![*then, *otherwise],
        _ => vec![value],
    };
    let mut origins = branches.into_iter().map(|branch| seen.origin(branch));
    let first = origins.next()?;
    Some(match first.literal() {
        Some(":memory:") => origins.next().unwrap_or(first),
        _ => first,
    })
}

/// The database that a layer over several speaks to.
fn dialect(seen: &Seen<'_>, call: NodeId) -> Option<ResourceKind> {
    let name = seen
        .option(call, &["dialect", "type", "client", "driver"])
        .and_then(|name| seen.text(name))?;
    Some(match name {
        "postgres" | "pg" | "postgresql" | "cockroachdb" => ResourceKind::Postgres,
        "mysql" | "mysql2" | "mariadb" => ResourceKind::MySql,
        "sqlite" | "sqlite3" | "better-sqlite3" => ResourceKind::Sqlite,
        "mssql" => ResourceKind::SqlServer,
        "oracle" | "oracledb" => ResourceKind::Oracle,
        "mongodb" => ResourceKind::Mongo,
        _ => return None,
    })
}

fn setting(seen: &Seen<'_>, call: NodeId, (keys, unset): (&[&str], Unset)) -> Setting {
    let tree = seen.tree;
    let nested = [
        "socket",
        "defaults",
        "options",
        "pool",
        "dialectOptions",
        "connection",
        "redis",
    ];
    let found = seen.option(call, keys).or_else(|| {
        nested
            .iter()
            .filter_map(|outer| seen.option(call, &[outer]))
            .find_map(|inner| seen.entry(inner, keys))
    });
    if let Some(value) = found {
        let text = match tree.kind(tree.follow(value)) {
            Kind::Number(text) => text.clone(),
            Kind::Bool(value) => value.to_string(),
            _ => "given".to_owned(),
        };
        return Setting::Set(text);
    }
    let hidden = tree.args(call).iter().any(|arg| {
        let followed = tree.follow(arg.value);
        match tree.kind(followed) {
            Kind::Map(pairs) => pairs.iter().any(|pair| pair.key.is_none()),
            Kind::Name(_) | Kind::Call { .. } => {
                // Options that are made elsewhere; a locator of a plain name is none.
                tree.args(call).len() > 1 && tree.arg(call, 0) != Some(arg.value)
            }
            _ => false,
        }
    });
    match unset {
        _ if hidden => Setting::Unknown,
        Unset::Good => Setting::DefaultGood,
        Unset::Bad => Setting::DefaultBad,
        Unset::Unknown => Setting::Unknown,
    }
}

/// A client of AWS, and the identity it connects with.
fn amazon(seen: &Seen<'_>, call: &Called, kind: ResourceKind, library: String, facts: &mut Facts) {
    let client = ResourceClient {
        kind,
        library,
        locator: seen.origin_of(seen.option(call.id, &["endpoint"])),
        timeout: setting(
            seen,
            call.id,
            (&["requestHandler", "httpOptions"], Unset::Unknown),
        ),
        pool: Setting::DefaultGood,
        retry: setting(seen, call.id, (&["maxAttempts", "maxRetries"], Unset::Good)),
        per_request: in_handler(seen, call.id),
    };
    facts.push(seen.fact(call.id, client));
    let key = seen.option(call.id, &["accessKeyId"]).or_else(|| {
        let credentials = seen.option(call.id, &["credentials"])?;
        seen.entry(credentials, &["accessKeyId"])
    });
    let identity = match key {
        Some(_) => WorkloadIdentity {
            what: "access key".to_owned(),
            short_lived: false,
        },
        None => return,
    };
    facts.push(seen.fact(call.id, identity));
}

/// `drizzle(process.env.DATABASE_URL)`: over a client it was made with, it is none of its own.
fn drizzle(seen: &Seen<'_>, call: &Called) -> Option<ResourceClient> {
    let driver = call
        .path
        .strip_prefix("drizzle-orm/")?
        .strip_suffix(".drizzle")?;
    let first = seen.tree.arg(call.id, 0)?;
    let origin = match seen.option(call.id, &["connection"]) {
        Some(connection) => inside(seen, connection),
        None => seen.origin(first),
    };
    let known = matches!(
        origin,
        Origin::Env(_) | Origin::Literal(_) | Origin::Config(_)
    );
    known.then(|| ResourceClient {
        kind: match driver {
            "mysql2" => ResourceKind::MySql,
            "better-sqlite3" | "libsql" => ResourceKind::Sqlite,
            _ => ResourceKind::Postgres,
        },
        library: "drizzle-orm".to_owned(),
        locator: origin,
        timeout: Setting::Unknown,
        pool: Setting::DefaultGood,
        retry: Setting::Unknown,
        per_request: in_handler(seen, call.id),
    })
}
