//! The texts of which a file must hold one to be parsed.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

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
    "flask", "Flask", "django.urls", "django.conf", "django.contrib", "django.core", "django_", "url(", "fastapi", "starlette", "aiohttp", "sanic", "tornado", "bottle", "uvicorn", "gunicorn",
    "hypercorn", "waitress", "werkzeug", "quart", "wsgi", "http.server", "socketserver", "grpc", "websockets", "bind",
    ".route(", "api_view", "urlpatterns", "errorhandler",
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
    "jwt", "jose", "cookie", "COOKIE", "CORS", "cors", "verify", "ssl", "SECURE_", "login", "auth", "permission_", "permissions_", "_permission", "PermissionRequired", "BasePermission", "role", "superuser", "UserPassesTest",
    "Depends", "Talisman", "google.oauth",
    // State and files.
    "open(", "open_file", "write_text", "write_bytes", ".save(", "shutil", "tempfile", "FileSystemStorage", "MEDIA_ROOT", "STORAGE", "shelve",
    "tinydb", "diskcache", "joblib", "numpy", "cachetools", "aiocache", "cache", "CACHE", "SESSION", "DATABASE", "INSTALLED_APPS",
    "MIDDLEWARE", "LOGGING", "EMAIL", "MAIL_", "BROKER", "ALLOWED", "AWS_", "Schema(", "graphene import", "graphene_", "graphene.types", "strawberry", "ariadne", "litestar",
    "apispec", "flasgger", "webassets", "sass", "requests", "before_request", "after_request", "first_request", "request.files",
];

/// The methods that declare a route, where they are no decorator: `app.get("/items")`.
const METHODS: [&str; 5] = [".get(", ".post(", ".put(", ".patch(", ".delete("];

/// The most bytes before a decorator's method: `@app.router`.
const DECORATOR: usize = 200;

static ALONE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(NEEDLES).ok());

static ROUTES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(METHODS).ok());

/// Whether a file may hold a fact besides its imports.
pub(super) fn may_hold_facts(text: &str) -> bool {
    let (Some(alone), Some(routes)) = (ALONE.as_ref(), ROUTES.as_ref()) else {
        return true;
    };
    alone.is_match(text)
        || routes
            .find_iter(text)
            .any(|hit| declares_route(text, hit.start(), hit.end()))
}

/// Whether a call of a method may declare a route: it decorates, or its first argument is a path.
fn declares_route(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default().as_bytes();
    // A decorator is short; a line need not be.
    let near = before.get(before.len().saturating_sub(DECORATOR)..).unwrap_or_default();
    let line = memchr::memrchr(b'\n', near).map_or(near, |at| near.get(at + 1..).unwrap_or_default());
    let argument = text.get(end..).unwrap_or_default().trim_start();
    let inside = argument.trim_start_matches(['f', 'r', 'F', 'R']);
    line.trim_ascii_start().starts_with(b"@")
        || inside.starts_with(['"', '\'']) && inside.trim_start_matches(['"', '\'']).starts_with('/')
}
