//! Servers that the program starts, and gunicorn's settings.

use xii_model::{
    Daemonize, FilePlace, FileWrite, Listen, LogSink, LogTarget, Origin, RequestId, Written,
};

use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId};

/// A call that binds a port.
struct Server {
    path: &'static str,
    /// Where the port is given: by position, by keyword.
    port: (Option<usize>, &'static str),
    host: (Option<usize>, &'static str),
    through: &'static str,
    loopback: bool,
    development: bool,
    /// The port that the library takes when none is given.
    default_port: &'static str,
}

#[rustfmt::skip]
const SERVERS: &[Server] = &[
    Server { path: "uvicorn.run", port: (None, "port"), host: (None, "host"), through: "uvicorn", loopback: true, development: false, default_port: "8000" },
    Server { path: "uvicorn.Config", port: (None, "port"), host: (None, "host"), through: "uvicorn", loopback: true, development: false, default_port: "8000" },
    Server { path: "flask.Flask().run", port: (Some(1), "port"), host: (Some(0), "host"), through: "flask", loopback: true, development: true, default_port: "5000" },
    Server { path: "connexion.FlaskApp().run", port: (Some(1), "port"), host: (None, "host"), through: "connexion", loopback: false, development: true, default_port: "8080" },
    Server { path: "quart.Quart().run", port: (Some(1), "port"), host: (Some(0), "host"), through: "quart", loopback: true, development: true, default_port: "5000" },
    Server { path: "bottle.run", port: (None, "port"), host: (None, "host"), through: "bottle", loopback: true, development: true, default_port: "8080" },
    Server { path: "bottle.Bottle().run", port: (None, "port"), host: (None, "host"), through: "bottle", loopback: true, development: true, default_port: "8080" },
    Server { path: "flask_socketio.SocketIO().run", port: (Some(2), "port"), host: (Some(1), "host"), through: "flask-socketio", loopback: true, development: false, default_port: "5000" },
    Server { path: "werkzeug.serving.run_simple", port: (Some(1), "port"), host: (Some(0), "hostname"), through: "werkzeug", loopback: false, development: true, default_port: "" },
    Server { path: "wsgiref.simple_server.make_server", port: (Some(1), "port"), host: (Some(0), "host"), through: "wsgiref", loopback: false, development: true, default_port: "" },
    Server { path: "aiohttp.web.run_app", port: (None, "port"), host: (None, "host"), through: "aiohttp", loopback: false, development: false, default_port: "8080" },
    Server { path: "aiohttp.web.TCPSite", port: (Some(2), "port"), host: (Some(1), "host"), through: "aiohttp", loopback: false, development: false, default_port: "8080" },
    Server { path: "waitress.serve", port: (None, "port"), host: (None, "host"), through: "waitress", loopback: false, development: false, default_port: "8080" },
    Server { path: "sanic.Sanic().run", port: (Some(1), "port"), host: (Some(0), "host"), through: "sanic", loopback: true, development: false, default_port: "8000" },
    Server { path: "tornado.web.Application().listen", port: (Some(0), "port"), host: (Some(1), "address"), through: "tornado", loopback: false, development: false, default_port: "" },
    Server { path: "tornado.httpserver.HTTPServer().listen", port: (Some(0), "port"), host: (Some(1), "address"), through: "tornado", loopback: false, development: false, default_port: "" },
    Server { path: "tornado.httpserver.HTTPServer().bind", port: (Some(0), "port"), host: (Some(1), "address"), through: "tornado", loopback: false, development: false, default_port: "" },
    Server { path: "asyncio.start_server", port: (Some(2), "port"), host: (Some(1), "host"), through: "asyncio", loopback: false, development: false, default_port: "" },
    Server { path: "websockets.serve", port: (Some(2), "port"), host: (Some(1), "host"), through: "websockets", loopback: false, development: false, default_port: "" },
    Server { path: "granian.Granian", port: (None, "port"), host: (None, "address"), through: "granian", loopback: true, development: false, default_port: "8000" },
    Server { path: "cherrypy.quickstart", port: (None, "port"), host: (None, "host"), through: "cherrypy", loopback: true, development: false, default_port: "8080" },
];

/// Servers whose address is a pair or a text.
const PAIRED: &[(&str, &str, usize)] = &[
    ("http.server.HTTPServer", "http.server", 0),
    ("http.server.ThreadingHTTPServer", "http.server", 0),
    ("socketserver.TCPServer", "socketserver", 0),
    ("gevent.pywsgi.WSGIServer", "gevent", 0),
    ("eventlet.listen", "eventlet", 0),
    ("grpc.server().add_insecure_port", "grpc", 0),
    ("grpc.server().add_secure_port", "grpc", 0),
    ("grpc.aio.server().add_insecure_port", "grpc", 0),
];

/// Adds a fact for each server that a call starts.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    for (id, path) in reader.calls {
        if let Some(server) = SERVERS.iter().find(|server| server.path == path) {
            listen(reader, *id, server);
        } else if let Some((_, through, number)) = PAIRED.iter().find(|(name, ..)| name == path) {
            paired(reader, *id, through, *number);
        } else if is_app_run(reader, *id, path)
            && let Some(flask) = SERVERS.iter().find(|server| server.through == "flask")
        {
            listen(reader, *id, flask);
        }
    }
    if is_gunicorn_config(reader.file.source.name()) {
        gunicorn(reader);
    }
}

/// `app.run(…)` of an app that another function or module made: only where the file is a script, and
/// with the arguments of a server.
fn is_app_run(reader: &Reader<'_>, id: NodeId, path: &str) -> bool {
    let Some((object, "run")) = path.rsplit_once('.') else {
        return false;
    };
    let last = object.rsplit(['.', '~']).next().unwrap_or_default();
    let named = matches!(
        last,
        "app" | "application" | "create_app()" | "make_app()" | "flask_app" | "server"
    ) && !object.starts_with("flask.")
        && !object.starts_with("typer")
        && !object.starts_with("celery");
    let by_keyword = reader
        .tree
        .args(id)
        .iter()
        .filter_map(|arg| arg.name.as_deref())
        .any(|name| matches!(name, "host" | "port" | "debug"));
    named
        && (by_keyword
            || reader
                .tree
                .imports
                .iter()
                .any(|one| one.module.starts_with("flask")))
}

fn listen(reader: &mut Reader<'_>, id: NodeId, server: &Server) {
    let tree = reader.tree;
    let given = |(number, keyword): (Option<usize>, &str)| {
        tree.keyword(id, keyword)
            .or_else(|| number.and_then(|number| tree.arg(id, number)))
    };
    let mut port = reader.origin_of(given(server.port));
    if port == Origin::Absent && !server.default_port.is_empty() {
        let passed_on = tree
            .args(id)
            .iter()
            .any(|arg| matches!(tree.kind(arg.value), Kind::Spread(_)));
        if passed_on {
            port = Origin::Computed;
        }
    }
    let mut host = reader.origin_of(given(server.host));
    // Waitress takes both in one text.
    if let Some(both) = tree.keyword(id, "listen") {
        (host, port) = split(reader.origin(both));
    }
    let fact = Listen {
        port,
        host,
        through: server.through.to_owned(),
        default_is_loopback: server.loopback,
        development_server: server.development,
        handles_error: false,
    };
    reader.push(id, fact);
}

/// `HTTPServer(("", 8000), Handler)`, `add_insecure_port("[::]:50051")`.
fn paired(reader: &mut Reader<'_>, id: NodeId, through: &str, number: usize) {
    let tree = reader.tree;
    let Some(address) = tree.arg(id, number).map(|address| tree.follow(address)) else {
        return;
    };
    let (host, port) = match tree.kind(address) {
        Kind::List(items) => match items.as_slice() {
            [host, port] => (reader.origin(*host), reader.origin(*port)),
            _ => (Origin::Computed, Origin::Computed),
        },
        _ => split(reader.origin(address)),
    };
    // An empty host is every interface.
    let host = match host {
        Origin::Literal(text) if text.is_empty() => Origin::Literal("0.0.0.0".to_owned()),
        host => host,
    };
    reader.push(
        id,
        Listen {
            port,
            host,
            through: through.to_owned(),
            default_is_loopback: false,
            development_server: through == "http.server",
            handles_error: false,
        },
    );
}

/// An address `host:port` as its two parts.
fn split(address: Origin) -> (Origin, Origin) {
    match address {
        Origin::Literal(text) => match text.rsplit_once(':') {
            Some((host, port)) => (
                Origin::Literal(host.to_owned()),
                Origin::Literal(port.to_owned()),
            ),
            None => (Origin::Computed, Origin::Literal(text)),
        },
        Origin::Env(value) => (Origin::Computed, Origin::Env(value)),
        other => (other.clone(), other),
    }
}

fn is_gunicorn_config(name: &str) -> bool {
    matches!(
        name,
        "gunicorn.conf.py"
            | "gunicorn_conf.py"
            | "gunicorn_config.py"
            | "gunicorn.py"
            | "hypercorn.conf.py"
    )
}

/// The settings of a gunicorn config file.
fn gunicorn(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    for id in tree.ids() {
        let Kind::Assign { target, value, .. } = tree.kind(id) else {
            continue;
        };
        let Kind::Name(name) = tree.kind(*target) else {
            continue;
        };
        if tree.function_around(id).is_some() {
            continue;
        }
        match name.as_str() {
            "bind" => {
                let (host, port) = address(reader, *value);
                reader.push(
                    id,
                    Listen {
                        port,
                        host,
                        through: "gunicorn".to_owned(),
                        default_is_loopback: true,
                        development_server: false,
                        handles_error: false,
                    },
                );
            }
            "daemon" if matches!(tree.kind(*value), Kind::Bool(true)) => reader.push(
                id,
                Daemonize {
                    how: "gunicorn daemon".to_owned(),
                    pid_file: None,
                },
            ),
            "pidfile" => {
                let path = reader.origin(*value);
                let Some(file) = path.literal().map(str::to_owned) else {
                    continue;
                };
                reader.push(
                    id,
                    Daemonize {
                        how: "pid file".to_owned(),
                        pid_file: Some(file),
                    },
                );
                reader.push(
                    id,
                    FileWrite {
                        path,
                        place: FilePlace::Absolute,
                        what: Written::PidFile,
                        through: "gunicorn".to_owned(),
                    },
                );
            }
            "access_log_format" => {
                let says = tree
                    .as_text(tree.follow(*value))
                    .is_some_and(|text| text.to_ascii_lowercase().contains("request-id"));
                if says {
                    reader.push(
                        id,
                        RequestId {
                            through: "gunicorn's access log".to_owned(),
                            in_logs: true,
                        },
                    );
                }
            }
            "accesslog" | "errorlog" | "logfile" => {
                let path = reader.origin(*value);
                let to = match path.fallback() {
                    Some("-") => match name.as_str() {
                        "accesslog" => LogTarget::Stdout,
                        _ => LogTarget::Stderr,
                    },
                    Some(_) => LogTarget::File {
                        path,
                        rotated: false,
                    },
                    None => continue,
                };
                reader.push(
                    id,
                    LogSink {
                        to,
                        through: "gunicorn".to_owned(),
                        optional: false,
                    },
                );
            }
            _ => {}
        }
    }
}

/// Host and port of `bind`: a text, a list of texts, or a text put together.
fn address(reader: &Reader<'_>, value: NodeId) -> (Origin, Origin) {
    let tree = reader.tree;
    let value = match tree.kind(tree.follow(value)) {
        Kind::List(items) => match items.first() {
            Some(first) => *first,
            None => return (Origin::Computed, Origin::Computed),
        },
        _ => tree.follow(value),
    };
    let parts: Vec<NodeId> = match tree.kind(value) {
        Kind::Template(parts) => parts.clone(),
        Kind::Binary { left, right, .. } => vec![*left, *right],
        // `"0.0.0.0:{}".format(port)`
        Kind::Call { callee, args, .. } => match tree.kind(*callee) {
            Kind::Member { object, property } if property == "format" => std::iter::once(*object)
                .chain(args.last().map(|arg| arg.value))
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    // `f"0.0.0.0:{port}"`
    if let [.., host, port] = parts.as_slice() {
        let host = match tree.as_text(*host) {
            Some(text) if text.trim_end_matches(':').is_empty() => parts
                .first()
                .map_or(Origin::Computed, |first| reader.origin(*first)),
            Some(text) => {
                let fixed = text.trim_end_matches(['{', '}', '%', 's', 'd', ':']);
                Origin::Literal(fixed.to_owned())
            }
            None => reader.origin(*host),
        };
        return (host, reader.origin(*port));
    }
    split(reader.origin(value))
}
