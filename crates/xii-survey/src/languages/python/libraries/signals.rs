//! Signals, the end of the process, and what is closed then.

use xii_model::{HandlerEffect, ResourceClosed, SignalHandler};

use crate::languages::python::bounds::inside;
use crate::languages::python::config::checks::stops;
use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::{class_around, last_name};
use crate::languages::syntax::{Binding, Kind, NodeId, Tree};

/// Methods that close a pool, a client or a server, by the words of their object.
const CLOSES: &[&str] = &[
    "close",
    "dispose",
    "aclose",
    "disconnect",
    "shutdown",
    "close_all",
    "close_connection",
    "wait_closed",
    "stop",
    "close_all_sessions",
];

/// Words of what is a resource.
const RESOURCES: &[&str] = &[
    "pool",
    "engine",
    "client",
    "redis",
    "conn",
    "connection",
    "session",
    "db",
    "database",
    "mongo",
    "kafka",
    "producer",
    "consumer",
    "broker",
    "channel",
    "es",
    "elastic",
    "nats",
    "http_client",
    "cache",
    "aclient",
];

/// Adds the facts of signals.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    for (id, path) in reader.calls {
        match path.as_str() {
            "signal.signal" => handler(reader, *id, 0, 1, "signal.signal"),
            "asyncio.get_event_loop().add_signal_handler"
            | "asyncio.get_running_loop().add_signal_handler"
            | "asyncio.new_event_loop().add_signal_handler" => {
                handler(reader, *id, 0, 1, "loop.add_signal_handler")
            }
            other if other.ends_with(".add_signal_handler") => {
                handler(reader, *id, 0, 1, "loop.add_signal_handler")
            }
            "atexit.register" => {
                if let Some(function) = tree.arg(*id, 0)
                    && effect(tree, function).closes_resources
                {
                    closed(reader, *id, "atexit");
                }
            }
            other => closes(reader, *id, other),
        }
    }
    for id in tree.ids() {
        lifespan(reader, id);
    }
}

fn handler(reader: &mut Reader<'_>, id: NodeId, signal: usize, function: usize, through: &str) {
    let tree = reader.tree;
    let signals = match tree.arg(id, signal) {
        Some(signal) => names(tree, id, signal),
        None => return,
    };
    let handled = tree.arg(id, function);
    let does = match handled.and_then(|function| tree.path(function)).as_deref() {
        Some("signal.SIG_IGN") => HandlerEffect {
            ignores: true,
            ..HandlerEffect::default()
        },
        Some("signal.SIG_DFL" | "signal.default_int_handler") => HandlerEffect {
            exits: true,
            ..HandlerEffect::default()
        },
        _ => handled.map_or_else(HandlerEffect::default, |function| effect(tree, function)),
    };
    reader.push(
        id,
        SignalHandler {
            signals,
            does,
            through: through.to_owned(),
        },
    );
}

/// The signals that a handler is installed for; a loop over several gives all of them.
fn names(tree: &Tree, call: NodeId, signal: NodeId) -> Vec<String> {
    let plain = |id: NodeId| {
        last_name(tree, tree.follow(id))
            .filter(|name| name.starts_with("SIG"))
            .map(str::to_owned)
    };
    if let Some(name) = plain(signal) {
        return vec![name];
    }
    for outer in tree.ancestors(call) {
        if let Kind::Loop { head, .. } = tree.kind(outer) {
            return head
                .iter()
                .flat_map(|part| inside(tree, *part))
                .filter_map(plain)
                .collect();
        }
    }
    Vec::new()
}

/// What a handler does, as far as its own body shows.
fn effect(tree: &Tree, function: NodeId) -> HandlerEffect {
    let mut does = HandlerEffect::default();
    let Some(body) = body(tree, function) else {
        return does;
    };
    let mut anything = false;
    for id in tree.within(body) {
        match tree.kind(id) {
            Kind::Call { callee, .. } => {
                anything = true;
                let path = tree.path(*callee).unwrap_or_default();
                let (object, method) = path.rsplit_once('.').unwrap_or(("", &path));
                let object = object.to_ascii_lowercase();
                if matches!(path.as_str(), "sys.exit" | "exit" | "quit" | "os._exit") {
                    does.exits = true;
                    does.exits_at_once |= path == "os._exit";
                }
                if CLOSES.contains(&method) || method == "set" {
                    if is_resource(&object) {
                        does.closes_resources = true;
                    } else if object.contains("server")
                        || object.contains("runner")
                        || object.contains("site")
                        || object.contains("httpd")
                        || object.contains("loop")
                    {
                        does.closes_server = true;
                        does.exits |= object.contains("loop");
                    }
                }
            }
            Kind::Assign { .. } | Kind::Throw(_) | Kind::Update(_) => {
                anything = true;
                if let Kind::Throw(Some(raised)) = tree.kind(id)
                    && matches!(
                        last_name(tree, *raised),
                        Some("SystemExit" | "KeyboardInterrupt" | "GracefulExit")
                    )
                {
                    does.exits = true;
                }
            }
            _ => {}
        }
    }
    // Whatever ends the process in the handler itself leaves requests unanswered, unless the server
    // was told to close before.
    does.exits_at_once |= does.exits && !does.closes_server;
    does.ignores = !anything;
    does
}

/// The body of the function that an expression names.
fn body(tree: &Tree, function: NodeId) -> Option<NodeId> {
    let at = match tree.kind(function) {
        Kind::Name(name) => match tree.lookup(name, function) {
            [Binding::Declared(declared)] => *declared,
            _ => tree.follow(function),
        },
        // `self.stop`
        Kind::Member { object, property } if matches!(tree.kind(*object), Kind::Name(name) if name == "self") => {
            method(tree, function, property)?
        }
        // `lambda: asyncio.create_task(shutdown())` stays as it is.
        _ => function,
    };
    tree.as_function(at).map(|function| function.body)
}

/// The method of the class around a node.
fn method(tree: &Tree, id: NodeId, name: &str) -> Option<NodeId> {
    let class = class_around(tree, tree.function_around(id)?)?;
    tree.children(tree.as_class(class)?.body)
        .into_iter()
        .find(|item| {
            tree.as_function(*item)
                .is_some_and(|function| function.name.as_deref() == Some(name))
        })
}

fn is_resource(object: &str) -> bool {
    let last = object
        .rsplit(['.', '~'])
        .next()
        .unwrap_or_default()
        .trim_end_matches("()");
    last.split('_').any(|word| RESOURCES.contains(&word))
        || object.contains("create_engine()")
        || object.contains("redis")
}

fn closed(reader: &mut Reader<'_>, id: NodeId, through: &str) {
    reader.push(
        id,
        ResourceClosed {
            through: through.to_owned(),
        },
    );
}

/// A pool or client that is closed outside the work of one request.
fn closes(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let Some((object, method)) = path.rsplit_once('.') else {
        return;
    };
    let words = object.to_ascii_lowercase();
    if !CLOSES.contains(&method) || method == "stop" || !is_resource(&words) {
        return;
    }
    let scope = reader.scope(id);
    let name = scope
        .function
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let at_end = [
        "shutdown",
        "lifespan",
        "close",
        "stop",
        "cleanup",
        "teardown",
        "on_exit",
        "aexit",
        "__exit__",
        "disconnect",
        "terminate",
    ]
    .iter()
    .any(|word| name.contains(word));
    if at_end && !scope.handler {
        let last = object.rsplit(['.', '~']).next().unwrap_or_default();
        closed(reader, id, &format!("{last}.{method}"));
    }
}

/// FastAPI's lifespan and shutdown events: the server calls them once it has stopped accepting.
fn lifespan(reader: &mut Reader<'_>, id: NodeId) {
    let tree = reader.tree;
    let Some(function) = tree.as_function(id) else {
        return;
    };
    let hook = function.decorators.iter().find(|decorator| {
        let event = tree
            .arg(**decorator, 0)
            .and_then(|event| tree.as_text(event))
            .is_some_and(|event| event == "shutdown");
        match last_name(tree, **decorator) {
            Some("on_event") => event,
            Some("asynccontextmanager") => function
                .name
                .as_deref()
                .is_some_and(|name| name.contains("lifespan")),
            Some("after_serving" | "after_server_stop" | "before_server_stop") => true,
            _ => false,
        }
    });
    let Some(hook) = hook else {
        return;
    };
    let closes = effect(tree, id).closes_resources || closes_in(tree, function.body);
    reader.push(
        *hook,
        SignalHandler {
            signals: vec!["SIGTERM".to_owned(), "SIGINT".to_owned()],
            does: HandlerEffect {
                closes_server: true,
                closes_resources: closes,
                exits: true,
                exits_at_once: stops(tree, function.body)
                    && reader.file.source.text.contains("os._exit"),
                ignores: false,
            },
            through: "lifespan".to_owned(),
        },
    );
}

fn closes_in(tree: &Tree, body: NodeId) -> bool {
    tree.within(body).any(|id| {
        tree.called(id).is_some_and(|path| {
            path.rsplit_once('.')
                .is_some_and(|(_, method)| CLOSES.contains(&method))
        })
    })
}
