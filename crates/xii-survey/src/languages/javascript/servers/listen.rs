//! Servers that bind a port.

use xii_model::{Facts, Listen, Origin};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::{Kind, NodeId};

/// A way to listen: the path of the call and the library that listens.
const LISTENERS: [(&str, &str); 24] = [
    ("express().listen", "express"),
    ("fastify().listen", "fastify"),
    ("koa().listen", "koa"),
    ("http.createServer().listen", "node:http"),
    ("https.createServer().listen", "node:https"),
    ("http2.create*", "node:http2"),
    ("net.createServer().listen", "node:net"),
    ("http.Server().listen", "node:http"),
    ("@nestjs/core.NestFactory.create().listen", "nest"),
    ("polka().listen", "polka"),
    ("restify.createServer().listen", "restify"),
    ("@feathersjs/express().listen", "feathers"),
    ("apollo-server.ApolloServer().listen", "apollo-server"),
    (
        "@apollo/server/standalone.startStandaloneServer",
        "apollo-server",
    ),
    ("graphql-yoga.*.start", "graphql-yoga"),
    ("json-server.create().listen", "json-server"),
    ("@hono/node-server.serve", "hono"),
    ("Bun.serve", "bun"),
    ("Deno.serve", "deno"),
    ("socket.io.Server().listen", "socket.io"),
    ("socket.io().listen", "socket.io"),
    ("ws.WebSocketServer", "ws"),
    ("ws.Server", "ws"),
    ("connect().listen", "connect"),
];

/// Makers of a server that take its address and listen later.
const MADE_WITH_ADDRESS: [(&str, &str); 2] =
    [("@hapi/hapi.server", "hapi"), ("@hapi/hapi.Server", "hapi")];

/// Names of what `listen` is called on when it comes from elsewhere.
const SERVER_NAMES: [&str; 9] = [
    "app", "server", "http", "api", "fastify", "koa", "express", "instance", "nest",
];

/// Reads every server that binds a port.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let mut handled = None;
    for call in &seen.calls {
        let Some(through) = listener(call) else {
            continue;
        };
        let Some((port, host)) = address(seen, call, through) else {
            continue;
        };
        let listen = Listen {
            port,
            host,
            through: through.to_owned(),
            default_is_loopback: through == "fastify",
            development_server: through == "json-server",
            handles_error: *handled.get_or_insert_with(|| handles_error(seen)),
        };
        facts.push(seen.fact(call.id, listen));
    }
}

fn listener(call: &Called) -> Option<&str> {
    let path = call.path.as_str();
    let known = LISTENERS
        .iter()
        .chain(&MADE_WITH_ADDRESS)
        .find(|(pattern, _)| {
            fits(pattern, path) && (!pattern.ends_with('*') || path.ends_with(".listen"))
        });
    if let Some((_, through)) = known {
        return Some(through);
    }
    let object = path.strip_suffix(".listen")?;
    // `http.createServer(app)` under decorations: `stoppable(server)`, `express().use().listen`.
    for (start, through) in [
        ("express()", "express"),
        ("fastify()", "fastify"),
        ("koa()", "koa"),
        ("http.", "node:http"),
        ("stoppable()", "node:http"),
        ("@nestjs/core.", "nest"),
        ("elysia", "elysia"),
    ] {
        if object.starts_with(start) {
            return Some(through);
        }
    }
    let name = object
        .trim_end_matches("()")
        .rsplit(['.', '/', '~'])
        .next()?
        .to_lowercase();
    let own = object.starts_with(['~', '.', '@', 't', '#']);
    let named = SERVER_NAMES
        .iter()
        .any(|word| name == *word || name.ends_with("server") || name.ends_with("app"));
    if !(own && named) {
        return None;
    }
    Some(if name.contains("fastify") {
        "fastify"
    } else {
        "node:http"
    })
}

/// The port and the host that a call listens on; `None` when it binds no port.
fn address(seen: &Seen<'_>, call: &Called, through: &str) -> Option<(Origin, Origin)> {
    let tree = seen.tree;
    let by_options = |options: NodeId| {
        let port = seen.entry(options, &["port"]);
        let host = seen.entry(options, &["host", "hostname", "address"]);
        (seen.origin_of(port), seen.origin_of(host))
    };
    match through {
        // What serves through another server takes no port of its own.
        "ws" => {
            let options = seen.options(call.id)?;
            seen.entry(options, &["port"])?;
            return Some(by_options(options));
        }
        "hapi" | "bun" | "hono" | "deno" => {
            return Some(
                seen.options(call.id)
                    .map_or((Origin::Absent, Origin::Absent), by_options),
            );
        }
        "apollo-server" if call.path.contains("standalone") => {
            let listen = seen.option(call.id, &["listen"]);
            return Some(listen.map_or((Origin::Absent, Origin::Absent), by_options));
        }
        _ => {}
    }
    let Some(first) = tree.arg(call.id, 0) else {
        return Some((Origin::Absent, Origin::Absent));
    };
    let followed = tree.follow(first);
    if matches!(tree.kind(followed), Kind::Map(_)) {
        if seen.entry(first, &["path"]).is_some() {
            return None;
        }
        return Some(by_options(first));
    }
    if matches!(tree.kind(followed), Kind::Function(_)) {
        return Some((Origin::Absent, Origin::Absent));
    }
    let port = match setting(seen, first) {
        Some(value) => seen.origin(value),
        None => seen.origin(first),
    };
    // A path is a Unix socket.
    if port.literal().is_some_and(|text| text.contains('/')) {
        return None;
    }
    let host = tree
        .arg(call.id, 1)
        .filter(|second| seen.function(*second).is_none())
        .map(|second| seen.origin(second))
        .filter(|host| {
            // A backlog or a call-back that is not seen is no host.
            host.literal()
                .is_none_or(|text| text.parse::<u32>().is_err())
        });
    let host = match host {
        Some(Origin::Computed) if !speaks_of_host(seen, call.id) => Origin::Absent,
        Some(host) => host,
        None => Origin::Absent,
    };
    Some((port, host))
}

/// Whether the second argument's name is that of an address.
fn speaks_of_host(seen: &Seen<'_>, call: NodeId) -> bool {
    let Some(second) = seen.tree.arg(call, 1) else {
        return false;
    };
    let name = match seen.tree.kind(second) {
        Kind::Name(name) => name,
        Kind::Member { property, .. } => property,
        _ => return false,
    };
    let name = name.to_lowercase();
    ["host", "addr", "ip", "bind"]
        .iter()
        .any(|word| name.contains(word))
}

/// The value that `app.set('port', value)` gave for `app.get('port')`.
fn setting(seen: &Seen<'_>, get: NodeId) -> Option<NodeId> {
    let tree = seen.tree;
    let path = seen.path(get)?;
    let object = path.strip_suffix(".get()")?;
    let key = tree.as_text(tree.arg(get, 0)?)?;
    let set = format!("{object}.set");
    seen.calls
        .iter()
        .filter(|call| call.path == set)
        .find(|call| {
            tree.arg(call.id, 0)
                .and_then(|name| tree.as_text(name))
                .is_some_and(|name| name == key)
        })
        .and_then(|call| tree.arg(call.id, 1))
}

/// Whether the file handles the error of a server, or of the process that cannot listen.
fn handles_error(seen: &Seen<'_>) -> bool {
    seen.has("EADDRINUSE")
        || seen.calls.iter().any(|call| {
            let on = call.path.ends_with(".on") || call.path.ends_with(".once");
            let server = ["listen()", "createServer()", "server", "fastify()"]
                .iter()
                .any(|word| call.path.to_lowercase().contains(&word.to_lowercase()));
            on && server
                && seen
                    .tree
                    .arg(call.id, 0)
                    .and_then(|event| seen.tree.as_text(event))
                    == Some("error")
        })
}
