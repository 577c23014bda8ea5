//! Logs: where they go, what form they have, and what they give away.

use xii_model::{Buffering, LogFormat, LogRedaction, LogSink, LogTarget, Origin, Print};

use super::log_leaks::leaks;

use crate::languages::choice::is_chosen;
use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId, Tree};

/// Handlers of log files and services: whether they rotate.
#[rustfmt::skip]
const FILE_HANDLERS: &[(&str, bool)] = &[
    ("logging.FileHandler", false),
    ("logging.handlers.RotatingFileHandler", true),
    ("logging.handlers.TimedRotatingFileHandler", true),
    ("logging.handlers.WatchedFileHandler", false),
    ("concurrent_log_handler.ConcurrentRotatingFileHandler", true),
];

/// Handlers that send elsewhere.
#[rustfmt::skip]
const REMOTE_HANDLERS: &[(&str, &str)] = &[
    ("logging.handlers.SMTPHandler", "mail"),
    ("logging.handlers.HTTPHandler", "http"),
    ("logging.handlers.SocketHandler", "socket"),
    ("watchtower.CloudWatchLogHandler", "cloudwatch"),
    ("logstash.TCPLogstashHandler", "logstash"),
    ("logging_loki.LokiHandler", "loki"),
    ("logtail.LogtailHandler", "logtail"),
    ("google.cloud.logging.Client().setup_logging", "google cloud logging"),
    ("graypy.GELFUDPHandler", "graylog"),
    ("graypy.GELFTCPHandler", "graylog"),
];

/// Formatters and processors: the library, and whether an event is one line of JSON or logfmt.
#[rustfmt::skip]
const FORMATS: &[(&str, &str, bool)] = &[
    ("pythonjsonlogger.jsonlogger.JsonFormatter", "python-json-logger", true),
    ("pythonjsonlogger.json.JsonFormatter", "python-json-logger", true),
    ("json_log_formatter.JSONFormatter", "json-log-formatter", true),
    ("ecs_logging.StdlibFormatter", "ecs-logging", true),
    ("structlog.processors.JSONRenderer", "structlog", true),
    ("structlog.processors.LogfmtRenderer", "structlog", true),
    ("structlog.dev.ConsoleRenderer", "structlog", false),
    ("structlog.stdlib.ProcessorFormatter", "structlog", true),
    ("logfmter.Logfmter", "logfmter", true),
    ("logging_json.JSONFormatter", "logging-json", true),
];

/// Adds the facts of logs.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    for (id, path) in reader.calls {
        sinks(reader, *id, path);
        formats(reader, *id, path);
        printed(reader, *id, path);
        leaks(reader, *id, path);
    }
    configured(reader);
}

fn sinks(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    if let Some((name, rotated)) = FILE_HANDLERS.iter().find(|(name, _)| *name == path) {
        let file = tree.arg(id, 0).or_else(|| tree.keyword(id, "filename"));
        sink_file(
            reader,
            id,
            file,
            *rotated,
            name.split('.').next().unwrap_or("logging"),
        );
    } else if let Some((_, service)) = REMOTE_HANDLERS.iter().find(|(name, _)| *name == path) {
        sink(
            reader,
            id,
            LogTarget::Remote((*service).to_owned()),
            "logging",
        );
    } else {
        match path {
            "logging.StreamHandler" => {
                let stream = tree.arg(id, 0).or_else(|| tree.keyword(id, "stream"));
                let to = target_of_stream(tree, stream);
                sink(reader, id, to, "logging");
            }
            "logging.handlers.SysLogHandler" | "syslog.openlog" => {
                sink(reader, id, LogTarget::Syslog, "logging")
            }
            "logging.basicConfig" => basic_config(reader, id),
            "loguru.logger.add" => loguru(reader, id),
            "structlog.PrintLoggerFactory" | "structlog.WriteLoggerFactory" => {
                sink(reader, id, LogTarget::Stdout, "structlog");
            }
            "logging.config.fileConfig" => {}
            _ => {}
        }
    }
}

fn sink(reader: &mut Reader<'_>, id: NodeId, to: LogTarget, through: &str) {
    let optional = is_chosen(reader.file, id);
    reader.push(
        id,
        LogSink {
            to,
            through: through.to_owned(),
            optional,
        },
    );
}

fn sink_file(
    reader: &mut Reader<'_>,
    id: NodeId,
    file: Option<NodeId>,
    rotated: bool,
    through: &str,
) {
    let path = reader.origin_of(file);
    // The streams have paths too.
    let to = match path.literal() {
        Some("/dev/stdout" | "/proc/1/fd/1") => LogTarget::Stdout,
        Some("/dev/stderr" | "/proc/1/fd/2") => LogTarget::Stderr,
        _ => LogTarget::File { path, rotated },
    };
    sink(reader, id, to, through);
}

fn target_of_stream(tree: &Tree, stream: Option<NodeId>) -> LogTarget {
    match stream.and_then(|stream| tree.path(stream)).as_deref() {
        Some("sys.stdout" | "sys.__stdout__") => LogTarget::Stdout,
        _ => LogTarget::Stderr,
    }
}

fn basic_config(reader: &mut Reader<'_>, id: NodeId) {
    let tree = reader.tree;
    if let Some(file) = tree.keyword(id, "filename") {
        sink_file(reader, id, Some(file), false, "logging");
    } else if tree.keyword(id, "handlers").is_none() {
        let to = target_of_stream(tree, tree.keyword(id, "stream"));
        sink(reader, id, to, "logging");
    }
    let (time, level) = match tree.keyword(id, "format") {
        Some(format) => match text_of(tree, format) {
            Some(text) => (
                Some(text.contains("asctime")),
                Some(text.contains("levelname")),
            ),
            None => (None, None),
        },
        None => (Some(false), Some(true)),
    };
    let structured = tree
        .keyword(id, "format")
        .and_then(|format| text_of(tree, format))
        .is_some_and(|text| is_json_format(&text));
    reader.push(
        id,
        LogFormat {
            through: "logging".to_owned(),
            structured: Some(structured),
            time,
            level,
        },
    );
}

fn text_of(tree: &Tree, id: NodeId) -> Option<String> {
    match tree.kind(tree.follow(id)) {
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// A format that writes JSON by hand: `{"time": "%(asctime)s", …}`.
fn is_json_format(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('{') && text.ends_with('}') && text.contains("\":")
}

fn loguru(reader: &mut Reader<'_>, id: NodeId) {
    let tree = reader.tree;
    let Some(to) = tree.arg(id, 0).or_else(|| tree.keyword(id, "sink")) else {
        return;
    };
    match tree.path(to).as_deref() {
        Some("sys.stdout") => sink(reader, id, LogTarget::Stdout, "loguru"),
        Some("sys.stderr") => sink(reader, id, LogTarget::Stderr, "loguru"),
        _ => {
            let path = reader.origin(to);
            if !matches!(path, Origin::Computed | Origin::Absent) {
                let rotated = tree.keyword(id, "rotation").is_some();
                let to = LogTarget::File { path, rotated };
                sink(reader, id, to, "loguru");
            }
        }
    }
    let serialized = tree
        .keyword(id, "serialize")
        .is_some_and(|value| matches!(tree.kind(value), Kind::Bool(true)));
    reader.push(
        id,
        LogFormat {
            through: "loguru".to_owned(),
            structured: Some(serialized),
            time: Some(true),
            level: Some(true),
        },
    );
}

fn formats(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    if let Some((_, through, structured)) = FORMATS.iter().find(|(name, ..)| *name == path) {
        let all = reader.file.source.text;
        let format = tree
            .arg(id, 0)
            .or_else(|| tree.keyword(id, "fmt"))
            .and_then(|format| text_of(tree, format));
        let (time, level) = match (*through, format) {
            ("structlog", _) => (
                Some(all.contains("TimeStamper")),
                Some(all.contains("add_log_level")),
            ),
            (_, Some(format)) => (
                Some(format.contains("asctime") || format.contains("timestamp")),
                Some(format.contains("levelname")),
            ),
            ("ecs-logging", None) => (Some(true), Some(true)),
            _ => (
                tree.keyword(id, "timestamp").is_some().then_some(true),
                None,
            ),
        };
        reader.push(
            id,
            LogFormat {
                through: (*through).to_owned(),
                structured: Some(*structured),
                time,
                level,
            },
        );
    } else if path == "logging.Formatter" {
        let format = tree
            .arg(id, 0)
            .or_else(|| tree.keyword(id, "fmt"))
            .and_then(|format| text_of(tree, format));
        if let Some(format) = format {
            reader.push(
                id,
                LogFormat {
                    through: "logging".to_owned(),
                    structured: Some(is_json_format(&format)),
                    time: Some(format.contains("asctime")),
                    level: Some(format.contains("levelname")),
                },
            );
        }
    } else if names_json_formatter(path) {
        reader.push(
            id,
            LogFormat {
                through: "logging".to_owned(),
                structured: Some(true),
                time: None,
                level: None,
            },
        );
    } else if path == "structlog.configure" && reader.file.source.text.contains("redact") {
        reader.push(
            id,
            LogRedaction {
                through: "structlog processor".to_owned(),
            },
        );
    }
    if path.ends_with(".addFilter") {
        let name = tree
            .arg(id, 0)
            .and_then(|one| tree.path(one))
            .unwrap_or_default()
            .to_ascii_lowercase();
        if ["redact", "mask", "sensitive", "scrub", "sanitiz"]
            .iter()
            .any(|word| name.contains(word))
        {
            reader.push(
                id,
                LogRedaction {
                    through: "logging filter".to_owned(),
                },
            );
        }
    }
}

fn printed(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let through = match path {
        "print" => "print",
        "pprint.pprint" => "pprint",
        "sys.stdout.write" => "sys.stdout.write",
        _ => return,
    };
    // Printing to something else than the streams is writing.
    if let Some(file) = tree.keyword(id, "file")
        && !matches!(
            tree.path(file).as_deref(),
            Some("sys.stdout" | "sys.stderr")
        )
    {
        return;
    }
    if tree
        .keyword(id, "flush")
        .is_some_and(|value| matches!(tree.kind(value), Kind::Bool(true)))
    {
        reader.push(
            id,
            Buffering {
                unbuffered: true,
                how: "flush=True".to_owned(),
            },
        );
    }
    reader.push(id, Print { through });
}

/// Handlers and formatters of a dict for `dictConfig`, or of Django's `LOGGING`.
fn configured(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    for id in tree.ids() {
        let Kind::Map(pairs) = tree.kind(id) else {
            continue;
        };
        let Some(class) = pairs
            .iter()
            .find(|pair| matches!(pair.key.as_deref(), Some("class" | "()" | "format")))
        else {
            continue;
        };
        match class.key.as_deref() {
            Some("format") => plain_formatter(reader, id, class.value),
            _ => {
                if let Some(name) = class_name(tree, class.value) {
                    handler(reader, id, &name);
                }
            }
        }
    }
}

fn class_name(tree: &Tree, id: NodeId) -> Option<String> {
    match tree.as_text(id) {
        Some(text) => Some(text.to_owned()),
        None => tree.path(id),
    }
}

fn plain_formatter(reader: &mut Reader<'_>, id: NodeId, format: NodeId) {
    let Some(text) = text_of(reader.tree, format) else {
        return;
    };
    if !text.contains("levelname") && !text.contains("message") && !text.contains("asctime") {
        return;
    }
    let class = ["()", "class"]
        .iter()
        .find_map(|key| reader.tree.entry(id, key))
        .and_then(|class| class_name(reader.tree, class))
        .unwrap_or_default()
        .to_ascii_lowercase();
    let json = class.contains("json") || class.contains("logfmt");
    // What a formatter of the app's own makes of the fields is not known.
    let own = !(class.is_empty()
        || ["logging", "django", "color", "uvicorn", "gunicorn"]
            .iter()
            .any(|known| class.split('.').next().unwrap_or_default().contains(known)));
    let structured = match json || is_json_format(&text) {
        true => Some(true),
        false if own => None,
        false => Some(false),
    };
    reader.push(
        id,
        LogFormat {
            through: "logging".to_owned(),
            structured,
            time: Some(text.contains("asctime")),
            level: Some(text.contains("levelname")),
        },
    );
}

fn handler(reader: &mut Reader<'_>, id: NodeId, class: &str) {
    let tree = reader.tree;
    let full = class.replace("ext://", "");
    if let Some((_, rotated)) = FILE_HANDLERS.iter().find(|(name, _)| *name == full) {
        sink_file(reader, id, tree.entry(id, "filename"), *rotated, "logging");
    } else if full == "logging.StreamHandler" {
        let stdout = tree
            .entry(id, "stream")
            .and_then(|stream| class_name(tree, stream))
            .is_some_and(|stream| stream.ends_with("stdout"));
        let to = if stdout {
            LogTarget::Stdout
        } else {
            LogTarget::Stderr
        };
        sink(reader, id, to, "logging");
    } else if full == "logging.handlers.SysLogHandler" {
        sink(reader, id, LogTarget::Syslog, "logging");
    } else if let Some((_, service)) = REMOTE_HANDLERS.iter().find(|(name, _)| *name == full) {
        sink(
            reader,
            id,
            LogTarget::Remote((*service).to_owned()),
            "logging",
        );
    } else if let Some((_, through, structured)) = FORMATS.iter().find(|(name, ..)| *name == full) {
        let format = tree
            .entry(id, "format")
            .or_else(|| tree.entry(id, "fmt"))
            .and_then(|format| text_of(tree, format));
        reader.push(
            id,
            LogFormat {
                through: (*through).to_owned(),
                structured: Some(*structured),
                time: format.as_deref().map(|text| text.contains("asctime")),
                level: format.as_deref().map(|text| text.contains("levelname")),
            },
        );
    } else if names_json_formatter(&full) {
        // What a formatter of the app's own adds is not known.
        reader.push(
            id,
            LogFormat {
                through: "logging".to_owned(),
                structured: Some(true),
                time: None,
                level: None,
            },
        );
    }
}

/// `shop.logs.ShopJsonFormatter`, `core.logging.JSONFormatter`.
fn names_json_formatter(class: &str) -> bool {
    let name = class.rsplit(['.', '~']).next().unwrap_or(class);
    let lower = name.trim_end_matches("()").to_ascii_lowercase();
    lower.ends_with("formatter") && (lower.contains("json") || lower.contains("logfmt"))
}
