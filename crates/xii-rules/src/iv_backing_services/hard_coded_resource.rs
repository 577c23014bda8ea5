//! A client of a backing service is made with an address that is written in the code.
//!
//! ## What it looks for
//!
//! Clients of databases, caches, queues, mail servers, object stores and of the app's own other
//! services whose locator is a literal, or that are given none and so connect to the library's default
//! (`createClient()` of redis means this machine). A literal that is only the default of a variable is
//! fine, and so are public APIs whose address never differs.
//!
//! ## Why it matters
//!
//! A backing service is attached by config: then a broken database is replaced by changing a variable.
//! With the address in the code, every deploy talks to the same one, and attaching another is a build.
//!
//! ## What to do instead
//!
//! ```js
//! const redis = createClient({ url: process.env.REDIS_URL });
//! mongoose.connect(process.env.MONGODB_URL);
//! ```
//!
//! ```python
//! engine = create_engine(os.environ["DATABASE_URL"])
//! ```

use xii_model::{App, Confidence, Fact, Locator, Origin, ResourceClient, ResourceKind, Severity};

use crate::{Claims, Rule, grouping, places, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "hard-coded-resource",
    criteria: &["IV.1"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let clients: Vec<&Fact<ResourceClient>> = app
        .facts
        .resource_clients
        .iter()
        .filter(|client| client.scope.is_deployed())
        .collect();
    let wrong = clients
        .iter()
        .copied()
        .filter(|client| judge(client).is_some());
    for group in grouping::by(wrong, |client| (client.kind.clone(), judge(client))) {
        let client = group.first;
        let Some((severity, confidence)) = judge(client) else {
            continue;
        };
        let more = match group.rest.len() {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let message = match &client.locator {
            Origin::Literal(text) => format!(
                "the {} client ({}) connects to `{text}`, which is written in the code{more}: another deploy cannot attach its own",
                wording::kind(&client.kind),
                client.library
            ),
            _ => format!(
                "the {} client ({}) is given no address and connects to its library's default, this machine{more}: a deploy cannot attach its own",
                wording::kind(&client.kind),
                client.library
            ),
        };
        let draft = claims.finding(&client.at, message);
        draft
            .severity(severity)
            .confidence(confidence)
            .subject(client.kind.to_string())
            .help(help(app, client));
        for other in group.rest.iter().take(10) {
            draft.related(
                &other.at,
                format!("another {} client", wording::kind(&other.kind)),
            );
        }
    }
    for client in clients {
        if let Origin::Env(variable) = &client.locator {
            claims.holds(
                "IV.1",
                format!(
                    "{} is reached through {}",
                    wording::resource(&client.kind),
                    variable.name
                ),
                &client.at,
            );
        }
    }
}

fn judge(client: &ResourceClient) -> Option<(Severity, Confidence)> {
    use Confidence::{High, Low, Medium};
    use Severity::{Error, Warning};
    match (&client.kind, &client.locator) {
        // A file is not reached over a network; what it means to keep data there is VI.2.
        (ResourceKind::Sqlite, _) => None,
        // Public services have one address for everybody.
        (ResourceKind::Llm | ResourceKind::Sms | ResourceKind::Payment, _) => None,
        (ResourceKind::ErrorTracker, Origin::Literal(_)) => Some((Warning, Medium)),
        (ResourceKind::Http, Origin::Literal(text)) => {
            // Without a scheme it is a path below an address that is given elsewhere.
            let host = Locator::parse(text)?.host;
            (places::is_local_host(&host) || places::is_private_host(&host))
                .then_some((Warning, Medium))
        }
        (ResourceKind::Mail, Origin::Literal(text)) => {
            // A service's own name (`gmail`) or its public host says which account, not which deploy.
            let host = host(text)?;
            Some((Warning, if host.contains('.') { Medium } else { Low }))
        }
        (
            ResourceKind::ObjectStore | ResourceKind::Queue | ResourceKind::Search,
            Origin::Literal(_),
        ) => Some((Warning, Medium)),
        (ResourceKind::Sql | ResourceKind::Other(_), Origin::Literal(text)) => {
            (!text.starts_with("sqlite") && !text.starts_with("file:") && text != ":memory:")
                .then_some((Warning, Medium))
        }
        (_, Origin::Literal(text)) => {
            Some((Error, if host(text).is_some() { High } else { Medium }))
        }
        // Queue libraries can be handed a connection that was made elsewhere.
        (ResourceKind::Redis | ResourceKind::Memcached | ResourceKind::Amqp, Origin::Absent) => {
            matches!(
                client.library.as_str(),
                "redis"
                    | "ioredis"
                    | "aioredis"
                    | "memcached"
                    | "memjs"
                    | "pymemcache"
                    | "amqplib"
                    | "pika"
            )
            .then_some((Error, Medium))
        }
        _ => None,
    }
}

/// The host of a URL, of `host:port` or of a bare host.
fn host(text: &str) -> Option<String> {
    if let Some(locator) = Locator::parse(text) {
        return Some(locator.host);
    }
    let host = text.split([':', '/']).next().unwrap_or_default();
    let plain = !host.is_empty()
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    plain.then(|| host.to_owned())
}

fn help(app: &App, client: &ResourceClient) -> String {
    let variable = match client.kind {
        ResourceKind::Redis => "REDIS_URL",
        ResourceKind::Mongo => "MONGODB_URL",
        ResourceKind::Memcached => "MEMCACHED_URL",
        ResourceKind::Amqp => "AMQP_URL",
        ResourceKind::Kafka => "KAFKA_BROKERS",
        ResourceKind::Mail => "SMTP_URL",
        ResourceKind::ObjectStore => "S3_ENDPOINT",
        ResourceKind::Search => "SEARCH_URL",
        ResourceKind::ErrorTracker => "SENTRY_DSN",
        ResourceKind::Http => "API_URL",
        _ => "DATABASE_URL",
    };
    let read = if places::is_pythonic(app) {
        format!("os.environ[\"{variable}\"]")
    } else {
        format!("process.env.{variable}")
    };
    format!(
        "take the locator from the environment; the literal may stay as the default for development:\n    {read}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_from_urls_and_addresses() {
        assert_eq!(host("redis://cache:6379/0").as_deref(), Some("cache"));
        assert_eq!(host("localhost:27017").as_deref(), Some("localhost"));
        assert_eq!(host("Server=tcp;Database=x"), None);
    }
}
