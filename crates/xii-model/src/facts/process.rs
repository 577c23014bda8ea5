//! Facts of processes: types, signals, jobs, tasks.

use serde::{Deserialize, Serialize};

use crate::{Evidence, Origin};

/// A declared process type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessType {
    /// Its name, such as `web`.
    pub name: String,
    /// Its command line.
    pub command: String,
    /// Where it is declared.
    pub at: Evidence,
    /// What declares it: `Procfile`, `package.json`, `Dockerfile`, `compose`, `kubernetes`, `app.json`.
    pub source: String,
}

/// The program handles signals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalHandler {
    /// The signals: `SIGTERM`, `SIGINT` …
    pub signals: Vec<String>,
    /// What the handler does.
    pub does: HandlerEffect,
    /// What installs it: `process.on`, `signal.signal`, `terminus`, `enableShutdownHooks`, `gunicorn` …
    pub through: String,
}

/// What a signal handler does, as far as it can be followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandlerEffect {
    /// Stops accepting connections (`server.close`, `app.close`).
    pub closes_server: bool,
    /// Closes pools and clients.
    pub closes_resources: bool,
    /// Ends the process.
    pub exits: bool,
    /// Ends the process without waiting for the server to close.
    pub exits_at_once: bool,
    /// Does nothing, so that the signal is swallowed.
    pub ignores: bool,
}

/// A server that the program starts: it binds a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Where the port comes from.
    pub port: Origin,
    /// Where the address comes from; `Absent` is the library's default.
    pub host: Origin,
    /// What listens: `express`, `fastify`, `node:http`, `flask`, `uvicorn`, `gunicorn`.
    pub through: String,
    /// The library listens on loopback only when no address is given (Fastify, Flask, uvicorn).
    pub default_is_loopback: bool,
    /// A server meant for development only (`flask run`, `app.run`, `manage.py runserver`, `next dev`).
    pub development_server: bool,
    /// What happens when the port is taken is handled: `server.on('error')`.
    pub handles_error: bool,
}

/// Work that is started by a clock inside the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledJob {
    /// What schedules it: `node-cron`, `setInterval`, `APScheduler`, `celery beat`, `@nestjs/schedule`, `threading.Timer`.
    pub through: String,
    /// The schedule as written, when it shows.
    pub schedule: Option<String>,
    /// Whether the library runs it in every process that loads the code. A beat or a repeatable job
    /// in a queue runs once.
    pub in_process: bool,
    /// A lock or leader election guards it.
    pub guarded: bool,
}

/// Work that the program does in the background of its own process: threads, fire-and-forget tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackgroundWork {
    /// What runs it: `threading.Thread`, `BackgroundTasks`, `worker_threads`, `asyncio.create_task`.
    pub through: String,
}

/// The program takes work from a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueConsumer {
    /// What takes it: `celery`, `rq`, `bullmq`, `bull`, `amqplib`, `kafkajs`, `dramatiq`.
    pub through: String,
    /// Whether a job is acknowledged only after its work is done; `None` when it does not show.
    pub acknowledges_late: Option<bool>,
}

/// The program leaves the foreground or writes a PID file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Daemonize {
    /// How: `--daemon`, `nohup`, `&`, `pm2 start`, `forever start`, `python-daemon`, `pid file`.
    pub how: String,
    /// The PID file, if one is named.
    pub pid_file: Option<String>,
}

/// A one-off admin task that ships with the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminTask {
    /// Its name, such as `migrate`.
    pub name: String,
    /// How it is run: `python manage.py migrate`, `npm run migrate`.
    pub command: Option<String>,
    /// What it is: `migration`, `seed`, `console`, `management command`, `script`, `scheduled`.
    pub kind: &'static str,
    /// What declares it: `manage.py`, `package.json`, `flask cli`, `Procfile release`, `app.json`.
    pub source: &'static str,
}

/// The schema is changed when a process starts or a module is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationAtStart {
    /// How: `sequelize.sync`, `create_all`, `prisma migrate deploy &&`, `synchronize: true`.
    pub how: String,
    /// A lock makes one of several instances do it.
    pub locked: bool,
}

/// A shell script that starts a process: an entry point, `start.sh`, `run.sh`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartScript {
    /// Whether its last command replaces the shell (`exec`), so that the process that serves gets the
    /// signals.
    pub execs: bool,
    /// Its commands in order, redacted.
    pub commands: Vec<String>,
}
