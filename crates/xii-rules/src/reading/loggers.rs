//! Logging libraries, for the rules that must not take silence for their absence.

use xii_model::App;

/// Libraries whose sinks and formats can be set in ways that are not always seen.
const LIBRARIES: [&str; 15] = [
    "winston",
    "pino",
    "bunyan",
    "log4js",
    "nestjs-pino",
    "pino-http",
    "loglevel",
    "signale",
    "tslog",
    "consola",
    "roarr",
    "structlog",
    "loguru",
    "python-json-logger",
    "logbook",
];

/// Whether the app declares or imports a logging library, even where its use was not understood.
pub(crate) fn declared(app: &App) -> bool {
    app.depends_on(&LIBRARIES)
        || app.facts.imports.iter().any(|import| {
            import.scope.is_deployed()
                && (import.package == "logging" || LIBRARIES.contains(&import.package.as_str()))
        })
}
