//! The texts of which a file must hold one to be parsed.

/// Names of libraries and calls that some fact begins with.
pub(super) static NEEDLES: &[&str] = &[
    // Config.
    "process", "env", "Env", "ENV", "ConfigService", "export * from", "convict",
    // Values written down.
    "secret", "Secret", "SECRET", "password", "Password", "PASSWORD", "token", "Token", "TOKEN", "apiKey", "API_KEY",
    "api_key", "://", "PRIVATE KEY", "host", "Host", "HOST", "bucket", "Bucket", "BUCKET",
    // Servers, routes and jobs.
    "listen", "createServer", "express", "fastify", "koa", "hapi", "@nestjs", "socket.io", "apollo", "graphql",
    "Hono", "hono", "polka", "restify", "serve", "setInterval", "cron", "schedule", "agenda", "bull", "bree",
    "worker_threads", "cluster", "router", "Router", "req", "ctx", "terminus", "lightship", "graceful", "stoppable",
    // Resources.
    "pg", "mysql", "mongo", "redis", "Redis", "knex", "sequelize", "Sequelize", "typeorm", "prisma", "Prisma", "drizzle",
    "amqp", "kafka", "nats", "aws", "nodemailer", "axios", "got", "fetch", "undici", "superagent", "elastic",
    "opensearch", "sqlite", "openai", "anthropic", "twilio", "stripe", "Stripe", "memcached", "memjs", "minio", "ldap",
    "opossum", "cockatiel", "retry", "sentry", "Sentry", "http",
    // Streams.
    "console", "winston", "pino", "bunyan", "log4js", "morgan", "debug", "logger", "Logger", "AsyncLocalStorage", "cls-",
    // Files and processes.
    "fs", "multer", "formidable", "sharp", "jimp", "lowdb", "nedb", "child_process", "execa", "writeFile",
    // Trust and telemetry.
    "jwt", "jose", "passport", "cors", "helmet", "cookie", "csurf", "lusca", "rejectUnauthorized", "prom", "opentelemetry",
    "dd-trace", "newrelic", "apm", "swagger", "openapi", "rate-limit", "cache",
];
