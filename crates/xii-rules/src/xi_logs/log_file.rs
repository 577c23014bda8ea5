//! The program writes its log into files and manages them.
//!
//! ## What it looks for
//!
//! Log sinks that are files in deployed code and settings: `winston.transports.File`,
//! `winston-daily-rotate-file`, `pino.destination('…')`, `logging.FileHandler`,
//! `RotatingFileHandler`, file handlers in Django's `LOGGING`, `logger.add("app.log")` of loguru, and
//! start commands that name a log file for gunicorn or Celery. Sinks on stdout or stderr and no file
//! are evidence for the criteria.
//!
//! ## Why it matters
//!
//! A container's files vanish with it, so the log is gone when it is needed most: after a crash. Until
//! then it fills the disk. The platform collects what goes to stdout from every instance in one stream,
//! and cannot see a file inside one of them.
//!
//! ## What to do instead
//!
//! Write to stdout and leave routing, rotation and retention to the platform:
//!
//! ```js
//! const logger = winston.createLogger({ transports: [new winston.transports.Console()] });
//! const logger = pino(); // stdout is the default
//! ```
//!
//! ```python
//! logging.basicConfig(stream=sys.stdout, level=os.environ.get("LOG_LEVEL", "INFO"))
//! ```
//!
//! gunicorn: `--access-logfile - --error-logfile -`. Celery: leave out `--logfile`.
//!
//! ## When it is fine
//!
//! A sink that only development uses, and a path that config can set to `/dev/stdout`.

use std::collections::HashSet;

use xii_model::{App, Confidence, Evidence, Fact, LogSink, LogTarget, Origin, Severity};

use crate::command::Command;
use crate::command::start;
use crate::{Claims, Rule, loggers, process_files};

pub(crate) const RULE: Rule = Rule {
    name: "log-file",
    criteria: &["XI.2", "XI.1"],
    severity: Severity::Warning,
    check,
};

const MAX_FILES: usize = 8;

fn check(app: &App, claims: &mut Claims<'_>) {
    let sinks: Vec<&Fact<LogSink>> = app
        .facts
        .log_sinks
        .iter()
        .filter(|sink| sink.scope.is_deployed())
        .collect();
    let stream = sinks
        .iter()
        .filter(|sink| is_stream(&sink.to))
        .min_by_key(|sink| sink.optional);
    let printed = app
        .facts
        .prints
        .iter()
        .any(|print| print.scope.is_deployed());
    let files: Vec<&Fact<LogSink>> = sinks
        .iter()
        .copied()
        .filter(|sink| matches!(sink.to, LogTarget::File { .. }))
        .collect();
    let mut paths = HashSet::new();
    for sink in &files {
        let LogTarget::File { path, rotated } = &sink.to else {
            continue;
        };
        if is_device(path) || !paths.insert(sink.at.path.clone()) || paths.len() > MAX_FILES {
            continue;
        }
        let others = files
            .iter()
            .filter(|other| other.at.path == sink.at.path && other.at != sink.at);
        let named = match path {
            Origin::Literal(text) => format!(" `{text}`"),
            Origin::Env(value) => format!(" that {} names", value.name),
            _ => String::new(),
        };
        let only = stream.is_none() && !printed;
        let draft = claims.finding(
            &sink.at,
            format!(
                "{} writes the log to a file{named}{}{}: {}",
                sink.through,
                if *rotated { " and rotates it" } else { "" },
                if sink.optional {
                    ", unless config says otherwise"
                } else {
                    ""
                },
                if only {
                    "no event reaches stdout, so the platform sees nothing, and the file is gone with its instance"
                } else {
                    "the file grows inside one instance, is seen by nobody and is gone with it"
                }
            ),
        );
        draft
            .confidence(
                if sink.optional || matches!(path, Origin::Env(_) | Origin::Config(_)) {
                    Confidence::Medium
                } else {
                    Confidence::High
                },
            )
            .subject(sink.through.clone())
            .help(help(&sink.through));
        if only {
            draft.severity(Severity::Error);
        }
        for other in others.take(4) {
            draft.related(&other.at, "a file as well");
        }
    }
    let commanded = log_files_of_commands(app, claims);
    if let Some(sink) = stream.filter(|sink| sink.optional && !files.is_empty()) {
        claims.could_not_tell(
            "XI.1",
            format!(
                "config chooses between {} and a file (see XI.2)",
                target(&sink.to)
            ),
        );
    } else if let Some(sink) = stream {
        claims.holds(
            "XI.1",
            format!("{} writes events to {}", sink.through, target(&sink.to)),
            &sink.at,
        );
        if files.is_empty() && !commanded {
            claims.holds(
                "XI.2",
                format!("events go to {} and to no file", target(&sink.to)),
                &sink.at,
            );
        }
    } else if files.is_empty() {
        printed_only(app, claims, !sinks.is_empty() || commanded);
    } else {
        claims.could_not_tell(
            "XI.1",
            "the only log sink found is a file (see XI.2); what else goes to stdout does not show",
        );
    }
}

/// An app that prints and has no logger: what it prints goes to a stream.
fn printed_only(app: &App, claims: &mut Claims<'_>, other_sinks: bool) {
    let mut prints = app.facts.prints.iter();
    let Some(print) =
        prints.find(|print| print.scope.is_deployed() && process_files::stays(&print.at.path))
    else {
        return;
    };
    if loggers::declared(app) {
        // Where its events go was not seen.
        return;
    }
    let reason = format!("`{}` writes events to a stream", print.through);
    claims.holds("XI.1", reason.clone(), &print.at);
    if !other_sinks {
        claims.holds("XI.2", format!("{reason}, and none to a file"), &print.at);
    }
}

/// Log files that start commands name.
fn log_files_of_commands(app: &App, claims: &mut Claims<'_>) -> bool {
    let mut found = false;
    for start in start::all(app).iter().filter(|start| !start.development) {
        let programs = start.programs(app);
        let named = programs
            .iter()
            .find_map(|program| Some((program, log_file(program)?)));
        if let Some((program, file)) = named {
            found = true;
            command_finding(claims, &start.at, program.program(), file);
        }
    }
    found
}

fn command_finding(claims: &mut Claims<'_>, at: &Evidence, program: &str, file: &str) {
    claims
        .finding(
            at,
            format!("{program} is told to log to the file `{file}`: it grows inside one instance, is seen by nobody and is gone with it"),
        )
        .confidence(Confidence::High)
        .subject(file)
        .help(match program {
            "gunicorn" => "name the streams: `--access-logfile - --error-logfile -`",
            _ => "leave the option out: the log then goes to stderr, which the platform collects",
        });
}

/// The log file that a command names.
fn log_file(command: &Command) -> Option<&str> {
    let file = match command.program() {
        "gunicorn" => command.option(&["--access-logfile", "--error-logfile", "--log-file"]),
        "celery" => command.option(&["--logfile", "-f"]),
        "uwsgi" => command.option(&["--logto", "--daemonize"]),
        "forever" => command.option(&["-l", "-o", "-e"]),
        _ => None,
    }?;
    (!file.is_empty() && file != "-" && !file.starts_with("/dev/")).then_some(file)
}

fn is_stream(target: &LogTarget) -> bool {
    match target {
        LogTarget::Stdout | LogTarget::Stderr => true,
        LogTarget::File { path, .. } => is_device(path),
        LogTarget::Syslog | LogTarget::Remote(_) => false,
    }
}

/// A path that is one of the streams.
fn is_device(path: &Origin) -> bool {
    path.fallback().is_some_and(|text| {
        text.starts_with("/dev/std")
            || text.starts_with("/proc/")
            || text == "-"
            || text == "/dev/null"
    })
}

fn target(target: &LogTarget) -> &'static str {
    match target {
        LogTarget::Stderr => "stderr",
        _ => "stdout",
    }
}

fn help(through: &str) -> &'static str {
    let through = through.to_ascii_lowercase();
    if through.contains("winston") {
        "replace the file by the console:\n\n    transports: [new winston.transports.Console()]"
    } else if through.contains("pino") {
        "leave the destination out; pino writes to stdout:\n\n    const logger = pino({ level: process.env.LOG_LEVEL ?? 'info' });"
    } else if through.contains("bunyan") {
        "replace the file by stdout:\n\n    streams: [{ stream: process.stdout, level: 'info' }]"
    } else if through.contains("log4js") {
        "replace the file by stdout:\n\n    appenders: { out: { type: 'stdout', layout: { type: 'basic' } } }"
    } else if through.contains("morgan") {
        "leave `stream` out; morgan writes to stdout:\n\n    app.use(morgan('combined'));"
    } else if through.contains("loguru") {
        "replace the file by stdout:\n\n    logger.remove()\n    logger.add(sys.stdout, serialize=True)"
    } else if through.contains("django") {
        "replace the file by stdout:\n\n    \"handlers\": {\"console\": {\"class\": \"logging.StreamHandler\", \"stream\": \"ext://sys.stdout\"}}"
    } else if through.contains("logging") || through.contains("structlog") {
        "replace the file by stdout:\n\n    handler = logging.StreamHandler(sys.stdout)\n    logging.basicConfig(handlers=[handler], level=\"INFO\")"
    } else {
        "write events to stdout; the platform routes, rotates and keeps them"
    }
}

#[cfg(test)]
mod tests {
    use xii_model::{App, EnvValue};

    use super::*;
    use crate::specimen::{fact, said};

    fn sink(to: LogTarget) -> LogSink {
        LogSink {
            to,
            through: "winston".to_owned(),
            optional: false,
        }
    }

    #[test]
    fn a_path_that_is_a_stream_is_no_file() {
        let mut app = App::default();
        app.facts.push(fact(
            "log.js",
            3,
            sink(LogTarget::File {
                path: Origin::Env(EnvValue {
                    name: "LOG_FILE".to_owned(),
                    default: Some("/dev/stdout".to_owned()),
                }),
                rotated: false,
            }),
        ));
        assert!(
            said(&RULE, &app)
                .iter()
                .all(|line| line.starts_with("holds XI.1"))
        );
    }

    #[test]
    fn a_file_beside_a_stream_breaks_one_criterion_only() {
        let mut app = App::default();
        app.facts.push(fact("log.js", 2, sink(LogTarget::Stdout)));
        app.facts.push(fact(
            "log.js",
            3,
            sink(LogTarget::File {
                path: Origin::Literal("logs/app.log".to_owned()),
                rotated: true,
            }),
        ));
        assert_eq!(
            said(&RULE, &app),
            [
                "log.js:3:1 XI.2 warning/high winston writes the log to a file `logs/app.log` and rotates it: the file grows inside one instance, is seen by nobody and is gone with it",
                "holds XI.1 winston writes events to stdout",
            ]
        );
    }
}
