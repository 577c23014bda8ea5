//! Python as the survey sees it.

use xii_model::Facts;

use super::config::{branches, checks, exports, reads, settings};
use super::libraries::{
    auth, clients, files, jobs, logging, migrations, processes, resilience, routes, servers, signals, state,
    telemetry,
};
use super::reader::Reader;
use super::values::Python;
use super::{frameworks, imports, literals, lower};
use crate::languages::language::{Exports, File, Language};

/// A file that holds none of these has no fact but its imports: names of modules, of calls and of
/// settings that the tables look for.
#[rustfmt::skip]
const NEEDLES: &[&str] = &[
    // The environment and its config.
    "environ", "getenv", "config", "Config", "Settings", "settings", "envvar", "dynaconf", "_ENV", "ENV_", "ENVIRONMENT",
    // Texts bound to names.
    "://", "SECRET", "secret", "PASSWORD", "password", "passwd", "TOKEN", "token", "API_KEY", "api_key", "apikey",
    "HOST", "host", "BUCKET", "bucket", "PRIVATE KEY",
    // Frameworks and servers.
    "flask", "Flask", "django", "fastapi", "starlette", "aiohttp", "sanic", "tornado", "bottle", "uvicorn", "gunicorn",
    "hypercorn", "waitress", "werkzeug", "quart", "wsgi", "http.server", "socketserver", "grpc", "websockets", "bind",
    ".route(", ".get(", ".post(", ".put(", ".patch(", ".delete(", "api_view", "urlpatterns", "errorhandler",
    "exception_handler", "create_app", "start_server", "granian", "cherrypy", "connexion", "rest_framework", "ninja",
    // Clients.
    "sqlalchemy", "sqlmodel", "psycopg", "asyncpg", "aiopg", "pymysql", "MySQLdb", "mysql", "sqlite", "redis", "mongo",
    "requests", "httpx", "urllib", "boto3", "pika", "kombu", "kafka", "nats", "smtplib", "aiosmtplib", "elasticsearch",
    "opensearch", "meilisearch", "pysolr", "memcache", "pylibmc", "ldap", "openai", "anthropic", "twilio", "stripe",
    "sentry_sdk", "minio", "google.cloud", "google.auth", "google.oauth2", "azure", "peewee", "playhouse", "tortoise", "databases", "slack_sdk",
    "http.client", "xmlrpc", "pyodbc", "pymssql", "oracledb", "cx_Oracle", "sendgrid", "imaplib", "qdrant", "chromadb",
    "weaviate", "typesense", "cohere", "mistralai", "ollama", "braintree", "rollbar", "influxdb", "clickhouse",
    "cassandra", "neo4j", "hvac", "ftplib", "paramiko", "dataset", "tenacity", "backoff", "retry", "pybreaker",
    "circuitbreaker", "aiobreaker", "stamina", "wait_for", "timeout",
    // Jobs.
    "celery", "Celery", "dramatiq", "huey", "rq", "arq", "apscheduler", "scheduler", "schedule", "threading", "_thread",
    "multiprocessing", "concurrent.futures", "create_task", "ensure_future", "BackgroundTask", "gevent", "eventlet",
    "task", "crontab", "periodic", "faust", "procrastinate", "taskiq",
    // Processes.
    "subprocess", "os.system", "popen", "Popen", "exec", "pexpect", "sys", "exit", "daemon", "pid", "fork", "setsid",
    "alembic", "migrate", "create_all", "generate_schemas", "call_command", "command", "Command", "atomic",
    "on_conflict", "get_or_create", "update_or_create", "UniqueConstraint", "importlib.metadata", "pkg_resources",
    "create table", "CREATE TABLE", "signal", "atexit", "lifespan", "on_event", "shutdown",
    // Logs and telemetry.
    "logging", "logger", "loguru", "structlog", "syslog", "print", "log.", "prometheus", "opentelemetry", "statsd",
    "datadog", "ddtrace", "newrelic", "elasticapm", "logfire", "jaeger", "correlation", "request_id", "request-id", "Request-ID", "Request-Id",
    // Trust.
    "jwt", "jose", "cookie", "COOKIE", "CORS", "cors", "verify", "ssl", "SECURE_", "login", "auth", "permission",
    "Depends", "Talisman", "google.oauth",
    // State and files.
    "open(", "open_file", "write_text", "write_bytes", ".save(", "shutil", "tempfile", "FileSystemStorage", "MEDIA_ROOT", "STORAGE", "shelve",
    "tinydb", "diskcache", "joblib", "numpy", "cachetools", "aiocache", "cache", "CACHE", "SESSION", "DATABASE", "INSTALLED_APPS",
    "MIDDLEWARE", "LOGGING", "EMAIL", "MAIL_", "BROKER", "ALLOWED", "AWS_", "graphene", "strawberry", "ariadne", "litestar",
    "apispec", "flasgger", "webassets", "sass", "request",
];

pub(crate) static LANGUAGE: Language = Language {
    extensions: &["py", "pyi"],
    name: |_| "python",
    grammar: |_| tree_sitter_python::LANGUAGE.into(),
    needles: NEEDLES,
    import_candidates: imports::candidates,
    package: imports::package,
    lower: lower::lower,
    read,
    module_files: imports::module_files,
};

/// Reads the facts of a file, each table looking at the same calls, and what it exports.
fn read(file: &File<'_>, facts: &mut Facts) -> Exports {
    let values = Python::of(file.tree);
    let calls = file.tree.calls();
    let settings = settings::classes(file.tree);
    let mut reader = Reader {
        file,
        tree: file.tree,
        values: &values,
        calls: &calls,
        settings: &settings,
        facts,
    };
    // Secrets come first: what they mask, no later evidence shows.
    let bindings = literals::bindings(&reader);
    literals::read_secrets(&mut reader, &bindings);
    literals::read_locators(&mut reader, &bindings);
    imports::read(file, reader.facts);
    let checked = checks::by_hand(file.tree, &values);
    reads::read(&mut reader, &checked);
    checks::read(&mut reader, &checked);
    branches::read(&mut reader);
    frameworks::read(&mut reader);
    clients::read(&mut reader);
    resilience::read(&mut reader);
    servers::read(&mut reader);
    jobs::read(&mut reader);
    processes::read(&mut reader);
    migrations::read(&mut reader);
    logging::read(&mut reader);
    telemetry::read(&mut reader);
    signals::read(&mut reader);
    routes::read(&mut reader);
    auth::read(&mut reader);
    files::read(&mut reader);
    state::read(&mut reader);
    exports::exports(file, &values)
}
