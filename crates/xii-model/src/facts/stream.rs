//! Facts of logs.

use crate::Origin;

/// The program sends its events somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSink {
    /// Where.
    pub to: LogTarget,
    /// The library: `console`, `winston`, `pino`, `morgan`, `logging`, `structlog`, `loguru`.
    pub through: String,
    /// Config chooses whether it is used: it stands in a branch of a test that speaks of logs.
    pub optional: bool,
}

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogTarget {
    /// The standard output.
    Stdout,
    /// The standard error.
    Stderr,
    /// A file.
    File {
        /// Where its path comes from.
        path: Origin,
        /// Whether the program rotates it.
        rotated: bool,
    },
    /// A log daemon.
    Syslog,
    /// Straight to a service over the network.
    Remote(String),
}

/// How events are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFormat {
    /// The library.
    pub through: String,
    /// Whether each event is one line of JSON or logfmt; `Some(false)` for plain text.
    pub structured: Option<bool>,
    /// Whether events carry a time.
    pub time: Option<bool>,
    /// Whether events carry a level.
    pub level: Option<bool>,
}

/// Something is printed without a logger: `print`, `console.log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// What prints.
    pub through: &'static str,
}

/// An event may carry a secret or personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedSecret {
    /// What is logged: `the whole environment`, `DATABASE_URL`, `the request's body`, `a password`.
    pub what: String,
    /// What logs it.
    pub through: String,
    /// Whose it is.
    pub kind: Leak,
}

/// What an event gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// A secret of the app's config, or its whole environment.
    Config,
    /// A credential or personal data of a user: body, headers, password, token.
    User,
}

/// A logger hides fields before they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRedaction {
    /// What hides: `pino redact`, `winston format`, `structlog processor`.
    pub through: String,
}

/// Output may stay in a buffer, or is told not to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffering {
    /// Whether output is unbuffered.
    pub unbuffered: bool,
    /// How: `PYTHONUNBUFFERED`, `python -u`, `flush=True`, `stdbuf`.
    pub how: String,
}

/// A request carries an id that events repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId {
    /// What gives it: `express-request-id`, `pino-http`, `asgi-correlation-id`, `AsyncLocalStorage`.
    pub through: String,
    /// Whether it is put into log events.
    pub in_logs: bool,
}
