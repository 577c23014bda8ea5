//! Where events go and how they are written.

use xii_model::{Facts, LogFormat, LogRedaction, LogSink, LogTarget, Origin, Print};

use crate::languages::choice::is_chosen;
use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::javascript::state::path_origin;
use crate::languages::syntax::{Kind, NodeId};

/// Reads sinks, formats and prints.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        match call.path.as_str() {
            "console.log" | "console.info" | "console.warn" | "console.error" | "console.debug"
            | "console.trace" | "console.dir" | "console.table" => {
                facts.push(seen.fact(call.id, Print { through: "console" }));
            }
            path if path.starts_with("winston") || path.contains(".transports.") => {
                winston(seen, call, facts);
            }
            "pino" => pino(seen, call, facts),
            "pino-http"
            | "express-pino-logger"
            | "koa-pino-logger"
            | "hapi-pino"
            | "@fastify/pino" => {
                let pretty = is_pretty(seen, call.id);
                formatted(seen, call.id, "pino", Some(!pretty), Some(true), facts);
                sink(seen, call.id, "pino", LogTarget::Stdout, facts);
            }
            "pino.destination" | "pino.transport" => destination(seen, call, facts),
            "bunyan.createLogger" => bunyan(seen, call, facts),
            "log4js.configure" => log4js(seen, call, facts),
            "morgan" => morgan(seen, call, facts),
            "fs.createWriteStream"
            | "fs.appendFile"
            | "fs.appendFileSync"
            | "fs.promises.appendFile"
                if names_a_log(seen, call) =>
            {
                if let Some(path) = seen.tree.arg(call.id, 0) {
                    let target = LogTarget::File {
                        path: path_origin(seen, path),
                        rotated: false,
                    };
                    sink(seen, call.id, "fs", target, facts);
                }
            }
            "rotating-file-stream.createStream"
            | "rotating-file-stream"
            | "file-stream-rotator.getStream" => {
                let first = seen.tree.arg(call.id, 0);
                let path = seen.option(call.id, &["filename"]).or(first);
                let target = LogTarget::File {
                    path: path.map_or(Origin::Absent, |path| path_origin(seen, path)),
                    rotated: true,
                };
                let library = call.path.split('.').next().unwrap_or_default();
                sink(seen, call.id, library, target, facts);
            }
            "fastify" => fastify(seen, call, facts),
            "@nestjs/common.Logger" => {
                formatted(
                    seen,
                    call.id,
                    "@nestjs/common",
                    Some(false),
                    Some(true),
                    facts,
                );
                sink(seen, call.id, "@nestjs/common", LogTarget::Stdout, facts);
            }
            "@nestjs/common.ConsoleLogger" => {
                let json = seen
                    .option(call.id, &["json"])
                    .is_some_and(|flag| seen.flag(flag) == Some(true));
                formatted(
                    seen,
                    call.id,
                    "@nestjs/common",
                    Some(json),
                    Some(true),
                    facts,
                );
                sink(seen, call.id, "@nestjs/common", LogTarget::Stdout, facts);
            }
            "nestjs-pino.LoggerModule.forRoot" => {
                let pretty = is_pretty(seen, call.id);
                formatted(seen, call.id, "pino", Some(!pretty), Some(true), facts);
                sink(seen, call.id, "pino", LogTarget::Stdout, facts);
            }
            "signale"
            | "consola.createConsola"
            | "loglevel.getLogger"
            | "tslog.Logger"
            | "npmlog"
            | "debug" => {
                let json = seen
                    .option(call.id, &["type"])
                    .and_then(|kind| seen.text(kind))
                    == Some("json");
                let library = call.path.split('.').next().unwrap_or_default();
                let target = match library {
                    "debug" => LogTarget::Stderr,
                    _ => LogTarget::Stdout,
                };
                formatted(seen, call.id, library, Some(json), None, facts);
                sink(seen, call.id, library, target, facts);
            }
            "simple-node-logger.createSimpleLogger"
            | "simple-node-logger.createRollingFileLogger"
            | "simple-node-logger.createSimpleFileLogger" => {
                if let Some(path) = seen.option(call.id, &["logFilePath", "logDirectory"]) {
                    let target = LogTarget::File {
                        path: path_origin(seen, path),
                        rotated: call.path.contains("Rolling"),
                    };
                    sink(seen, call.id, "simple-node-logger", target, facts);
                }
            }
            _ => {}
        }
    }
}

/// Whether the file that a call opens ends in `.log`, in its path or in what the path is joined of.
fn names_a_log(seen: &Seen<'_>, call: &Called) -> bool {
    let Some(path) = seen.tree.arg(call.id, 0) else {
        return false;
    };
    let path = seen.tree.follow(path);
    let last = match seen.tree.kind(path) {
        Kind::Call { args, .. } => args.last().map_or(path, |arg| arg.value),
        _ => path,
    };
    seen.text(last).is_some_and(|text| text.ends_with(".log"))
}

fn sink(seen: &Seen<'_>, id: NodeId, through: &str, to: LogTarget, facts: &mut Facts) {
    let fact = LogSink {
        to,
        through: through.to_owned(),
        optional: is_chosen(seen.file, id),
    };
    facts.push(seen.fact(id, fact));
}

fn formatted(
    seen: &Seen<'_>,
    id: NodeId,
    through: &str,
    structured: Option<bool>,
    time: Option<bool>,
    facts: &mut Facts,
) {
    let fact = LogFormat {
        through: through.to_owned(),
        structured,
        time,
        level: structured.map(|_| true),
    };
    facts.push(seen.fact(id, fact));
}

fn winston(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let path = call.path.as_str();
    let last = path.rsplit('.').next().unwrap_or_default();
    let rotating = path == "winston-daily-rotate-file" || last == "DailyRotateFile";
    if rotating || last == "File" {
        let filename = seen.option(call.id, &["filename"]);
        let folder = seen.option(call.id, &["dirname"]);
        let limited = seen
            .option(call.id, &["maxsize", "maxFiles", "maxSize", "datePattern"])
            .is_some();
        let path = match (filename, folder) {
            (_, Some(folder)) => path_origin(seen, folder),
            (Some(filename), None) => path_origin(seen, filename),
            (None, None) => Origin::Absent,
        };
        let target = LogTarget::File {
            path,
            rotated: rotating || limited,
        };
        sink(seen, call.id, "winston", target, facts);
        return;
    }
    match (path, last) {
        (_, "Console") if path.contains("transports") => {
            sink(seen, call.id, "winston", LogTarget::Stdout, facts);
        }
        (_, "Syslog") => sink(seen, call.id, "winston", LogTarget::Syslog, facts),
        (
            _,
            "Http" | "Loggly" | "MongoDB" | "CloudWatch" | "Elasticsearch" | "LokiTransport"
            | "Loki",
        )
        | (
            "winston-loki" | "winston-cloudwatch" | "winston-mongodb" | "winston-elasticsearch",
            _,
        ) => {
            let target = LogTarget::Remote(last.to_owned());
            sink(seen, call.id, "winston", target, facts);
        }
        (
            "winston.createLogger"
            | "winston.Logger"
            | "nest-winston.WinstonModule.createLogger"
            | "nest-winston.WinstonModule.forRoot",
            _,
        ) => {
            let uses = |name: &str| {
                seen.calls.iter().any(|call| {
                    call.path.starts_with("winston.format") && call.path.ends_with(name)
                })
            };
            let given = seen.option(call.id, &["format"]).is_some() || uses("combine");
            let json = uses(".json") || uses(".logstash");
            let plain = uses(".printf") || uses(".simple") || uses(".cli") || uses(".prettyPrint");
            let structured = match (given, json, plain) {
                (false, _, false) | (true, true, false) => Some(true),
                (_, false, true) => Some(false),
                _ => None,
            };
            let fact = LogFormat {
                through: "winston".to_owned(),
                structured,
                time: Some(uses(".timestamp")),
                level: Some(true),
            };
            facts.push(seen.fact(call.id, fact));
        }
        _ => {}
    }
}

fn pino(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let transport = seen.option(call.id, &["transport"]);
    let mut to_file = None;
    let pretty = is_pretty(seen, call.id);
    if let Some(transport) = transport {
        for id in seen.tree.within(seen.tree.follow(transport)).take(200) {
            let target = seen
                .tree
                .entry(id, "target")
                .filter(|_| matches!(seen.tree.kind(id), Kind::Map(_)))
                .and_then(|target| seen.text(target));
            if let Some("pino/file" | "pino-roll") = target {
                let options = seen.tree.entry(id, "options");
                to_file = options
                    .and_then(|options| seen.entry(options, &["destination", "file"]))
                    .map(|path| (path, target == Some("pino-roll")));
            }
        }
    }
    formatted(seen, call.id, "pino", Some(!pretty), Some(true), facts);
    match to_file {
        Some((path, rotated)) if !is_stream(seen, path) => {
            let target = LogTarget::File {
                path: path_origin(seen, path),
                rotated,
            };
            sink(seen, call.id, "pino", target, facts);
        }
        _ => {
            // A second argument is a destination of its own, told where it is made.
            if seen.tree.arg(call.id, 1).is_none() {
                sink(seen, call.id, "pino", LogTarget::Stdout, facts);
            }
        }
    }
    redaction(seen, call, facts);
}

/// Whether events are made pretty for people outside development: by a transport, or by a stream that
/// the logger writes to.
fn is_pretty(seen: &Seen<'_>, call: NodeId) -> bool {
    let tree = seen.tree;
    let streams = tree.args(call).iter().any(|arg| {
        seen.path(arg.value)
            .is_some_and(|path| path.starts_with("pino-pretty"))
            && !in_development(seen, tree.follow(arg.value))
    });
    let targets = |from: NodeId| {
        tree.within(from).take(200).any(|id| {
            matches!(tree.kind(id), Kind::Map(_))
                && tree
                    .entry(id, "target")
                    .and_then(|target| seen.text(target))
                    == Some("pino-pretty")
                && !in_development(seen, id)
                && !below_development(seen, id)
        })
    };
    streams
        || tree
            .args(call)
            .iter()
            .any(|arg| targets(tree.follow(arg.value)))
        || seen
            .option(call, &["transport", "logger", "pinoHttp"])
            .is_some_and(|inner| targets(tree.follow(inner)))
}

/// `{ development: { transport: … }, production: true }[environment]`.
fn below_development(seen: &Seen<'_>, id: NodeId) -> bool {
    let tree = seen.tree;
    let mut inner = id;
    tree.ancestors(id).take(8).any(|outer| {
        let found = match tree.kind(outer) {
            Kind::Map(pairs) => pairs.iter().any(|pair| {
                pair.value == inner
                    && matches!(
                        pair.key.as_deref(),
                        Some("development" | "dev" | "local" | "test")
                    )
            }),
            _ => false,
        };
        inner = outer;
        found
    })
}

/// Whether a node stands in a branch for development.
fn in_development(seen: &Seen<'_>, id: NodeId) -> bool {
    seen.fact(id, ()).scope.development
}

/// Whether a destination is a standard stream: 1, 2, `/dev/stdout`.
fn is_stream(seen: &Seen<'_>, id: NodeId) -> bool {
    match seen.tree.kind(seen.tree.follow(id)) {
        Kind::Number(number) => number == "1" || number == "2",
        Kind::Text(text) => text.starts_with("/dev/std"),
        _ => false,
    }
}

fn redaction(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    if let Some(at) = seen.option(call.id, &["redact"]) {
        let fact = LogRedaction {
            through: "pino redact".to_owned(),
        };
        facts.push(seen.fact(at, fact));
    }
}

fn destination(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let first = seen.tree.arg(call.id, 0);
    let target = seen
        .option(call.id, &["target"])
        .and_then(|target| seen.text(target));
    if call.path == "pino.transport" && !matches!(target, Some("pino/file" | "pino-roll")) {
        return;
    }
    let options = seen.option(call.id, &["options"]);
    let path =
        options
            .and_then(|options| seen.entry(options, &["destination", "file"]))
            .or_else(|| seen.option(call.id, &["dest"]))
            .or(first
                .filter(|first| !matches!(seen.tree.kind(seen.tree.follow(*first)), Kind::Map(_))));
    let to = match path {
        None => LogTarget::Stdout,
        Some(path) if is_stream(seen, path) => LogTarget::Stdout,
        Some(path) => LogTarget::File {
            path: path_origin(seen, path),
            rotated: target == Some("pino-roll"),
        },
    };
    sink(seen, call.id, "pino", to, facts);
}

fn bunyan(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    formatted(seen, call.id, "bunyan", Some(true), Some(true), facts);
    let streams = seen.option(call.id, &["streams"]);
    let listed = streams.map(|streams| seen.tree.children(seen.tree.follow(streams)));
    let mut any = false;
    for stream in listed.unwrap_or_default() {
        if let Some(path) = seen.tree.entry(stream, "path") {
            let rotated = seen
                .tree
                .entry(stream, "type")
                .and_then(|kind| seen.text(kind))
                == Some("rotating-file");
            let target = LogTarget::File {
                path: path_origin(seen, path),
                rotated,
            };
            sink(seen, stream, "bunyan", target, facts);
        } else {
            any = true;
        }
    }
    if any || streams.is_none() {
        sink(seen, call.id, "bunyan", LogTarget::Stdout, facts);
    }
}

fn log4js(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let Some(appenders) = seen.option(call.id, &["appenders"]) else {
        return;
    };
    for id in seen.tree.within(seen.tree.follow(appenders)).take(300) {
        if !matches!(seen.tree.kind(id), Kind::Map(_)) {
            continue;
        }
        let Some(kind) = seen.tree.entry(id, "type").and_then(|kind| seen.text(kind)) else {
            continue;
        };
        let target = match kind {
            "console" | "stdout" => LogTarget::Stdout,
            "stderr" => LogTarget::Stderr,
            "file" | "dateFile" | "fileSync" | "multiFile" => LogTarget::File {
                path: seen
                    .entry(id, &["filename", "base"])
                    .map_or(Origin::Absent, |path| path_origin(seen, path)),
                rotated: kind == "dateFile" || seen.entry(id, &["maxLogSize", "backups"]).is_some(),
            },
            _ => continue,
        };
        sink(seen, id, "log4js", target, facts);
    }
    formatted(seen, call.id, "log4js", Some(false), Some(true), facts);
}

fn morgan(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let name = seen.tree.arg(call.id, 0).and_then(|name| seen.text(name));
    let time = name.map(|name| matches!(name, "combined" | "common") || name.contains(":date"));
    // A function of the app's own may write anything.
    let structured = name.map(|_| false);
    let fact = LogFormat {
        through: "morgan".to_owned(),
        structured,
        time,
        level: Some(false),
    };
    facts.push(seen.fact(call.id, fact));
    let Some(stream) = seen.option(call.id, &["stream"]) else {
        sink(seen, call.id, "morgan", LogTarget::Stdout, facts);
        return;
    };
    let made = seen.tree.follow(stream);
    let path = seen.path(made).unwrap_or_default();
    if path.starts_with("fs.createWriteStream()") {
        let target = LogTarget::File {
            path: seen
                .tree
                .arg(made, 0)
                .map_or(Origin::Absent, |path| path_origin(seen, path)),
            rotated: false,
        };
        sink(seen, call.id, "morgan", target, facts);
    } else if path.starts_with("process.stderr") {
        sink(seen, call.id, "morgan", LogTarget::Stderr, facts);
    } else if path.starts_with("process.stdout") {
        sink(seen, call.id, "morgan", LogTarget::Stdout, facts);
    }
}

fn fastify(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let Some(logger) = seen.option(call.id, &["logger"]) else {
        return;
    };
    if seen.flag(logger) == Some(false) {
        return;
    }
    let pretty = is_pretty(seen, call.id);
    formatted(seen, call.id, "pino", Some(!pretty), Some(true), facts);
    sink(seen, call.id, "pino", LogTarget::Stdout, facts);
    if let Some(at) = seen.entry(logger, &["redact"]) {
        let fact = LogRedaction {
            through: "pino redact".to_owned(),
        };
        facts.push(seen.fact(at, fact));
    }
}
