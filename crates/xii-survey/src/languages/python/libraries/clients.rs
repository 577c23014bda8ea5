//! Facts of clients of backing services.

use std::collections::HashMap;
use std::sync::LazyLock;

use xii_model::{Locator, Origin, ResourceClient, ResourceKind, Setting};

use super::client_rows::{Choice, ClientRow, Otherwise, ROWS};
use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId, Tree};

static CLIENTS: LazyLock<HashMap<&str, &ClientRow>> =
    LazyLock::new(|| ROWS.iter().map(|row| (row.path, row)).collect());

/// Adds a fact for each client of a backing service.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    for (id, path) in reader.calls {
        if let Some(row) = CLIENTS.get(path.as_str()) {
            client(reader, *id, row);
        }
    }
}

fn client(reader: &mut Reader<'_>, id: NodeId, row: &ClientRow) {
    let tree = reader.tree;
    let given = row
        .keywords
        .iter()
        .find_map(|keyword| tree.keyword(id, keyword))
        .or_else(|| row.arg.and_then(|number| tree.arg(id, number)))
        .or_else(|| {
            // A dict of options: `Producer({"bootstrap.servers": …})`.
            let options = tree.arg(id, 0)?;
            row.keywords
                .iter()
                .find_map(|keyword| tree.entry(options, keyword))
        });
    let locator = locator(reader, given);
    // Celery takes its broker from its settings, where it is seen.
    if row.library == "celery" && locator == Origin::Absent {
        return;
    }
    let scope = reader.scope(id);
    let fact = ResourceClient {
        kind: kind(reader, id, row, &locator),
        library: row.library.to_owned(),
        locator,
        timeout: setting(reader, id, row.timeout),
        pool: setting(reader, id, row.pool),
        retry: setting(reader, id, row.retry),
        per_request: scope.handler && !row.call,
    };
    reader.push(id, fact);
}

/// Where a locator comes from: the argument, what it is built of, or the first of several.
fn locator(reader: &Reader<'_>, given: Option<NodeId>) -> Origin {
    let Some(given) = given else {
        return Origin::Absent;
    };
    match reader.origin(given) {
        Origin::Computed => inside(reader, given)
            .or_else(|| fixed_host(reader, given))
            .unwrap_or(Origin::Computed),
        found => found,
    }
}

/// The first part of a list, or of what builds the locator, whose source is known:
/// `[os.environ["ES"]]`, `pika.ConnectionParameters(host="mq")`.
fn inside(reader: &Reader<'_>, given: NodeId) -> Option<Origin> {
    let tree = reader.tree;
    let at = tree.follow(given);
    match tree.kind(at) {
        Kind::List(items) => items
            .iter()
            .take(4)
            .map(|item| reader.origin(*item))
            .find(is_known),
        Kind::Map(_) => ["host", "url", "dsn"]
            .iter()
            .find_map(|key| tree.entry(at, key))
            .map(|value| reader.origin(value)),
        Kind::Call { args, .. } => {
            let builds = tree.called(at).is_some_and(|path| {
                [
                    "URLParameters",
                    "ConnectionParameters",
                    "URL.create",
                    "URL",
                    "Request",
                    "ConnectionPool",
                    "from_url",
                ]
                .iter()
                .any(|end| path.ends_with(end))
                    || path.ends_with(".build")
            });
            if !builds {
                return None;
            }
            ["host", "url"]
                .iter()
                .find_map(|key| tree.keyword(at, key))
                .or_else(|| args.first().map(|arg| arg.value))
                .map(|value| reader.origin(value))
        }
        _ => None,
    }
    .filter(is_known)
}

/// The fixed start of a URL whose host is written down: `"https://api.acme.io/{}".format(id)`.
fn fixed_host(reader: &Reader<'_>, given: NodeId) -> Option<Origin> {
    let text = leading_text(reader.tree, reader.tree.follow(given))?;
    let fixed = text.split(['{', '%']).next().unwrap_or(text);
    let host = fixed.split_once("://")?.1;
    let (host, _) = host.split_once('/')?;
    (!host.is_empty()).then(|| Origin::Literal(fixed.to_owned()))
}

/// The text that an expression starts with.
fn leading_text(tree: &Tree, id: NodeId) -> Option<&str> {
    let mut at = id;
    for _ in 0..16 {
        match tree.kind(at) {
            Kind::Text(text) => return Some(text),
            Kind::Binary { left, .. } => at = *left,
            Kind::Template(parts) => at = *parts.first()?,
            Kind::Call { callee, .. } => match tree.kind(*callee) {
                Kind::Member { object, property } if property == "format" => at = *object,
                _ => return None,
            },
            _ => return None,
        }
    }
    None
}

fn is_known(origin: &Origin) -> bool {
    !matches!(origin, Origin::Computed | Origin::Absent)
}

fn setting(reader: &Reader<'_>, id: NodeId, option: Choice) -> Setting {
    let tree = reader.tree;
    let given = option
        .keywords
        .iter()
        .find_map(|keyword| Some((*keyword, tree.keyword(id, keyword)?)));
    let Some((name, value)) = given else {
        let passed_on = tree
            .args(id)
            .iter()
            .any(|arg| matches!(tree.kind(arg.value), Kind::Spread(_)));
        return match option.default {
            // `**options` may hold it.
            _ if passed_on => Setting::Unknown,
            Otherwise::Good => Setting::DefaultGood,
            Otherwise::Bad => Setting::DefaultBad,
            Otherwise::Unknown => Setting::Unknown,
        };
    };
    match tree.kind(value) {
        // `timeout=None` takes the timeout away.
        Kind::Null | Kind::Bool(false) => Setting::DefaultBad,
        Kind::Number(text) => Setting::Set(format!("{name}={text}")),
        Kind::Bool(true) => Setting::Set(format!("{name}=True")),
        Kind::Name(class)
        | Kind::Member {
            property: class, ..
        } if class == "NullPool" => Setting::DefaultBad,
        _ => Setting::Set(name.to_owned()),
    }
}

fn kind(reader: &Reader<'_>, id: NodeId, row: &ClientRow, locator: &Origin) -> ResourceKind {
    let by_scheme = || {
        locator
            .fallback()
            .and_then(Locator::parse)
            .and_then(|locator| locator.kind())
            .filter(|kind| *kind != ResourceKind::Http)
    };
    match row.kind {
        "sql" | "queue" if row.library == "celery" || row.kind == "sql" => {
            by_scheme().unwrap_or_else(|| named(row.kind))
        }
        "boto3" => {
            let service = reader
                .tree
                .arg(id, 0)
                .or_else(|| reader.tree.keyword(id, "service_name"))
                .and_then(|service| reader.tree.as_text(service));
            amazon(service.unwrap_or("aws"))
        }
        name => named(name),
    }
}

/// The kind of one of Amazon's services.
fn amazon(service: &str) -> ResourceKind {
    match service {
        "s3" => ResourceKind::ObjectStore,
        "sqs" | "sns" | "kinesis" => ResourceKind::Queue,
        "ses" | "sesv2" => ResourceKind::Mail,
        "bedrock" | "bedrock-runtime" => ResourceKind::Llm,
        other => ResourceKind::Other(other.to_owned()),
    }
}

/// The kind that the tables call by this name.
pub(in crate::languages::python) fn named(name: &str) -> ResourceKind {
    match name {
        "postgres" => ResourceKind::Postgres,
        "mysql" => ResourceKind::MySql,
        "sqlserver" => ResourceKind::SqlServer,
        "oracle" => ResourceKind::Oracle,
        "sqlite" => ResourceKind::Sqlite,
        "mongodb" => ResourceKind::Mongo,
        "redis" => ResourceKind::Redis,
        "memcached" => ResourceKind::Memcached,
        "amqp" => ResourceKind::Amqp,
        "kafka" => ResourceKind::Kafka,
        "nats" => ResourceKind::Nats,
        "queue" => ResourceKind::Queue,
        "object-store" => ResourceKind::ObjectStore,
        "mail" => ResourceKind::Mail,
        "search" => ResourceKind::Search,
        "ldap" => ResourceKind::Ldap,
        "llm" => ResourceKind::Llm,
        "sms" => ResourceKind::Sms,
        "payment" => ResourceKind::Payment,
        "error-tracker" => ResourceKind::ErrorTracker,
        "http" => ResourceKind::Http,
        "sql" => ResourceKind::Sql,
        other => ResourceKind::Other(other.to_owned()),
    }
}
