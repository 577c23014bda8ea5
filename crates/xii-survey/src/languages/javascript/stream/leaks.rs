//! Events that give away a secret or personal data.

use xii_model::{Facts, Leak, LoggedSecret, is_secret_name};

use crate::languages::javascript::environment::is_env_path;
use crate::languages::javascript::literals::is_about;
use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId, Operator};
use crate::languages::values::Values;

/// Methods that write an event.
const LEVELS: [&str; 13] = [
    "log", "info", "warn", "error", "debug", "trace", "verbose", "http", "fatal", "silly", "dir",
    "notice", "warning",
];

/// Reads what is logged and should not be.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        let Some((object, method)) = call.path.rsplit_once('.') else {
            continue;
        };
        let lower = object.to_lowercase();
        let logs = object == "console"
            || ["log", "winston", "pino", "bunyan"]
                .iter()
                .any(|word| lower.contains(word));
        if !logs || !LEVELS.contains(&method) {
            continue;
        }
        let through = match object {
            "console" => call.path.clone(),
            _ if lower.contains("winston") => "winston".to_owned(),
            _ if lower.contains("pino") => "pino".to_owned(),
            _ => format!("logger.{method}"),
        };
        for arg in seen.tree.args(call.id) {
            if let Some((at, what, kind)) = given_away(seen, arg.value) {
                let fact = LoggedSecret {
                    what,
                    through: through.clone(),
                    kind,
                };
                facts.push(seen.fact(at, fact));
            }
        }
    }
}

/// The first secret that an argument carries as it is: not behind a test, and not passed to a
/// function that may hide it.
fn given_away(seen: &Seen<'_>, argument: NodeId) -> Option<(NodeId, String, Leak)> {
    let tree = seen.tree;
    let mut open = vec![argument];
    for _ in 0..60 {
        let id = open.pop()?;
        match tree.kind(id) {
            Kind::Template(parts) => open.extend(parts),
            Kind::Map(pairs) => open.extend(pairs.iter().map(|pair| pair.value)),
            Kind::List(items) => open.extend(items),
            // A test tells whether, not what.
            Kind::Binary {
                operator: Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn,
                ..
            } => {}
            Kind::Binary {
                operator: Operator::And,
                right,
                ..
            } => open.push(*right),
            Kind::Binary { left, right, .. } => open.extend([*left, *right]),
            Kind::Spread(inner) => open.push(*inner),
            Kind::Call { args, .. } => {
                let path = seen.path(id).unwrap_or_default();
                if matches!(
                    path.as_str(),
                    "JSON.stringify()" | "util.inspect()" | "util.format()"
                ) {
                    open.extend(args.first().map(|arg| arg.value));
                }
                let name = seen
                    .environment
                    .env_read(tree, id)
                    .map(|read| read.name)
                    .filter(|name| is_secret_name(name));
                if let Some(name) = name {
                    return Some((id, name, Leak::Config));
                }
            }
            Kind::Member { .. } | Kind::Name(_) => {
                if let Some((what, kind)) = secret(seen, id) {
                    return Some((id, what, kind));
                }
            }
            _ => {}
        }
    }
    None
}

fn secret(seen: &Seen<'_>, id: NodeId) -> Option<(String, Leak)> {
    let tree = seen.tree;
    if is_env_path(tree, id) || is_env_path(tree, tree.follow(id)) {
        return Some(("the whole environment".to_owned(), Leak::Config));
    }
    let followed = match tree.kind(id) {
        Kind::Name(_) => tree.follow(id),
        _ => id,
    };
    if let Some(read) = seen.environment.env_read(tree, followed) {
        return is_secret_name(&read.name).then_some((read.name, Leak::Config));
    }
    let (object, last) = match tree.kind(id) {
        Kind::Member { object, property } => (seen.path(*object).unwrap_or_default(), property),
        Kind::Name(name) => (String::new(), name),
        _ => return None,
    };
    let object = object.trim_start_matches('~');
    let request = matches!(
        object,
        "req" | "request" | "ctx.request" | "ctx.req" | "context.req" | "event" | "this.req"
    );
    if request && last == "body" {
        return Some(("the request's body".to_owned(), Leak::User));
    }
    if request && matches!(last.as_str(), "headers" | "rawHeaders" | "cookies") {
        return Some((format!("the request's {last}"), Leak::User));
    }
    if object.ends_with("headers") && last.eq_ignore_ascii_case("authorization") {
        return Some(("the Authorization header".to_owned(), Leak::User));
    }
    if last == "length"
        || !is_secret_name(last)
        || is_about(last)
        || last.chars().all(|c| c.is_ascii_uppercase() || c == '_') && object.is_empty()
    {
        return None;
    }
    let lower = last.to_lowercase();
    // `checkout.token` is what a thing is known by.
    let holder = object.rsplit(['.', '~']).next().unwrap_or_default();
    let of_login = [
        "auth", "config", "settings", "env", "cred", "session", "login", "jwt", "user", "req",
        "body", "query", "params", "this", "result", "response", "data",
    ];
    if lower == "token"
        && matches!(tree.kind(id), Kind::Member { .. })
        && !of_login
            .iter()
            .any(|word| holder.to_lowercase().contains(word))
    {
        return None;
    }
    let config = object.contains("config") || object.contains("settings") || object.contains("env");
    let what = if lower.contains("passw") || lower.contains("pwd") {
        "a password".to_owned()
    } else if lower.contains("token") {
        "a token".to_owned()
    } else {
        last.clone()
    };
    Some((what, if config { Leak::Config } else { Leak::User }))
}
