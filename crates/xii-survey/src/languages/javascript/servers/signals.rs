//! Signal handlers and what they do.

use std::collections::HashSet;

use xii_model::{Facts, HandlerEffect, SignalHandler};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::{Kind, NodeId};

/// Libraries that handle signals and close the server: the path of the call and their name.
const LIBRARIES: [(&str, &str); 16] = [
    ("@godaddy/terminus.createTerminus", "terminus"),
    ("@godaddy/terminus", "terminus"),
    ("lightship.createLightship", "lightship"),
    ("close-with-grace", "close-with-grace"),
    ("http-graceful-shutdown", "http-graceful-shutdown"),
    ("fastify-graceful-shutdown", "fastify-graceful-shutdown"),
    ("@mgcrea/fastify-graceful-exit", "fastify-graceful-exit"),
    ("fastify-close-with-grace", "fastify-close-with-grace"),
    ("*.enableShutdownHooks", "enableShutdownHooks"),
    ("@hapi/exiting*", "exiting"),
    ("hapi-pulse*", "hapi-pulse"),
    ("node-graceful.on", "node-graceful"),
    ("async-exit-hook", "async-exit-hook"),
    ("exit-hook.asyncExitHook", "exit-hook"),
    ("express-graceful-shutdown", "express-graceful-shutdown"),
    ("@moleculer/service", "moleculer"),
];

const SIGNALS: [&str; 6] = [
    "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGUSR1",
];

/// How many functions of the file a handler is followed into.
const FOLLOWED: usize = 12;

/// Reads the handlers of signals.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for call in &seen.calls {
        let library = LIBRARIES
            .iter()
            .find(|(pattern, _)| fits(pattern, &call.path))
            .map(|(_, name)| *name)
            .or_else(|| registered(seen, call.id, &call.path));
        if let Some(name) = library {
            let handler = SignalHandler {
                signals: vec!["SIGTERM".to_owned(), "SIGINT".to_owned()],
                does: HandlerEffect {
                    closes_server: !matches!(name, "async-exit-hook" | "exit-hook"),
                    exits: true,
                    ..HandlerEffect::default()
                },
                through: name.to_owned(),
            };
            facts.push(seen.fact(call.id, handler));
            continue;
        }
        if !installs(call) {
            continue;
        }
        let Some(event) = tree.arg(call.id, 0) else {
            continue;
        };
        let signals = signals(seen, call.id, event);
        if signals.is_empty() {
            continue;
        }
        let does = tree
            .arg(call.id, 1)
            .map(|handler| effect(seen, handler))
            .unwrap_or_default();
        let handler = SignalHandler {
            signals,
            does,
            through: "process.on".to_owned(),
        };
        facts.push(seen.fact(call.id, handler));
    }
}

fn installs(call: &Called) -> bool {
    matches!(
        call.path.as_str(),
        "process.on" | "process.once" | "process.addListener" | "process.prependListener"
    )
}

/// The handler that a call installs for a signal.
pub(super) fn handled(seen: &Seen<'_>, call: &Called) -> Option<NodeId> {
    let event = seen.tree.arg(call.id, 0).filter(|_| installs(call))?;
    let any = !signals(seen, call.id, event).is_empty();
    seen.tree.arg(call.id, 1).filter(|_| any)
}

/// The function of this file that a handler is.
pub(super) fn handlers_function(seen: &Seen<'_>, handler: NodeId) -> Option<NodeId> {
    seen.function(handler)
}

/// Whether a function closes a server, itself or through others of its file.
pub(super) fn closes(seen: &Seen<'_>, function: NodeId) -> bool {
    effect(seen, function).closes_server
}

/// A plugin that Fastify is given.
fn registered(seen: &Seen<'_>, call: NodeId, path: &str) -> Option<&'static str> {
    if !path.ends_with(".register") {
        return None;
    }
    let plugin = seen.path(seen.tree.arg(call, 0)?)?;
    LIBRARIES
        .iter()
        .find(|(pattern, _)| *pattern == plugin)
        .map(|(_, name)| *name)
}

/// The signals that an event names: a text, or the element of a list that a loop goes over.
fn signals(seen: &Seen<'_>, call: NodeId, event: NodeId) -> Vec<String> {
    let tree = seen.tree;
    if let Some(text) = seen.text(event) {
        return SIGNALS
            .iter()
            .filter(|signal| **signal == text)
            .map(|signal| (*signal).to_owned())
            .collect();
    }
    if !matches!(tree.kind(event), Kind::Name(_)) {
        return Vec::new();
    }
    let list = tree
        .ancestors(call)
        .take(14)
        .find_map(|outer| match tree.kind(outer) {
            Kind::Loop { head, .. } => head.first().copied(),
            Kind::Call { callee, .. } => match tree.kind(*callee) {
                Kind::Member { object, property }
                    if matches!(property.as_str(), "forEach" | "map") =>
                {
                    Some(*object)
                }
                _ => None,
            },
            _ => None,
        });
    let Some(list) = list else {
        return Vec::new();
    };
    match tree.kind(tree.follow(list)) {
        Kind::List(items) => items
            .iter()
            .filter_map(|item| tree.as_text(*item))
            .filter(|text| SIGNALS.contains(text))
            .map(str::to_owned)
            .collect(),
        Kind::Map(pairs) => pairs
            .iter()
            .filter_map(|pair| pair.key.clone())
            .filter(|key| SIGNALS.contains(&key.as_str()))
            .collect(),
        _ => Vec::new(),
    }
}

/// What a handler does, followed into the functions of the file that it calls.
fn effect(seen: &Seen<'_>, handler: NodeId) -> HandlerEffect {
    let tree = seen.tree;
    let mut effect = HandlerEffect::default();
    if seen
        .path(handler)
        .is_some_and(|path| path == "process.exit")
    {
        return HandlerEffect {
            exits: true,
            exits_at_once: true,
            ..effect
        };
    }
    let Some(first) = seen.function(handler) else {
        // A function of another file: what it does is not known, but its name tells.
        let name = seen.path(handler).unwrap_or_default().to_lowercase();
        let tells = [
            "shutdown",
            "close",
            "stop",
            "terminate",
            "graceful",
            "exit",
            "drain",
        ]
        .iter()
        .any(|word| name.contains(word));
        effect.closes_server = tells;
        effect.exits = tells;
        return effect;
    };
    let mut open = vec![first];
    let mut done = HashSet::new();
    let mut exits = Vec::new();
    let mut anything = false;
    let mut awaits_close = false;
    while let Some(function) = open.pop() {
        if done.len() >= FOLLOWED || !done.insert(function) {
            continue;
        }
        let Some(body) = tree.as_function(function).map(|one| one.body) else {
            continue;
        };
        for id in tree.within(body) {
            let Kind::Call { callee, .. } = tree.kind(id) else {
                continue;
            };
            let path = seen.path(*callee).unwrap_or_default();
            anything |= !path.starts_with("console.") && !path.to_lowercase().contains("log");
            if path == "process.exit" || path == "process.kill" || path == "process.abort" {
                exits.push((id, function));
                continue;
            }
            // A function of another file: what it does is not known, but its name tells.
            let lower = path.to_lowercase();
            let foreign = !path.starts_with('~')
                && ["shutdown", "graceful", "terminate"]
                    .iter()
                    .any(|word| lower.contains(word));
            if foreign {
                effect.closes_server = true;
                effect.exits = true;
                awaits_close = true;
            }
            if closes_server(&path) {
                effect.closes_server = true;
                awaits_close |= tree
                    .ancestors(id)
                    .take(6)
                    .any(|outer| matches!(tree.kind(outer), Kind::Await(_)));
            } else if closes_resource(&path) {
                effect.closes_resources = true;
            }
            // Into the file's own functions, those that are handed over among them.
            let own = |id: NodeId| {
                let followed = tree.follow(id);
                matches!(tree.kind(followed), Kind::Function(_)).then_some(followed)
            };
            open.extend(own(*callee).or_else(|| {
                path.starts_with("this")
                    .then(|| seen.function(*callee))
                    .flatten()
            }));
            open.extend(
                tree.args(id)
                    .iter()
                    .filter(|arg| matches!(tree.kind(arg.value), Kind::Name(_)))
                    .filter_map(|arg| own(arg.value)),
            );
        }
    }
    effect.exits |= !exits.is_empty();
    effect.exits_at_once = !exits.is_empty()
        && !awaits_close
        && exits
            .iter()
            .all(|(exit, function)| at_once(seen, *exit, *function, first));
    effect.ignores = !anything && exits.is_empty();
    effect
}

/// Whether an exit is not put off: it stands in the handler itself, and not in a call-back.
fn at_once(seen: &Seen<'_>, exit: NodeId, function: NodeId, handler: NodeId) -> bool {
    let tree = seen.tree;
    let own = |id: &NodeId| *id == function;
    // A call-back of `close`, `then`, `finally`.
    let called_back = tree
        .ancestors(exit)
        .take_while(|outer| !own(outer))
        .any(|outer| matches!(tree.kind(outer), Kind::Function(_)));
    if called_back {
        return false;
    }
    function == handler || !handed_over(seen, function)
}

/// Whether a function of the file is handed to a call as its call-back.
fn handed_over(seen: &Seen<'_>, function: NodeId) -> bool {
    let tree = seen.tree;
    seen.calls.iter().any(|call| {
        !call.path.starts_with("process.")
            && tree.args(call.id).iter().any(|arg| {
                matches!(tree.kind(arg.value), Kind::Name(_)) && tree.follow(arg.value) == function
            })
    })
}

/// Whether a call stops a server.
pub(super) fn closes_server(path: &str) -> bool {
    let Some((object, method)) = path.rsplit_once('.') else {
        let name = path.trim_start_matches('~').to_lowercase();
        return matches!(
            name.as_str(),
            "closeserver" | "stopserver" | "shutdownserver" | "terminate"
        );
    };
    let object = object.to_lowercase();
    let closes = matches!(
        method,
        "close" | "stop" | "shutdown" | "terminate" | "closeAllConnections" | "gracefulShutdown"
    );
    closes
        && [
            "server",
            "app",
            "http",
            "express()",
            "fastify",
            "nest",
            "terminator",
            "koa",
            "listen()",
            "io",
        ]
        .iter()
        .any(|word| object.contains(word))
        && !closes_resource(path)
}

/// Whether a call closes a pool or a client.
pub(in crate::languages::javascript) fn closes_resource(path: &str) -> bool {
    let Some((object, method)) = path.rsplit_once('.') else {
        return false;
    };
    let object = object.to_lowercase();
    match method {
        "$disconnect" | "closeAllConnections" => method == "$disconnect",
        "end" | "quit" | "disconnect" | "destroy" | "close" => {
            [
                "pg.",
                "pool",
                "mysql",
                "redis",
                "mongo",
                "sequelize",
                "knex",
                "prisma",
                "typeorm",
                "datasource",
                "amqp",
                "channel",
                "kafka",
                "consumer",
                "producer",
                "queue",
                "worker",
                "client",
                "connection",
                "db",
                "database",
                "cache",
                "bull",
                "elastic",
                "orm",
            ]
            .iter()
            .any(|word| object.contains(word))
                && !["process", "socket", "server"]
                    .iter()
                    .any(|word| object.contains(word))
        }
        _ => false,
    }
}
