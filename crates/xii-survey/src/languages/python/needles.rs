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
    "flask", "Flask", "django.urls", "django.conf", "django.contrib", "django.core.files", "django.core.mail", "django_", " url(", "fastapi", "starlette", "aiohttp", "sanic", "tornado", "bottle", "uvicorn", "gunicorn",
    "hypercorn", "waitress", "werkzeug", "quart", "wsgi", "http.server", "socketserver", "grpc", "websockets", "bind",
    ".route(", "api_view", "urlpatterns", "errorhandler", "router", "Router", "blueprint", "Blueprint", "_urls", "ROOT_URLCONF",
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
    "alembic", "migrate", "create_all", "generate_schemas", "call_command", "command", "Command", "atomic(", "begin_nested",
    "on_conflict", "get_or_create", "update_or_create", "UniqueConstraint", "importlib.metadata", "pkg_resources",
    "create table", "CREATE TABLE", "signal", "atexit", "lifespan", "on_event", "shutdown",
    // Logs and telemetry.
    "logging", "logger", "loguru", "structlog", "syslog", "print", "log.", "prometheus", "opentelemetry", "statsd",
    "datadog", "ddtrace", "newrelic", "elasticapm", "logfire", "jaeger", "correlation", "request_id", "request-id", "Request-ID", "Request-Id",
    // Trust.
    "jwt", "jose", "cookie", "COOKIE", "CORS", "cors", "verify", "ssl", "SECURE_", "login", "auth_required", "requires_auth", "oauth", "authenticated",
    "Authenticated", "authorized", "protected", "AuthMiddleware", "AuthenticationBackend", "BaseAuthentication", "httpauth", "authlib", "allauth",
    "HTTPBearer", "HTTPBasic", "fastapi.security", "AUTH", "get_current_", "CurrentUser", "ActiveUser", "AdminUser", "SuperUser",
    "current_user", "active_user", "get_user", "staff_member", "flask_principal", "flask_oidc", "flask_security", "itsdangerous",
    "AccessMixin", "_user_passes", "user_passes_test", "roles_", "role_required", "admin_required", "permission_required", "permissions_required", "require_", "requires(", "permission_classes", "PermissionRequired", "BasePermission", "role", "superuser", "UserPassesTest",
    "Depends", "Talisman", "google.oauth",
    // State and files.
    "open(", "open_file", "write_text", "write_bytes", ".data.save(", "shutil", "tempfile", "FileSystemStorage", "MEDIA_ROOT", "STORAGE", "shelve",
    "tinydb", "diskcache", "joblib", "numpy", "cachetools", "aiocache", "cache", "CACHE", "SESSION", "DATABASE", "INSTALLED_APPS",
    "MIDDLEWARE", "LOGGING", "EMAIL", "MAIL_", "BROKER", "ALLOWED", "AWS_", "Schema(", "graphene import", "graphene_", "graphene.types", "strawberry", "ariadne", "litestar",
    "apispec", "flasgger", "webassets", "sass", "before_first_request", "request.files",
];

/// The methods that declare a route, where they decorate or are given a path: `app.get("/items")`.
const METHODS: [&str; 5] = [".get(", ".post(", ".put(", ".patch(", ".delete("];

/// What the state of a module starts as.
const STATE: [&str; 13] = [
    " = {",
    " = [",
    " = dict(",
    " = list(",
    " = set(",
    " = defaultdict(",
    " = deque(",
    " = OrderedDict(",
    " = Counter(",
    " = Queue(",
    " = count(",
    " = collections.",
    "global ",
];

/// The most bytes before a decorator's method or a value: `@app.router`, `SEEN: dict[str, int]`.
const DECLARATION: usize = 200;

static ALONE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(NEEDLES).ok());

static CALLS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(METHODS.iter().chain(&STATE)).ok());

/// Whether a file may hold a fact besides its imports.
pub(super) fn may_hold_facts(text: &str) -> bool {
    let (Some(alone), Some(calls)) = (ALONE.as_ref(), CALLS.as_ref()) else {
        return true;
    };
    if alone.is_match(text) {
        return true;
    }
    // State is told of where requests change it.
    let handles = [b"request".as_slice(), b"info"]
        .iter()
        .any(|word| memchr::memmem::find(text.as_bytes(), word).is_some());
    calls.find_iter(text).any(|hit| {
        let line = line_before(text, hit.start());
        if hit.pattern().as_usize() < METHODS.len() {
            line.trim_ascii_start().starts_with(b"@") || is_path(text, hit.end())
        } else {
            let in_module = line.first().is_some_and(|byte| !byte.is_ascii_whitespace());
            handles && (in_module || text.get(hit.range()) == Some("global "))
        }
    })
}

/// What stands before an offset on its line, as far as a declaration reaches.
fn line_before(text: &str, offset: usize) -> &[u8] {
    let before = text.get(..offset).unwrap_or_default().as_bytes();
    let near = before
        .get(before.len().saturating_sub(DECLARATION)..)
        .unwrap_or_default();
    memchr::memrchr(b'\n', near).map_or(near, |at| near.get(at + 1..).unwrap_or_default())
}

/// Whether an argument that starts at an offset is written as a path.
fn is_path(text: &str, offset: usize) -> bool {
    let argument = text.get(offset..).unwrap_or_default().trim_start();
    let inside = argument.trim_start_matches(['f', 'r', 'F', 'R']);
    inside.starts_with(['"', '\'']) && inside.trim_start_matches(['"', '\'']).starts_with('/')
}
