//! Supervisor: the programs that it keeps running.

use xii_model::{Facts, LogSink, LogTarget, Origin, ProcessType, ProxySetting};

use super::setting::{MAX_SETTINGS, tell};
use crate::document::ini;
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "supervisor",
    recognises: |path| {
        let name = file_name(path);
        let ini = name.ends_with(".conf") || name.ends_with(".ini");
        let folder = path.to_ascii_lowercase();
        ini && (name.starts_with("supervisor")
            || folder.contains("supervisor/")
            || folder.contains("supervisord/")
            || folder.contains("supervisor.d/"))
    },
    read,
};

const KEPT: [&str; 11] = [
    "command",
    "nodaemon",
    "user",
    "numprocs",
    "autorestart",
    "stopsignal",
    "stopwaitsecs",
    "stdout_logfile",
    "stderr_logfile",
    "pidfile",
    "logfile",
];

fn read(source: &Source<'_>, facts: &mut Facts) {
    let file = ini(source.text);
    for error in &file.errors {
        source.unread(facts, error.offset, error.message.clone());
    }
    let entries = file
        .sections
        .iter()
        .flat_map(|section| section.entries.iter().map(move |entry| (section, entry)));
    for (section, entry) in entries
        .filter(|(_, entry)| KEPT.contains(&entry.key.as_str()))
        .take(MAX_SETTINGS)
    {
        let Some(value) = entry.without_comments() else {
            continue;
        };
        let span = entry.key_span.start..entry.value_span.end.max(entry.key_span.end);
        let setting = ProxySetting {
            program: "supervisor",
            directive: entry.key.clone(),
            value: source.redacted(&value),
            block: Some(section.name.clone()),
        };
        tell(source, span.clone(), setting, facts);
        let Some(program) = section.name.strip_prefix("program:") else {
            continue;
        };
        match entry.key.as_str() {
            "command" => {
                let at = source.evidence(span);
                let process = ProcessType {
                    name: program.trim().to_owned(),
                    command: source.redacted(&value),
                    at: at.clone(),
                    source: "supervisor".to_owned(),
                };
                facts.push(source.fact_at(at, process));
            }
            "stdout_logfile" | "stderr_logfile" => {
                if let Some(to) = target(&value) {
                    let sink = LogSink {
                        to,
                        through: "supervisor".to_owned(),
                        optional: false,
                    };
                    facts.push(source.fact(span, sink));
                }
            }
            _ => {}
        }
    }
}

/// Where a program's output goes. `AUTO` is a file of supervisor's own choice.
fn target(value: &str) -> Option<LogTarget> {
    match value.trim() {
        "" | "NONE" => None,
        "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1" | "/proc/1/fd/1" => Some(LogTarget::Stdout),
        "/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2" | "/proc/1/fd/2" => Some(LogTarget::Stderr),
        "syslog" => Some(LogTarget::Syslog),
        path => Some(LogTarget::File {
            path: Origin::Literal(path.to_owned()),
            rotated: true,
        }),
    }
}
