//! Events are free text, so nothing but a person can read them.
//!
//! ## What it looks for
//!
//! In deployed code of an app that serves: a logger that writes plain text (a format string,
//! `pino-pretty`, `winston.format.simple()`), and apps whose only events are `console.log` or `print`.
//! A logger that writes one line of JSON or logfmt an event, with time and level, is evidence for the
//! criterion.
//!
//! ## Why it matters
//!
//! The streams of all instances end up in one place, where they are searched by fields: level, time,
//! route, request id. From free text those have to be guessed, a stack trace becomes twenty events, and
//! an alarm on errors cannot be set at all.
//!
//! ## What to do instead
//!
//! One line of JSON an event. Node:
//!
//! ```js
//! const logger = pino({ level: process.env.LOG_LEVEL ?? 'info' });
//! app.use(pinoHttp({ logger }));
//! ```
//!
//! NestJS: `nestjs-pino`. Fastify: `Fastify({ logger: true })`. Python: structlog with `JSONRenderer`, or
//! `python-json-logger` as the formatter of `logging`; Django names it in `LOGGING`.
//!
//! ## When it is fine
//!
//! A terminal: choose the readable form when stdout is one, or by a variable.

use xii_model::{App, Confidence, Evidence, Fact, Framework, LogTarget, Print, Severity};

use crate::{Claims, Rule, loggers, places, process_files};

pub(crate) const RULE: Rule = Rule {
    name: "unstructured-log",
    criteria: &["XI.4"],
    severity: Severity::Warning,
    check,
};

/// A program that prints less than this has no log to speak of.
const FEW_PRINTS: usize = 3;

/// Libraries that write nothing but structured events.
const JSON: [&str; 8] = [
    "python-json-logger",
    "structlog",
    "django-structlog",
    "json-log-formatter",
    "ecs-logging",
    "pino",
    "nestjs-pino",
    "bunyan",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    if !app.serves() && !app.works() {
        return;
    }
    let formats: Vec<_> = app
        .facts
        .log_formats
        .iter()
        .filter(|format| format.scope.is_deployed() && process_files::stays(&format.at.path))
        .collect();
    if let Some(good) = formats
        .iter()
        .find(|format| format.structured == Some(true))
    {
        if good.time != Some(false) && good.level != Some(false) {
            claims.holds(
                "XI.4",
                format!("{} writes one structured line an event", good.through),
                &good.at,
            );
        }
        // Plain text beside it is a choice for terminals more often than not.
        return;
    }
    if let Some(plain) = formats
        .iter()
        .find(|format| format.structured == Some(false))
    {
        claims
            .finding(
                &plain.at,
                format!("{} writes plain text: level, time and request of an event have to be guessed from it, and a stack trace falls into many events", plain.through),
            )
            .confidence(if app.depends_on(&JSON) {
                // It may be set where it was not understood, with this one for a terminal.
                Confidence::Low
            } else {
                Confidence::Medium
            })
            .subject(plain.through.clone())
            .help(help(app, &plain.through));
        return;
    }
    let sink = app.facts.log_sinks.iter().find(|sink| {
        sink.scope.is_deployed()
            && matches!(sink.to, LogTarget::Stdout | LogTarget::Stderr)
            && sink.through != "console"
    });
    if let Some(sink) = sink {
        // Its format was not seen; the standard library's is plain text.
        if sink.through.starts_with("logging") {
            claims
                .finding(
                    &sink.at,
                    "logging writes plain text here: level, time and request of an event have to be guessed from it",
                )
                .confidence(Confidence::Low)
                .subject("logging")
                .help(help(app, "logging"));
        }
        return;
    }
    printed(app, claims);
}

/// Whether a print is what a logger of the app's own ends in: it adds what it adds.
fn is_loggers_own(print: &Fact<Print>) -> bool {
    let file = print.at.path.rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    matches!(stem, "logger" | "logging" | "log")
        || print.scope.function.as_deref().is_some_and(|name| {
            matches!(
                name.to_ascii_lowercase().as_str(),
                "log" | "writelog" | "logmessage" | "formatlog" | "info" | "warn" | "debug"
            )
        })
}

/// An app whose only events are printed.
fn printed(app: &App, claims: &mut Claims<'_>) {
    let prints: Vec<_> = app
        .facts
        .prints
        .iter()
        .filter(|print| print.scope.is_deployed() && process_files::stays(&print.at.path))
        .collect();
    let Some(first) = prints.first() else { return };
    if loggers::declared(app) || app.facts.prints.iter().any(is_loggers_own) {
        return;
    }
    let at: &Evidence = &first.at;
    let draft = claims.finding(
        at,
        format!(
            "`{}` is the only log of this app ({} call{}): its events carry no level and no time, so they can be neither filtered nor counted",
            first.through,
            prints.len(),
            if prints.len() == 1 { "" } else { "s" }
        ),
    );
    draft
        .subject(first.through)
        .confidence(if prints.len() < FEW_PRINTS {
            Confidence::Low
        } else {
            Confidence::Medium
        })
        .help(help(app, first.through));
}

fn help(app: &App, through: &str) -> &'static str {
    if through.contains("pretty") {
        "leave the pretty printer to the terminal:\n\n    const logger = pino(process.stdout.isTTY ? { transport: { target: 'pino-pretty' } } : {});"
    } else if through.contains("winston") {
        "give winston the formats of time, stack and JSON:\n\n    const { combine, timestamp, errors, json } = winston.format;\n    format: combine(timestamp(), errors({ stack: true }), json())"
    } else if through.contains("morgan") {
        "log requests through the app's logger, as JSON:\n\n    app.use(pinoHttp({ logger: pino() }));"
    } else if through.contains("loguru") {
        "let loguru write JSON:\n\n    logger.remove()\n    logger.add(sys.stdout, serialize=True)"
    } else if app.uses(Framework::Django) {
        "with python-json-logger, in settings:\n\n    LOGGING = {\n        \"version\": 1,\n        \"formatters\": {\"json\": {\"()\": \"pythonjsonlogger.json.JsonFormatter\"}},\n        \"handlers\": {\"console\": {\"class\": \"logging.StreamHandler\", \"formatter\": \"json\"}},\n        \"root\": {\"handlers\": [\"console\"], \"level\": \"INFO\"},\n    }"
    } else if places::is_pythonic(app) {
        "with structlog:\n\n    structlog.configure(processors=[\n        structlog.contextvars.merge_contextvars,\n        structlog.processors.add_log_level,\n        structlog.processors.TimeStamper(fmt=\"iso\"),\n        structlog.processors.format_exc_info,\n        structlog.processors.JSONRenderer(),\n    ])"
    } else if app.uses(Framework::Fastify) {
        "Fastify brings pino along:\n\n    const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'info' } });\n    request.log.info({ order }, 'order placed');"
    } else if app.uses(Framework::Nest) {
        "with nestjs-pino:\n\n    const app = await NestFactory.create(AppModule, { bufferLogs: true });\n    app.useLogger(app.get(Logger)); // import { Logger } from 'nestjs-pino'"
    } else if app.uses(Framework::Next) {
        "with pino:\n\n    export const logger = pino({ level: process.env.LOG_LEVEL ?? 'info' });\n    logger.error({ err: error }, 'cart could not be changed');"
    } else {
        "with pino:\n\n    const logger = pino({ level: process.env.LOG_LEVEL ?? 'info' });\n    app.use(pinoHttp({ logger }));\n    logger.info({ order: order.id }, 'order placed');"
    }
}

#[cfg(test)]
mod tests {
    use xii_model::{LogFormat, Print};

    use super::*;
    use crate::specimen::{brief, fact, listen};

    fn format(structured: bool) -> LogFormat {
        LogFormat {
            through: "pino".to_owned(),
            structured: Some(structured),
            time: Some(true),
            level: None,
        }
    }

    #[test]
    fn a_structured_logger_outranks_prints() {
        let mut app = App::default();
        app.facts.push(listen("server.js", "express"));
        for line in 1..=3 {
            app.facts.push(fact(
                "server.js",
                line,
                Print {
                    through: "console.log",
                },
            ));
        }
        assert_eq!(brief(&RULE, &app), ["server.js:1:1 XI.4 warning/medium"]);
        app.facts.push(fact("log.js", 2, format(false)));
        assert_eq!(brief(&RULE, &app), ["log.js:2:1 XI.4 warning/medium"]);
        app.facts.push(fact("log.js", 3, format(true)));
        assert_eq!(brief(&RULE, &app), ["holds XI.4 pino"]);
    }
}
