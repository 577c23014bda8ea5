//! The clients that are known: one row a client.

use xii_model::ResourceKind;

/// How a client behaves when a setting is not given.
#[derive(Clone, Copy)]
pub(super) enum Unset {
    /// The library does what is wanted.
    Good,
    /// It does not.
    Bad,
    /// It cannot be told, or has no meaning for this client.
    Unknown,
}

use Unset::{Bad, Good, Unknown};

/// A client that is known.
pub(super) struct Client {
    /// The canonical path of the call that makes it.
    pub(super) path: &'static str,
    pub(super) kind: ResourceKind,
    pub(super) library: &'static str,
    /// Options that hold the locator, the likeliest first; without one it is the first argument.
    pub(super) locator: &'static [&'static str],
    /// Options that set a timeout, and what happens without.
    pub(super) timeout: (&'static [&'static str], Unset),
    /// Options that bound the pool, and what happens without.
    pub(super) pool: (&'static [&'static str], Unset),
    /// Options that set retries or reconnection, and what happens without.
    pub(super) retry: (&'static [&'static str], Unset),
}

const PG: &[&str] = &["connectionString", "host", "url"];
const HOST: &[&str] = &["url", "uri", "host", "connectionString", "path", "storage"];
const PG_TIME: &[&str] = &[
    "connectionTimeoutMillis",
    "query_timeout",
    "statement_timeout",
    "connect_timeout",
    "idle_timeout",
];
const MY_TIME: &[&str] = &["connectTimeout", "acquireTimeout", "timeout"];
const REDIS_TIME: &[&str] = &[
    "connectTimeout",
    "commandTimeout",
    "maxRetriesPerRequest",
    "socketTimeout",
    "pingInterval",
];
const REDIS_RETRY: &[&str] = &[
    "retryStrategy",
    "reconnectStrategy",
    "retry_strategy",
    "reconnectOnError",
];
const MONGO_TIME: &[&str] = &[
    "serverSelectionTimeoutMS",
    "socketTimeoutMS",
    "connectTimeoutMS",
    "timeoutMS",
    "maxTimeMS",
];
const ORM_TIME: &[&str] = &[
    "connectTimeoutMS",
    "acquireConnectionTimeout",
    "acquire",
    "connectTimeout",
    "extra",
    "statement_timeout",
];
const ORM_POOL: &[&str] = &["pool", "extra", "poolSize", "connectionLimit"];
const HTTP_TIME: &[&str] = &[
    "timeout",
    "signal",
    "headersTimeout",
    "bodyTimeout",
    "cancelToken",
];
const HTTP_RETRY: &[&str] = &["retry", "retries", "maxRetries", "raxConfig"];
const HTTP: &[&str] = &["url", "uri", "baseURL", "prefixUrl", "baseUrl"];
const MAIL: &[&str] = &["host", "service", "url"];
const MAIL_TIME: &[&str] = &["connectionTimeout", "greetingTimeout", "socketTimeout"];

/// A client without a timeout by default.
const fn slow(
    path: &'static str,
    kind: ResourceKind,
    library: &'static str,
    locator: &'static [&'static str],
    timeout: &'static [&'static str],
    pool: (&'static [&'static str], Unset),
    retry: (&'static [&'static str], Unset),
) -> Client {
    Client {
        path,
        kind,
        library,
        locator,
        timeout: (timeout, Bad),
        pool,
        retry,
    }
}

/// A client that sends requests over HTTP.
const fn http(path: &'static str, library: &'static str, unset: Unset) -> Client {
    Client {
        path,
        kind: ResourceKind::Http,
        library,
        locator: HTTP,
        timeout: (HTTP_TIME, unset),
        pool: (&[], Unknown),
        retry: (HTTP_RETRY, Bad),
    }
}

/// A service reached through its own library, which brings its address, a timeout and retries.
const fn sdk(path: &'static str, kind: ResourceKind, library: &'static str) -> Client {
    Client {
        path,
        kind,
        library,
        locator: &[
            "baseURL", "endpoint", "url", "node", "host", "dsn", "basePath",
        ],
        timeout: (&["timeout", "requestTimeout"], Good),
        pool: (&[], Unknown),
        retry: (&["maxRetries", "maxNetworkRetries", "retries"], Good),
    }
}

const NONE: (&[&str], Unset) = (&[], Unknown);

/// Every client that is known.
#[rustfmt::skip]
pub(super) static CLIENTS: &[Client] = &[
    slow("pg.Pool", ResourceKind::Postgres, "pg", PG, PG_TIME, (&["max"], Good), (&[], Good)),
    slow("pg.default.Pool", ResourceKind::Postgres, "pg", PG, PG_TIME, (&["max"], Good), (&[], Good)),
    slow("pg.native.Pool", ResourceKind::Postgres, "pg", PG, PG_TIME, (&["max"], Good), (&[], Good)),
    slow("pg-pool", ResourceKind::Postgres, "pg", PG, PG_TIME, (&["max"], Good), (&[], Good)),
    slow("pg.Client", ResourceKind::Postgres, "pg", PG, PG_TIME, (&[], Bad), (&[], Bad)),
    slow("pg.native.Client", ResourceKind::Postgres, "pg", PG, PG_TIME, (&[], Bad), (&[], Bad)),
    slow("pg-promise()", ResourceKind::Postgres, "pg-promise", PG, PG_TIME, (&["max"], Good), (&[], Good)),
    slow("postgres", ResourceKind::Postgres, "postgres", PG, PG_TIME, (&["max"], Good), (&[], Good)),
    slow("@neondatabase/serverless.neon", ResourceKind::Postgres, "@neondatabase/serverless", PG, &["fetchOptions"], NONE, NONE),
    slow("@vercel/postgres.createPool", ResourceKind::Postgres, "@vercel/postgres", PG, PG_TIME, (&["max"], Good), (&[], Good)),
    slow("mysql.createConnection", ResourceKind::MySql, "mysql", HOST, MY_TIME, (&[], Bad), (&[], Bad)),
    slow("mysql.createPool", ResourceKind::MySql, "mysql", HOST, MY_TIME, (&["connectionLimit"], Good), (&[], Good)),
    slow("mysql2.createConnection", ResourceKind::MySql, "mysql2", HOST, MY_TIME, (&[], Bad), (&[], Bad)),
    slow("mysql2.createPool", ResourceKind::MySql, "mysql2", HOST, MY_TIME, (&["connectionLimit"], Good), (&[], Good)),
    slow("mariadb.createPool", ResourceKind::MySql, "mariadb", HOST, MY_TIME, (&["connectionLimit"], Good), (&[], Good)),
    slow("mssql.connect", ResourceKind::SqlServer, "mssql", &["server", "connectionString"], &["connectionTimeout", "requestTimeout"], (&["pool"], Good), NONE),
    slow("mssql.ConnectionPool", ResourceKind::SqlServer, "mssql", &["server", "connectionString"], &["connectionTimeout", "requestTimeout"], (&["pool"], Good), NONE),
    slow("oracledb.createPool", ResourceKind::Oracle, "oracledb", &["connectString", "connectionString"], &["queueTimeout", "connectTimeout"], (&["poolMax"], Good), NONE),
    Client { path: "mongoose.connect", kind: ResourceKind::Mongo, library: "mongoose", locator: &[], timeout: (MONGO_TIME, Bad), pool: (&["maxPoolSize", "poolSize"], Good), retry: (&["retryWrites"], Good) },
    Client { path: "mongoose.createConnection", kind: ResourceKind::Mongo, library: "mongoose", locator: &[], timeout: (MONGO_TIME, Bad), pool: (&["maxPoolSize", "poolSize"], Good), retry: (&["retryWrites"], Good) },
    Client { path: "mongodb.MongoClient", kind: ResourceKind::Mongo, library: "mongodb", locator: &[], timeout: (MONGO_TIME, Bad), pool: (&["maxPoolSize"], Good), retry: (&["retryWrites"], Good) },
    Client { path: "mongodb.MongoClient.connect", kind: ResourceKind::Mongo, library: "mongodb", locator: &[], timeout: (MONGO_TIME, Bad), pool: (&["maxPoolSize"], Good), retry: (&["retryWrites"], Good) },
    Client { path: "@nestjs/mongoose.MongooseModule.forRoot", kind: ResourceKind::Mongo, library: "mongoose", locator: &["uri"], timeout: (MONGO_TIME, Bad), pool: (&["maxPoolSize"], Good), retry: (&["retryAttempts"], Good) },
    Client { path: "ioredis", kind: ResourceKind::Redis, library: "ioredis", locator: HOST, timeout: (REDIS_TIME, Bad), pool: NONE, retry: (REDIS_RETRY, Good) },
    Client { path: "ioredis.Cluster", kind: ResourceKind::Redis, library: "ioredis", locator: HOST, timeout: (REDIS_TIME, Bad), pool: NONE, retry: (&["clusterRetryStrategy"], Good) },
    Client { path: "redis.createClient", kind: ResourceKind::Redis, library: "redis", locator: HOST, timeout: (REDIS_TIME, Bad), pool: NONE, retry: (REDIS_RETRY, Good) },
    Client { path: "redis.createCluster", kind: ResourceKind::Redis, library: "redis", locator: &["rootNodes"], timeout: (REDIS_TIME, Bad), pool: NONE, retry: (REDIS_RETRY, Good) },
    Client { path: "@upstash/redis.Redis", kind: ResourceKind::Redis, library: "@upstash/redis", locator: &["url"], timeout: (&[], Unknown), pool: NONE, retry: (&["retry"], Good) },
    Client { path: "knex", kind: ResourceKind::Sql, library: "knex", locator: &["connection"], timeout: (&["acquireConnectionTimeout"], Unknown), pool: (&["pool"], Good), retry: NONE },
    Client { path: "knex.knex", kind: ResourceKind::Sql, library: "knex", locator: &["connection"], timeout: (&["acquireConnectionTimeout"], Unknown), pool: (&["pool"], Good), retry: NONE },
    Client { path: "sequelize.Sequelize", kind: ResourceKind::Sql, library: "sequelize", locator: HOST, timeout: (ORM_TIME, Unknown), pool: (ORM_POOL, Good), retry: (&["retry"], Unknown) },
    Client { path: "sequelize", kind: ResourceKind::Sql, library: "sequelize", locator: HOST, timeout: (ORM_TIME, Unknown), pool: (ORM_POOL, Good), retry: (&["retry"], Unknown) },
    Client { path: "typeorm.DataSource", kind: ResourceKind::Sql, library: "typeorm", locator: HOST, timeout: (ORM_TIME, Unknown), pool: (ORM_POOL, Good), retry: NONE },
    Client { path: "typeorm.createConnection", kind: ResourceKind::Sql, library: "typeorm", locator: HOST, timeout: (ORM_TIME, Unknown), pool: (ORM_POOL, Good), retry: NONE },
    Client { path: "@nestjs/typeorm.TypeOrmModule.forRoot", kind: ResourceKind::Sql, library: "typeorm", locator: HOST, timeout: (ORM_TIME, Unknown), pool: (ORM_POOL, Good), retry: (&["retryAttempts"], Good) },
    Client { path: "@nestjs/sequelize.SequelizeModule.forRoot", kind: ResourceKind::Sql, library: "sequelize", locator: HOST, timeout: (ORM_TIME, Unknown), pool: (ORM_POOL, Good), retry: (&["retryAttempts"], Good) },
    Client { path: "@mikro-orm/core.MikroORM.init", kind: ResourceKind::Sql, library: "mikro-orm", locator: &["clientUrl", "host"], timeout: (ORM_TIME, Unknown), pool: (ORM_POOL, Good), retry: NONE },
    Client { path: "@prisma/client.PrismaClient", kind: ResourceKind::Sql, library: "prisma", locator: &["datasourceUrl", "datasources"], timeout: (&["transactionOptions"], Unknown), pool: (&[], Good), retry: (&[], Good) },
    Client { path: "sqlite3.Database", kind: ResourceKind::Sqlite, library: "sqlite3", locator: &[], timeout: (&[], Unknown), pool: NONE, retry: NONE },
    Client { path: "better-sqlite3", kind: ResourceKind::Sqlite, library: "better-sqlite3", locator: &[], timeout: (&["timeout"], Good), pool: NONE, retry: NONE },
    Client { path: "sqlite.open", kind: ResourceKind::Sqlite, library: "sqlite", locator: &["filename"], timeout: (&[], Unknown), pool: NONE, retry: NONE },
    Client { path: "amqplib.connect", kind: ResourceKind::Amqp, library: "amqplib", locator: &["hostname", "url"], timeout: (&["timeout", "heartbeat"], Unknown), pool: NONE, retry: (&[], Bad) },
    Client { path: "amqplib/callback_api.connect", kind: ResourceKind::Amqp, library: "amqplib", locator: &["hostname", "url"], timeout: (&["timeout", "heartbeat"], Unknown), pool: NONE, retry: (&[], Bad) },
    Client { path: "amqp-connection-manager.connect", kind: ResourceKind::Amqp, library: "amqp-connection-manager", locator: &[], timeout: (&["heartbeatIntervalInSeconds"], Good), pool: NONE, retry: (&[], Good) },
    Client { path: "kafkajs.Kafka", kind: ResourceKind::Kafka, library: "kafkajs", locator: &["brokers"], timeout: (&["connectionTimeout", "requestTimeout"], Good), pool: NONE, retry: (&["retry"], Good) },
    Client { path: "nats.connect", kind: ResourceKind::Nats, library: "nats", locator: &["servers"], timeout: (&["timeout"], Good), pool: NONE, retry: (&["reconnect"], Good) },
    Client { path: "bull", kind: ResourceKind::Redis, library: "bull", locator: &["redis", "url"], timeout: (&[], Unknown), pool: NONE, retry: (&[], Good) },
    Client { path: "bullmq.Queue", kind: ResourceKind::Redis, library: "bullmq", locator: &["connection"], timeout: (&[], Unknown), pool: NONE, retry: (&[], Good) },
    Client { path: "bullmq.Worker", kind: ResourceKind::Redis, library: "bullmq", locator: &["connection"], timeout: (&[], Unknown), pool: NONE, retry: (&[], Good) },
    Client { path: "bee-queue", kind: ResourceKind::Redis, library: "bee-queue", locator: &["redis"], timeout: (&[], Unknown), pool: NONE, retry: (&[], Good) },
    Client { path: "@nestjs/bull.BullModule.forRoot", kind: ResourceKind::Redis, library: "bull", locator: &["redis", "url"], timeout: (&[], Unknown), pool: NONE, retry: (&[], Good) },
    Client { path: "@nestjs/bullmq.BullModule.forRoot", kind: ResourceKind::Redis, library: "bullmq", locator: &["connection"], timeout: (&[], Unknown), pool: NONE, retry: (&[], Good) },
    Client { path: "nodemailer.createTransport", kind: ResourceKind::Mail, library: "nodemailer", locator: MAIL, timeout: (MAIL_TIME, Good), pool: (&["pool"], Unknown), retry: NONE },
    Client { path: "memcached", kind: ResourceKind::Memcached, library: "memcached", locator: &[], timeout: (&["timeout"], Good), pool: (&["poolSize"], Good), retry: (&["retries"], Good) },
    Client { path: "memjs.Client.create", kind: ResourceKind::Memcached, library: "memjs", locator: &[], timeout: (&["timeout"], Good), pool: NONE, retry: (&["retries"], Good) },
    Client { path: "ldapjs.createClient", kind: ResourceKind::Ldap, library: "ldapjs", locator: &["url"], timeout: (&["timeout", "connectTimeout"], Bad), pool: NONE, retry: (&["reconnect"], Bad) },
    sdk("@elastic/elasticsearch.Client", ResourceKind::Search, "@elastic/elasticsearch"),
    sdk("elasticsearch.Client", ResourceKind::Search, "elasticsearch"),
    sdk("@opensearch-project/opensearch.Client", ResourceKind::Search, "@opensearch-project/opensearch"),
    sdk("meilisearch.MeiliSearch", ResourceKind::Search, "meilisearch"),
    sdk("typesense.Client", ResourceKind::Search, "typesense"),
    sdk("algoliasearch", ResourceKind::Search, "algoliasearch"),
    sdk("openai", ResourceKind::Llm, "openai"),
    sdk("openai.AzureOpenAI", ResourceKind::Llm, "openai"),
    sdk("openai.OpenAIApi", ResourceKind::Llm, "openai"),
    sdk("@anthropic-ai/sdk", ResourceKind::Llm, "@anthropic-ai/sdk"),
    sdk("@google/generative-ai.GoogleGenerativeAI", ResourceKind::Llm, "@google/generative-ai"),
    sdk("twilio", ResourceKind::Sms, "twilio"),
    sdk("twilio.Twilio", ResourceKind::Sms, "twilio"),
    sdk("stripe", ResourceKind::Payment, "stripe"),
    sdk("stripe.Stripe", ResourceKind::Payment, "stripe"),
    sdk("@sentry/node.init", ResourceKind::ErrorTracker, "@sentry/node"),
    sdk("@sentry/nestjs.init", ResourceKind::ErrorTracker, "@sentry/nestjs"),
    sdk("@sentry/nextjs.init", ResourceKind::ErrorTracker, "@sentry/nextjs"),
    sdk("raven.config", ResourceKind::ErrorTracker, "raven"),
    sdk("@rollbar/node", ResourceKind::ErrorTracker, "rollbar"),
    sdk("rollbar", ResourceKind::ErrorTracker, "rollbar"),
    sdk("minio.Client", ResourceKind::ObjectStore, "minio"),
    sdk("@google-cloud/storage.Storage", ResourceKind::ObjectStore, "@google-cloud/storage"),
    sdk("@google-cloud/pubsub.PubSub", ResourceKind::Queue, "@google-cloud/pubsub"),
    sdk("@azure/storage-blob.BlobServiceClient.fromConnectionString", ResourceKind::ObjectStore, "@azure/storage-blob"),
    sdk("@azure/storage-blob.BlobServiceClient", ResourceKind::ObjectStore, "@azure/storage-blob"),
    sdk("@azure/service-bus.ServiceBusClient", ResourceKind::Queue, "@azure/service-bus"),
    sdk("cloudinary.v2.config", ResourceKind::ObjectStore, "cloudinary"),
    sdk("@sendgrid/mail.setApiKey", ResourceKind::Mail, "@sendgrid/mail"),
    sdk("mailgun.js().client", ResourceKind::Mail, "mailgun.js"),
    sdk("resend.Resend", ResourceKind::Mail, "resend"),
    sdk("postmark.ServerClient", ResourceKind::Mail, "postmark"),
    sdk("@supabase/supabase-js.createClient", ResourceKind::Postgres, "@supabase/supabase-js"),
    http("axios", "axios", Bad), http("axios.get", "axios", Bad), http("axios.post", "axios", Bad),
    http("axios.put", "axios", Bad), http("axios.patch", "axios", Bad), http("axios.delete", "axios", Bad),
    http("axios.request", "axios", Bad), http("axios.create", "axios", Bad),
    http("fetch", "fetch", Bad), http("node-fetch", "node-fetch", Bad), http("cross-fetch", "cross-fetch", Bad),
    http("isomorphic-fetch", "isomorphic-fetch", Bad),
    http("got", "got", Bad), http("got.get", "got", Bad), http("got.post", "got", Bad), http("got.extend", "got", Bad),
    http("undici.fetch", "undici", Bad), http("undici.request", "undici", Good), http("undici.Client", "undici", Good),
    http("undici.Pool", "undici", Good),
    http("needle", "needle", Bad), http("needle.get", "needle", Bad), http("needle.post", "needle", Bad),
    http("request", "request", Bad), http("request.get", "request", Bad), http("request.post", "request", Bad),
    http("request-promise", "request-promise", Bad), http("request-promise-native", "request-promise", Bad),
    http("superagent.get", "superagent", Bad), http("superagent.post", "superagent", Bad),
    http("ky", "ky", Good), http("ky.get", "ky", Good), http("ky.post", "ky", Good), http("ky.create", "ky", Good),
    http("http.request", "node:http", Bad), http("https.request", "node:https", Bad),
    http("http.get", "node:http", Bad), http("https.get", "node:https", Bad),
    http("soap.createClientAsync", "soap", Bad), http("graphql-request.GraphQLClient", "graphql-request", Bad),
    http("graphql-request.request", "graphql-request", Bad),
    http("@nestjs/axios.HttpModule.register", "@nestjs/axios", Bad),
];
