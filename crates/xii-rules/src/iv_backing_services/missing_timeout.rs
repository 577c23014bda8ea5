//! Calls to another service have no timeout, so a slow one can hang the app.
//!
//! ## What it looks for
//!
//! HTTP and other clients that wait for ever unless a timeout is given, and are given none:
//! `requests` in Python, `axios` and `fetch` in Node, sockets and queues with such a default.
//!
//! ## Why it matters
//!
//! A service that is down refuses at once, and that is easy. One that is slow keeps each caller waiting:
//! workers and connections fill up with waiting requests until the app answers nobody, also those whose
//! requests never needed the slow service.
//!
//! ## What to do instead
//!
//! ```js
//! const api = axios.create({ baseURL: process.env.API_URL, timeout: 5000 });
//! await fetch(url, { signal: AbortSignal.timeout(5000) });
//! ```
//!
//! ```python
//! requests.get(url, timeout=(3.05, 10))
//! ```

use xii_model::{App, Confidence, Fact, ResourceClient, ResourceKind, Setting, Severity};

use crate::{Claims, Rule, grouping, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "missing-timeout",
    criteria: &["IV.4"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let clients: Vec<&Fact<ResourceClient>> = app
        .facts
        .resource_clients
        .iter()
        .filter(|client| client.scope.is_deployed())
        .collect();
    let endless = clients
        .iter()
        .copied()
        .filter(|client| client.timeout == Setting::DefaultBad);
    for group in grouping::by(endless, |client| client.library.clone()) {
        let client = group.first;
        let places = match group.len() {
            1 => "a call".to_owned(),
            many => format!("{} ", wording::count(many, "call"))
                .trim_end()
                .to_owned(),
        };
        let verb = if group.len() == 1 { "has" } else { "have" };
        let kind = wording::kind(&client.kind);
        let message = if client.kind == ResourceKind::Http {
            format!(
                "{places} through {} {verb} no timeout, and its default is to wait {}: one slow service can hang the whole app",
                client.library,
                if waits_minutes(&client.library) {
                    "for minutes"
                } else {
                    "without end"
                }
            )
        } else if is_called(&client.kind) {
            format!(
                "the {kind} client ({}) has no timeout, and its default is to wait without end: when {} is slow, so is everything that waits for it",
                client.library,
                wording::resource(&client.kind)
            )
        } else {
            format!(
                "the {kind} client ({}) has no timeout, so a slow answer keeps a request and its connection waiting without end",
                client.library
            )
        };
        let draft = claims.finding(&client.at, message);
        if !is_called(&client.kind) {
            draft.severity(Severity::Note);
        }
        draft
            .confidence(confidence(app, client))
            .subject(client.library.as_str())
            .help(help(client));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "no timeout here either");
        }
    }
    let set = clients
        .iter()
        .find(|client| matches!(client.timeout, Setting::Set(_)))
        .or_else(|| {
            clients
                .iter()
                .find(|client| client.timeout == Setting::DefaultGood)
        });
    let all_known = clients
        .iter()
        .all(|client| matches!(client.timeout, Setting::Set(_) | Setting::DefaultGood));
    if let (Some(client), true) = (set, all_known) {
        claims.holds(
            "IV.4",
            format!(
                "every client of a resource ({}) has a timeout",
                clients.len()
            ),
            &client.at,
        );
    }
}

fn confidence(app: &App, client: &ResourceClient) -> Confidence {
    let elsewhere = app
        .facts
        .resilience
        .iter()
        .any(|one| one.scope.is_deployed() && one.what.what == "timeout");
    match client.library.as_str() {
        _ if elsewhere => Confidence::Low,
        // A database's own settings, or its URL, may limit how long a statement takes.
        _ if !is_called(&client.kind) => Confidence::Low,
        "requests" => Confidence::High,
        // Node's fetch gives up on its own after some minutes.
        library if waits_minutes(library) => Confidence::Low,
        _ => Confidence::Medium,
    }
}

/// Whether the library gives up by itself after some minutes.
fn waits_minutes(library: &str) -> bool {
    matches!(library, "fetch" | "undici")
}

/// Whether the resource is called per request, and not held by connections.
fn is_called(kind: &ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Http
            | ResourceKind::Mail
            | ResourceKind::Llm
            | ResourceKind::Sms
            | ResourceKind::Payment
            | ResourceKind::ObjectStore
            | ResourceKind::Search
            | ResourceKind::Queue
    )
}

fn help(client: &ResourceClient) -> &'static str {
    match client.library.as_str() {
        "requests" => {
            "give each call a timeout to connect and one to read:\n    requests.get(url, timeout=(3.05, 10))"
        }
        "axios" => {
            "set one for all calls of the client:\n    const api = axios.create({ timeout: 5000 });"
        }
        "fetch" | "undici" | "node-fetch" => {
            "end the call after a while:\n    fetch(url, { signal: AbortSignal.timeout(5000) })"
        }
        "urllib" | "urllib.request" | "urllib3" => "pass `timeout=10`",
        "aiohttp" => {
            "give the session one:\n    aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))"
        }
        "pg" => "set both:\n    new Pool({ connectionTimeoutMillis: 3000, query_timeout: 10000 })",
        "nodemailer" => "set connectionTimeout and socketTimeout",
        "smtplib" => "pass `timeout=10` to SMTP()",
        "boto3" => "pass config=Config(connect_timeout=3, read_timeout=10)",
        "sqlalchemy" | "sqlmodel" => {
            "give it one to connect and one for statements (PostgreSQL):\n    limits = {\"connect_timeout\": 3, \"options\": \"-c statement_timeout=10000\"}\n    create_engine(url, connect_args=limits)"
        }
        "redis" => {
            "give it one to connect and one for each call:\n    Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2)"
        }
        _ => {
            "give the client a timeout to connect and one for each call, shorter than the time in which your own callers give up"
        }
    }
}
