//! The texts of which a file must hold one to be parsed.
//!
//! They are kept tight: a name of a library counts only at the end of a quoted module, the name of a
//! value only where a text is bound to it that can be a credential or an address. A file that holds
//! none has no fact but its imports.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::literals::is_credential;

/// Puts the needles together: texts as they stand, and modules before their closing quote.
macro_rules! needles {
    (plain: [$($plain:literal),* $(,)?], modules: [$($module:literal),* $(,)?] $(,)?) => {
        &[
            $($plain,)*
            $(concat!($module, "'"), concat!($module, "\""), concat!($module, "/"),)*
        ]
    };
}

/// Puts together the ends of names and what stands between them and a text that is bound to them.
macro_rules! bound {
    ($($name:literal),* $(,)?) => {
        &[
            $(
                ($name, concat!($name, ": '")), ($name, concat!($name, ": \"")), ($name, concat!($name, ": `")),
                ($name, concat!($name, " = '")), ($name, concat!($name, " = \"")), ($name, concat!($name, " = `")),
                ($name, concat!($name, "': '")), ($name, concat!($name, "\": \"")),
                ($name, concat!($name, " || '")), ($name, concat!($name, " || \"")),
                ($name, concat!($name, " ?? '")), ($name, concat!($name, " ?? \"")),
            )*
        ]
    };
}

/// Names of libraries and calls that some fact begins with.
#[rustfmt::skip]
static NEEDLES: &[&str] = needles! {
    plain: [
        // Config.
        "process.", "process[", "process;", "process'", "process\"", "import.meta", "Deno.", "Bun.", "ConfigService",
        "NODE_ENV", "envSchema", "EnvSchema", "envVarsSchema", "validationSchema", "export * from", "PORT", " port:",
        ".env =", ".env !",
        // Servers, routes and jobs.
        ".listen(", "createServer", "setInterval(", ".get('/", ".get(\"/", ".post('/", ".post(\"/", ".put('/", ".put(\"/",
        ".delete('/", ".delete(\"/", ".route(", ".use('/", ".use(\"/", "(req, res", "(request, re", "(err, req", "(error, req", "(ctx", "Router",
        "export async function GET", "export async function POST", "NextApiRequest", "enableShutdownHooks", "SIGTERM",
        "resolvers", "graphql", "socket.on(", "io.on(", "io.of(", ".consume(", ".process(", ".migrate.", ".sync(",
        "runMigrations", "synchronize", "create table", "CREATE TABLE", "alter table", "ALTER TABLE",
        // Resources.
        "fetch(", "PRIVATE KEY", "mongodb://", "mongodb+srv://", "postgres://", "postgresql://", "mysql://", "redis://", "rediss://",
        "amqp://", "amqps://", "smtp://", "$disconnect", ".transaction(", "$transaction", ".upsert(", "findOrCreate",
        "unique: true", "withTransaction", "Sequelize(", "Sequelize as", "Sequelize from", "('sequelize')", "(\"sequelize\")", "SequelizeModule", "startTransaction", "dempotency-", "ON CONFLICT", "on conflict", ".disconnect(",
        ".quit(", "pool.end", "AbortSignal.timeout", "retryStrategy", "retry(", "retryWhen(", "timeout(", "reconnectStrategy", ".on('error'", ".on(\"error\"",
        // Streams.
        "console.", "logger.", "Logger.", "log.info(", "log.debug(", "log.error(", "log.warn(", "-request-id", "-Request-Id", "X-Request-ID", "-correlation-id", "-Correlation-Id", "traceparent",
        // Trust.
        "rejectUnauthorized", "strictSSL", "NODE_TLS", "Allow-Origin", "Strict-Transport", ".cookie(", "cookies.set(", "etCookie(",
        "enableCors", "problem+json", "jwt.", "@Controller", "@Catch", "@Injectable", "@Cron", "@Interval", "package.json",
    ],
    modules: [
        "express", "fastify", "koa", "@koa", "hapi", "@hapi", "@nestjs", "restify", "polka", "connect", "hono", "@hono", "elysia",
        "apollo-server", "@apollo", "graphql-yoga", "socket.io", "ws", "http", "https", "http2", "net", "json-server", "@feathersjs",
        "apollo-server-express", "express-graphql", "itty-router", "find-my-way", "express-promise-router", "koa-router", "@fastify",
        "env-var", "envalid", "envsafe", "znv", "@t3-oss", "convict", "dotenv", "config", "nconf", "env-schema",
        "node-cron", "cron", "node-schedule", "agenda", "bree", "croner", "toad-scheduler", "bull", "bullmq", "bee-queue", "kue",
        "pg-boss", "graphile-worker", "amqplib", "amqp-connection-manager", "kafkajs", "sqs-consumer", "nats", "@temporalio",
        "worker_threads", "piscina", "workerpool", "tinypool", "threads", "cluster", "umzug", "migrator", "synced-cron",
        "@godaddy", "lightship", "close-with-grace", "http-graceful-shutdown", "fastify-graceful-shutdown", "http-terminator",
        "stoppable", "@mgcrea", "exit-hook", "async-exit-hook", "node-graceful", "node-graceful-shutdown", "death", "@moebius", "exiting", "hapi-pulse", "express-graceful-shutdown",
        "pg", "pg-pool", "pg-promise", "postgres", "@neondatabase", "@vercel", "mysql", "mysql2", "mariadb", "mssql", "oracledb",
        "mongoose", "mongodb", "ioredis", "redis", "@upstash", "knex", "typeorm", "@mikro-orm",
        "@prisma", "sqlite3", "better-sqlite3", "sqlite", "drizzle-orm", "memcached", "memjs", "ldapjs", "nodemailer", "@elastic",
        "elasticsearch", "@opensearch-project", "meilisearch", "typesense", "algoliasearch", "openai", "@anthropic-ai",
        "@google", "@google-cloud", "google-auth-library", "@azure", "twilio", "stripe", "@sentry", "raven", "rollbar", "@rollbar",
        "minio", "cloudinary", "@sendgrid", "mailgun.js", "resend", "postmark", "@supabase", "@aws-sdk", "aws-sdk", "axios", "got",
        "node-fetch", "cross-fetch", "isomorphic-fetch", "undici", "needle", "request", "request-promise", "superagent", "ky",
        "soap", "graphql-request", "opossum", "cockatiel", "brakes", "mollitia", "p-retry", "async-retry", "retry", "promise-retry",
        "exponential-backoff", "backoff", "axios-retry", "retry-axios", "p-timeout", "async", "ts-retry",
        "winston", "winston-daily-rotate-file", "nest-winston", "pino", "pino-http", "nestjs-pino", "bunyan", "log4js", "morgan",
        "rotating-file-stream", "file-stream-rotator", "debug", "signale", "consola", "loglevel", "tslog", "npmlog",
        "simple-node-logger", "express-pino-logger", "koa-pino-logger", "hapi-pino", "express-request-id", "express-requestid",
        "koa-requestid", "cls-rtracer", "cls-hooked", "nestjs-cls", "async_hooks", "express-correlation-id",
        "fs", "fs-extra", "graceful-fs", "jsonfile", "write-file-atomic", "nedb", "@seald-io", "lowdb", "node-json-db", "node-persist",
        "multer", "formidable", "express-fileupload", "sharp", "child_process", "cross-spawn", "execa", "shelljs", "zx",
        "webpack", "webpack-dev-middleware", "ts-node", "esbuild", "esbuild-register", "vite", "rollup", "@babel", "babel-register", "@swc",
        "@swc-node", "tsx", "sucrase", "node-sass-middleware", "less-middleware", "stylus", "parcel-bundler", "@parcel", "daemonize-process", "daemon", "npid",
        "express-session", "fastify-session", "cookie-session", "koa-session", "koa-generic-session", "client-sessions", "iron-session",
        "next-session", "@remix-run", "node-cache", "lru-cache", "quick-lru", "memory-cache", "cache-manager", "apicache",
        "rate-limiter-flexible", "express-rate-limit", "express-slow-down", "express-brute", "koa-ratelimit", "@isaacs",
        "jsonwebtoken", "jose", "express-jwt", "koa-jwt", "passport", "passport-jwt", "fastify-jwt", "jwt-simple", "fast-jwt",
        "jwt-decode", "express-oauth2-jwt-bearer", "aws-jwt-verify", "@okta", "koa-passport", "express-basic-auth", "basic-auth",
        "express-openid-connect", "connect-ensure-login", "@clerk", "next-auth", "keycloak-connect", "accesscontrol", "@casl", "casbin",
        "express-jwt-permissions", "cors", "koa2-cors", "kcors", "fastify-cors", "helmet", "koa-helmet", "fastify-helmet", "hsts",
        "lusca", "csurf", "cookie-parser", "cryptr", "crypto", "express-sslify", "express-enforces-ssl", "express-force-https", "express-force-ssl", "koa-sslify",
        "prom-client", "express-prom-bundle", "fastify-metrics", "koa-prometheus", "prometheus-api-metrics",
        "express-prometheus-middleware", "@willsoto", "@opentelemetry", "swagger-stats", "hot-shots", "node-statsd",
        "express-status-monitor", "dd-trace", "elastic-apm-node", "applicationinsights", "@honeycombio", "jaeger-client", "newrelic",
        "swagger-jsdoc", "swagger-ui-express", "fastify-swagger", "hapi-swagger", "hono-openapi", "@asteasolutions",
        "express-openapi-validator", "koa2-swagger-ui", "openapi-backend", "express-openapi", "express-healthcheck",
        "express-actuator", "@cloudnative", "fastify-healthcheck", "http-problem-details", "express-http-problem-details", "api-problem",
    ],
};

/// Ends of names that are bound to addresses.
#[rustfmt::skip]
static ADDRESSES: &[(&str, &str)] = bound! {
    "url", "Url", "URL", "uri", "Uri", "URI", "endpoint", "Endpoint", "ENDPOINT", "origin", "Origin",
    "ORIGIN", "domain", "Domain", "DOMAIN", "api", "Api", "API", "base", "Base", "BASE", "server", "Server",
    "SERVER", "dsn", "DSN", "webhook", "Webhook", "WEBHOOK", "issuer", "Issuer", "broker", "BROKER",
    "connectionString",
};

/// Ends of names that are bound to hosts and buckets, which no scheme gives away.
#[rustfmt::skip]
static HOSTS: &[(&str, &str)] = bound! {
    "host", "Host", "HOST", "hostname", "Hostname", "bucket", "Bucket", "BUCKET", "ucketName", "UCKET_NAME",
    "ostName", "OST_NAME",
};

/// Ends of names that are bound to credentials.
#[rustfmt::skip]
static CREDENTIALS: &[(&str, &str)] = bound! {
    "secret", "Secret", "SECRET", "password", "Password", "PASSWORD", "passwd", "Passwd", "PASSWD", "pwd",
    "PWD", "Pwd", "token", "Token", "TOKEN", "Key", "KEY", "_key", "apikey", "passphrase", "Passphrase",
    "PASSPHRASE", "credential", "credentials",
};

static ALONE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(NEEDLES).ok());

static BOUND: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let all = [HOSTS, ADDRESSES, CREDENTIALS].concat();
    AhoCorasick::new(all.iter().map(|(_, needle)| *needle)).ok()
});

/// The libraries that only matter where they check the environment.
const SCHEMAS: [&str; 4] = ["zod", "joi", "yup", "class-validator"];

/// Whether a file may hold a fact besides its imports.
pub(super) fn may_hold_facts(text: &str) -> bool {
    let (Some(alone), Some(bound)) = (ALONE.as_ref(), BOUND.as_ref()) else {
        return true;
    };
    alone.is_match(text)
        || bound
            .find_overlapping_iter(text)
            .any(|hit| tells(text, hit.pattern().as_usize(), hit.start(), hit.end()))
        || memchr::memmem::find(text.as_bytes(), b"env").is_some()
            && SCHEMAS.iter().any(|module| text.contains(module))
}

/// Whether the text that is bound by a needle is an address or a credential.
fn tells(text: &str, number: usize, start: usize, end: usize) -> bool {
    if number < HOSTS.len() {
        return true;
    }
    let rest = text.get(end..).unwrap_or_default();
    let quote = text.as_bytes().get(end - 1).copied().unwrap_or_default();
    let length = memchr::memchr2(quote, b'\\', rest.as_bytes()).unwrap_or(rest.len());
    let value = rest.get(..length).unwrap_or_default();
    // What is escaped, or has a scheme, is looked at in full.
    if value.contains("://") || rest.as_bytes().get(length) == Some(&b'\\') {
        return true;
    }
    let Some((name, needle)) = number
        .checked_sub(HOSTS.len() + ADDRESSES.len())
        .and_then(|number| CREDENTIALS.get(number))
    else {
        return false;
    };
    let quoted = needle.as_bytes().get(name.len()).copied();
    let before = text.get(..start).unwrap_or_default();
    let begins = match quoted {
        Some(quote @ (b'\'' | b'"')) => memchr::memrchr2(quote, b'\n', before.as_bytes()),
        _ => before
            .bytes()
            .rposition(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))),
    };
    let begins = begins.map_or(0, |at| at + 1);
    text.get(begins..start + name.len())
        .is_none_or(|name| is_credential(name, value))
}
