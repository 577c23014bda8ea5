//! XI Logs.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "XI.1",
        factor: Factor::XI,
        title: "logs to stdout or stderr",
        statement: "Events go to stdout or stderr.",
        why: "A platform collects the two streams of a process and nothing else. Events that go to a \
             file or straight to a vendor are missing where the operator looks, and a vendor's outage \
             can stall the app.",
        how: "Configure the logger to write to stdout, in every deploy the same. Let the platform \
             route the stream to whatever keeps and searches it.",
        source: "The Twelve-Factor App, XI Logs: https://12factor.net/logs",
        profiles: EVERY,
        from_code: Some("the sinks of each logging library"),
        from_run: Some("events seen on the streams"),
    },
    Criterion {
        id: "XI.2",
        factor: Factor::XI,
        title: "manages no log files",
        statement: "The app manages no log files.",
        why: "Log files fill the container's disk until writing fails, and are deleted with the \
             container, just when a crash makes them needed. Rotation inside several processes loses \
             lines.",
        how: "Remove file and rotating handlers from the code and `logrotate` from the image. For a \
             local copy, redirect the stream from outside: `app | tee app.log`.",
        source: "The Twelve-Factor App, XI Logs: https://12factor.net/logs",
        profiles: EVERY,
        from_code: Some(
            "file handlers, rotating handlers, `logrotate`, file appenders of winston, log4j, \
             logback, monolog and the like",
        ),
        from_run: Some("files that look like logs, opened for append"),
    },
    Criterion {
        id: "XI.3",
        factor: Factor::XI,
        title: "writes its events unbuffered",
        statement: "Output is unbuffered.",
        why: "Into a pipe, many runtimes keep a block of output in memory before writing. The last \
             lines before a crash, the ones that explain it, are the ones that are lost.",
        how: "Set `PYTHONUNBUFFERED=1` or run `python -u`; elsewhere flush after each event. At \
             shutdown flush any asynchronous logger before the exit.",
        source: "The Twelve-Factor App, XI Logs: https://12factor.net/logs",
        profiles: EVERY,
        from_code: Some(
            "Python under a pipe without `-u` or `PYTHONUNBUFFERED`; buffering log writers",
        ),
        from_run: Some(
            "the event of a request appears within a second of it, and nothing is lost at SIGTERM",
        ),
    },
    Criterion {
        id: "XI.4",
        factor: Factor::XI,
        title: "writes one structured event a line",
        statement: "One event per line, structured, with time and level.",
        why: "Collectors split the stream at line ends, so a stack trace over thirty lines becomes \
             thirty events. Free text can be read but not counted, filtered or alerted on.",
        how: "Use a structured logger (pino, structlog, slog, tracing, Serilog) with a JSON \
             formatter. Give each event a time with zone, a level and a message; put a stack trace \
             into a field.",
        source: "The Twelve-Factor App, XI Logs: https://12factor.net/logs",
        profiles: EVERY,
        from_code: Some("a structured logger, configured"),
        from_run: Some(
            "the share of lines that parse and have a time and a level; stack traces kept in one \
             event",
        ),
    },
    Criterion {
        id: "XI.5",
        factor: Factor::XI,
        title: "lets a request be followed",
        statement: "A request can be followed.",
        why: "The events of a hundred requests interleave on one stream. Without an id in each, \
             nobody can tell which query belonged to the failed payment, still less across services.",
        how: "Take the id from `traceparent` or `X-Request-Id`, or make one, at the edge of the app. \
             Keep it in the request's context so that each event carries it, return it in the \
             response, and pass it on.",
        source: "The Twelve-Factor App, XI Logs: https://12factor.net/logs; W3C Trace Context: \
             https://www.w3.org/TR/trace-context/",
        profiles: EVERY,
        from_code: Some("a request id or trace id in the logging context"),
        from_run: Some("an id sent with a request is found in its events and in the response"),
    },
    Criterion {
        id: "XI.6",
        factor: Factor::XI,
        title: "logs no personal data or secrets",
        statement: "Personal data and secrets are kept out.",
        why: "Logs go to more people and places than the database does, and are kept longer. A \
             password or a health record in them is a breach that no access rule covers.",
        how: "Log ids, not persons. Leave out bodies and the `Authorization` and `Cookie` headers, \
             and let the logger redact a list of fields for what slips through.",
        source: "The Twelve-Factor App, XI Logs: https://12factor.net/logs; OWASP Logging Cheat \
             Sheet: https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html",
        profiles: EVERY,
        from_code: Some("logging of passwords, tokens, bodies or headers"),
        from_run: Some(
            "canaries sent in `Authorization`, `Cookie` and password fields are absent from the \
             streams",
        ),
    },
];
