//! uWSGI: its INI file.

use xii_model::{Daemonize, EnvValue, Facts, Listen, LogSink, LogTarget, Origin, ProxySetting};

use super::setting::{MAX_SETTINGS, tell};
use crate::document::ini;
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "uWSGI",
    recognises: |path| {
        let name = file_name(path);
        name.contains("uwsgi")
            && (name.ends_with(".ini") || name.ends_with(".conf") || name.ends_with(".cfg"))
    },
    read,
};

const KEPT: [&str; 21] = [
    "http",
    "http-socket",
    "https",
    "socket",
    "uwsgi-socket",
    "daemonize",
    "pidfile",
    "safe-pidfile",
    "logto",
    "logto2",
    "processes",
    "workers",
    "threads",
    "enable-threads",
    "master",
    "die-on-term",
    "harakiri",
    "module",
    "wsgi-file",
    "lazy-apps",
    "uid",
];

fn read(source: &Source<'_>, facts: &mut Facts) {
    let file = ini(source.text);
    for error in &file.errors {
        source.unread(facts, error.offset, error.message.clone());
    }
    let Some(section) = file.section("uwsgi") else {
        return;
    };
    let get = |key: &str| section.get(key).and_then(|entry| entry.without_comments());
    let pid_file = get("pidfile").or_else(|| get("safe-pidfile"));
    let entries = section
        .entries
        .iter()
        .filter(|entry| KEPT.contains(&entry.key.as_str()));
    for entry in entries.take(MAX_SETTINGS) {
        let value = entry.without_comments().unwrap_or_default();
        let span = entry.key_span.start..entry.value_span.end.max(entry.key_span.end);
        let setting = ProxySetting {
            program: "uwsgi",
            directive: entry.key.clone(),
            value: source.redacted(&value),
            block: None,
        };
        tell(source, span.clone(), setting, facts);
        match entry.key.as_str() {
            "http" | "http-socket" => {
                let (host, port) = address(&value);
                let listen = Listen {
                    port,
                    host,
                    through: "uwsgi".to_owned(),
                    default_is_loopback: false,
                    development_server: false,
                    handles_error: false,
                };
                facts.push(source.fact(span, listen));
            }
            "daemonize" => {
                let daemonize = Daemonize {
                    how: "uwsgi daemonize".to_owned(),
                    pid_file: pid_file.clone(),
                };
                facts.push(source.fact(span.clone(), daemonize));
                log_file(source, span, &value, facts);
            }
            "logto" | "logto2" => log_file(source, span, &value, facts),
            _ => {}
        }
    }
}

fn log_file(source: &Source<'_>, span: std::ops::Range<usize>, path: &str, facts: &mut Facts) {
    if path.starts_with("/dev/") {
        return;
    }
    let sink = LogSink {
        to: LogTarget::File {
            path: Origin::Literal(path.to_owned()),
            rotated: false,
        },
        through: "uwsgi".to_owned(),
        optional: false,
    };
    facts.push(source.fact(span, sink));
}

/// The host and port of `:8000`, `127.0.0.1:8000`, `0.0.0.0:$(PORT)`.
fn address(value: &str) -> (Origin, Origin) {
    let origin = |text: &str| {
        let variable = text
            .strip_prefix("$(")
            .and_then(|rest| rest.strip_suffix(')'))
            .or_else(|| text.strip_prefix('$'));
        match variable {
            Some(name) => Origin::Env(EnvValue {
                name: name.to_owned(),
                default: None,
            }),
            None if text.is_empty() => Origin::Absent,
            None => Origin::Literal(text.to_owned()),
        }
    };
    match value.trim().rsplit_once(':') {
        Some((host, port)) => (origin(host), origin(port)),
        None => (Origin::Absent, origin(value.trim())),
    }
}
