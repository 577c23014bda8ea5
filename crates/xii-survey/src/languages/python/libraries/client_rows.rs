//! Clients of backing services. To add one, add a row.

/// A client of a backing service.
#[derive(Debug)]
pub(super) struct ClientRow {
    /// The canonical path of what makes the client, or of the call that sends a request.
    pub(super) path: &'static str,
    /// What it talks to; see `kind` in `clients.rs`.
    pub(super) kind: &'static str,
    pub(super) library: &'static str,
    /// The positional argument that is the locator.
    pub(super) arg: Option<usize>,
    /// The keywords that may hold the locator, the likeliest first.
    pub(super) keywords: &'static [&'static str],
    pub(super) timeout: Choice,
    pub(super) pool: Choice,
    pub(super) retry: Choice,
    /// It is a call that sends a request, not something that is kept.
    pub(super) call: bool,
}

/// The keywords that give an option, and what counts when none does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    pub(super) keywords: &'static [&'static str],
    pub(super) default: Otherwise,
}

/// What the library does when an option is not given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Otherwise {
    Good,
    Bad,
    Unknown,
}

use Otherwise::{Bad, Good, Unknown};

const UNKNOWN: Choice = Choice {
    keywords: &[],
    default: Unknown,
};

const fn client(
    path: &'static str,
    kind: &'static str,
    library: &'static str,
    arg: Option<usize>,
    keywords: &'static [&'static str],
) -> ClientRow {
    ClientRow {
        path,
        kind,
        library,
        arg,
        keywords,
        timeout: UNKNOWN,
        pool: UNKNOWN,
        retry: UNKNOWN,
        call: false,
    }
}

impl ClientRow {
    const fn timeout(mut self, keywords: &'static [&'static str], default: Otherwise) -> Self {
        self.timeout = Choice { keywords, default };
        self
    }

    const fn pool(mut self, keywords: &'static [&'static str], default: Otherwise) -> Self {
        self.pool = Choice { keywords, default };
        self
    }

    const fn retry(mut self, keywords: &'static [&'static str], default: Otherwise) -> Self {
        self.retry = Choice { keywords, default };
        self
    }

    const fn call(mut self) -> Self {
        self.call = true;
        self
    }
}

/// SQLAlchemy's engines: pooled for 30 s; a stale connection is only noticed when it is asked to look.
const fn engine(path: &'static str, library: &'static str) -> ClientRow {
    client(path, "sql", library, Some(0), &["url", "name_or_url"])
        .timeout(&["connect_args", "pool_timeout"], Bad)
        .pool(&["pool_size", "poolclass", "max_overflow"], Good)
        .retry(&["pool_pre_ping", "pool_recycle"], Bad)
}

/// redis-py: no timeout, a pool without bound, reconnects with the next command.
const fn redis(path: &'static str, keywords: &'static [&'static str]) -> ClientRow {
    client(path, "redis", "redis", Some(0), keywords)
        .timeout(
            &["socket_timeout", "socket_connect_timeout", "timeout"],
            Bad,
        )
        .pool(&["connection_pool", "max_connections"], Good)
        .retry(
            &[
                "retry",
                "retry_on_timeout",
                "retry_on_error",
                "health_check_interval",
            ],
            Good,
        )
}

/// MongoDB's drivers: 30 s to find a server, pooled, writes are tried again once.
const fn mongo(
    path: &'static str,
    library: &'static str,
    keywords: &'static [&'static str],
) -> ClientRow {
    client(path, "mongodb", library, Some(0), keywords)
        .timeout(
            &[
                "serverSelectionTimeoutMS",
                "timeoutMS",
                "socketTimeoutMS",
                "connectTimeoutMS",
            ],
            Good,
        )
        .pool(&["maxPoolSize"], Good)
        .retry(&["retryWrites"], Good)
}

/// requests: no timeout unless one is given, no retry.
const fn request(path: &'static str, arg: usize) -> ClientRow {
    client(path, "http", "requests", Some(arg), &["url"])
        .timeout(&["timeout"], Bad)
        .retry(&[], Unknown)
        .call()
}

/// httpx: 5 s unless another is given.
const fn httpx(path: &'static str, arg: usize) -> ClientRow {
    client(path, "http", "httpx", Some(arg), &["url"])
        .timeout(&["timeout"], Good)
        .call()
}

/// A driver that opens one connection.
const fn connection(path: &'static str, kind: &'static str, library: &'static str) -> ClientRow {
    client(path, kind, library, Some(0), &["dsn", "conninfo", "host"])
        .timeout(
            &["connect_timeout", "timeout", "command_timeout", "options"],
            Bad,
        )
        .pool(&[], Bad)
        .retry(&[], Bad)
}

/// A pool of a driver that waits a bounded time.
const fn pool(path: &'static str, kind: &'static str, library: &'static str) -> ClientRow {
    client(path, kind, library, Some(0), &["dsn", "conninfo", "host"])
        .timeout(&["timeout", "command_timeout", "connect_timeout"], Good)
        .pool(&["max_size", "maxsize", "min_size", "maxconn"], Good)
        .retry(&["reconnect_timeout"], Good)
}

/// An AMQP connection that does not come back by itself.
const fn amqp(path: &'static str, library: &'static str) -> ClientRow {
    client(path, "amqp", library, Some(0), &["url", "host", "hostname"])
        .timeout(
            &[
                "timeout",
                "socket_timeout",
                "blocked_connection_timeout",
                "connect_timeout",
            ],
            Good,
        )
        .retry(
            &["connection_attempts", "retry_delay", "transport_options"],
            Bad,
        )
}

/// A Kafka client, which reconnects by itself.
const fn kafka(path: &'static str, library: &'static str) -> ClientRow {
    client(
        path,
        "kafka",
        library,
        None,
        &["bootstrap_servers", "bootstrap.servers"],
    )
    .timeout(&["request_timeout_ms"], Good)
    .retry(&["retries", "retry_backoff_ms"], Good)
}

/// A client whose library sets a timeout and retries by itself.
const fn sound(
    path: &'static str,
    kind: &'static str,
    library: &'static str,
    arg: Option<usize>,
    keywords: &'static [&'static str],
) -> ClientRow {
    client(path, kind, library, arg, keywords)
        .timeout(&["timeout", "request_timeout"], Good)
        .retry(&["max_retries", "retries"], Good)
        .pool(&[], Good)
}

/// Whether a top-level module is one of a library that the tables know, so that what it gives is not
/// the app's own config.
pub(in crate::languages::python) fn is_known_library(module: &str) -> bool {
    ROWS.iter()
        .any(|row| row.path.split('.').next() == Some(module))
        || matches!(
            module,
            "dj_database_url" | "dj_email_url" | "yaml" | "toml" | "dotenv" | "numpy" | "pandas"
        )
}

/// The clients.
#[rustfmt::skip]
pub(super) const ROWS: &[ClientRow] = &[
    engine("sqlalchemy.create_engine", "sqlalchemy"),
    engine("sqlalchemy.engine.create_engine", "sqlalchemy"),
    engine("sqlalchemy.ext.asyncio.create_async_engine", "sqlalchemy"),
    engine("sqlalchemy.ext.asyncio.engine.create_async_engine", "sqlalchemy"),
    engine("sqlmodel.create_engine", "sqlmodel"),
    client("databases.Database", "sql", "databases", Some(0), &["url"]).pool(&["min_size", "max_size"], Good),
    client("dataset.connect", "sql", "dataset", Some(0), &["url"]),
    client("tortoise.Tortoise.init", "sql", "tortoise-orm", None, &["db_url"]).pool(&[], Good),
    client("tortoise.contrib.fastapi.register_tortoise", "sql", "tortoise-orm", None, &["db_url"]).pool(&[], Good),
    client("playhouse.db_url.connect", "sql", "peewee", Some(0), &["url"]).pool(&[], Bad),
    client("peewee.PostgresqlDatabase", "postgres", "peewee", None, &["host"]).pool(&[], Bad),
    client("peewee.MySQLDatabase", "mysql", "peewee", None, &["host"]).pool(&[], Bad),
    client("peewee.SqliteDatabase", "sqlite", "peewee", Some(0), &["database"]),
    connection("psycopg2.connect", "postgres", "psycopg2"),
    connection("psycopg.connect", "postgres", "psycopg"),
    connection("psycopg.Connection.connect", "postgres", "psycopg"),
    connection("psycopg.AsyncConnection.connect", "postgres", "psycopg"),
    connection("aiopg.connect", "postgres", "aiopg"),
    client("asyncpg.connect", "postgres", "asyncpg", Some(0), &["dsn", "host"])
        .timeout(&["timeout", "command_timeout"], Good)
        .pool(&[], Bad)
        .retry(&[], Bad),
    pool("asyncpg.create_pool", "postgres", "asyncpg"),
    pool("aiopg.create_pool", "postgres", "aiopg"),
    pool("psycopg_pool.ConnectionPool", "postgres", "psycopg-pool"),
    pool("psycopg_pool.AsyncConnectionPool", "postgres", "psycopg-pool"),
    client("psycopg2.pool.SimpleConnectionPool", "postgres", "psycopg2", Some(2), &["dsn", "host"])
        .timeout(&["connect_timeout"], Bad)
        .pool(&[], Good),
    client("psycopg2.pool.ThreadedConnectionPool", "postgres", "psycopg2", Some(2), &["dsn", "host"])
        .timeout(&["connect_timeout"], Bad)
        .pool(&[], Good),
    connection("pymysql.connect", "mysql", "pymysql"),
    connection("MySQLdb.connect", "mysql", "mysqlclient"),
    connection("mysql.connector.connect", "mysql", "mysql-connector"),
    pool("aiomysql.create_pool", "mysql", "aiomysql"),
    connection("pyodbc.connect", "sqlserver", "pyodbc"),
    connection("pymssql.connect", "sqlserver", "pymssql"),
    connection("oracledb.connect", "oracle", "oracledb"),
    connection("cx_Oracle.connect", "oracle", "cx_Oracle"),
    client("sqlite3.connect", "sqlite", "sqlite3", Some(0), &["database"]),
    client("aiosqlite.connect", "sqlite", "aiosqlite", Some(0), &["database"]),
    redis("redis.Redis", &["host", "connection_pool"]),
    redis("redis.StrictRedis", &["host"]),
    redis("redis.from_url", &["url"]),
    redis("redis.Redis.from_url", &["url"]),
    redis("redis.StrictRedis.from_url", &["url"]),
    redis("redis.ConnectionPool", &["host"]),
    redis("redis.ConnectionPool.from_url", &["url"]),
    redis("redis.asyncio.Redis", &["host"]),
    redis("redis.asyncio.from_url", &["url"]),
    redis("redis.asyncio.Redis.from_url", &["url"]),
    redis("redis.asyncio.ConnectionPool.from_url", &["url"]),
    redis("redis.cluster.RedisCluster", &["host"]),
    redis("aioredis.from_url", &["url"]),
    redis("aioredis.create_redis_pool", &["address"]),
    redis("flask_redis.FlaskRedis", &["url"]),
    mongo("pymongo.MongoClient", "pymongo", &["host"]),
    mongo("pymongo.AsyncMongoClient", "pymongo", &["host"]),
    mongo("pymongo.mongo_client.MongoClient", "pymongo", &["host"]),
    mongo("motor.motor_asyncio.AsyncIOMotorClient", "motor", &["host"]),
    mongo("flask_pymongo.PyMongo", "flask-pymongo", &["uri"]),
    client("mongoengine.connect", "mongodb", "mongoengine", None, &["host"]).timeout(&["serverSelectionTimeoutMS"], Good).pool(&[], Good),
    request("requests.get", 0),
    request("requests.post", 0),
    request("requests.put", 0),
    request("requests.patch", 0),
    request("requests.delete", 0),
    request("requests.head", 0),
    request("requests.options", 0),
    request("requests.request", 1),
    request("requests.Session().get", 0),
    request("requests.Session().post", 0),
    request("requests.Session().put", 0),
    request("requests.Session().patch", 0),
    request("requests.Session().delete", 0),
    request("requests.Session().request", 1),
    request("requests.session().get", 0),
    request("requests.session().post", 0),
    httpx("httpx.get", 0),
    httpx("httpx.post", 0),
    httpx("httpx.put", 0),
    httpx("httpx.patch", 0),
    httpx("httpx.delete", 0),
    httpx("httpx.request", 1),
    httpx("httpx.stream", 1),
    sound("httpx.Client", "http", "httpx", None, &["base_url"]),
    sound("httpx.AsyncClient", "http", "httpx", None, &["base_url"]),
    sound("aiohttp.ClientSession", "http", "aiohttp", Some(0), &["base_url"]),
    client("urllib.request.urlopen", "http", "urllib", Some(0), &["url"]).timeout(&["timeout"], Bad).retry(&[], Bad).call(),
    client("urllib.request.urlretrieve", "http", "urllib", Some(0), &["url"]).timeout(&[], Bad).retry(&[], Bad).call(),
    client("urllib3.PoolManager", "http", "urllib3", None, &[]).timeout(&["timeout"], Bad).pool(&["maxsize"], Good).retry(&["retries"], Good),
    client("http.client.HTTPConnection", "http", "http.client", Some(0), &["host"]).timeout(&["timeout"], Bad).pool(&[], Bad).retry(&[], Bad),
    client("http.client.HTTPSConnection", "http", "http.client", Some(0), &["host"]).timeout(&["timeout"], Bad).pool(&[], Bad).retry(&[], Bad),
    sound("slack_sdk.WebClient", "http", "slack-sdk", None, &["base_url"]),
    client("grpc.insecure_channel", "http", "grpc", Some(0), &["target"]),
    client("grpc.secure_channel", "http", "grpc", Some(0), &["target"]),
    client("grpc.aio.insecure_channel", "http", "grpc", Some(0), &["target"]),
    client("xmlrpc.client.ServerProxy", "http", "xmlrpc", Some(0), &["uri"]).timeout(&[], Bad),
    sound("boto3.client", "boto3", "boto3", None, &["endpoint_url"]),
    sound("boto3.resource", "boto3", "boto3", None, &["endpoint_url"]),
    sound("boto3.Session().client", "boto3", "boto3", None, &["endpoint_url"]),
    sound("boto3.session.Session().client", "boto3", "boto3", None, &["endpoint_url"]),
    sound("boto3.Session().resource", "boto3", "boto3", None, &["endpoint_url"]),
    sound("aioboto3.Session().client", "boto3", "aioboto3", None, &["endpoint_url"]),
    sound("minio.Minio", "object-store", "minio", Some(0), &["endpoint"]),
    sound("google.cloud.storage.Client", "object-store", "google-cloud-storage", None, &[]),
    sound("google.cloud.pubsub_v1.PublisherClient", "queue", "google-cloud-pubsub", None, &[]),
    sound("google.cloud.pubsub_v1.SubscriberClient", "queue", "google-cloud-pubsub", None, &[]),
    sound("google.cloud.firestore.Client", "firestore", "google-cloud-firestore", None, &[]),
    sound("google.cloud.bigquery.Client", "bigquery", "google-cloud-bigquery", None, &[]),
    sound("azure.storage.blob.BlobServiceClient", "object-store", "azure-storage-blob", Some(0), &["account_url"]),
    sound("azure.storage.blob.BlobServiceClient.from_connection_string", "object-store", "azure-storage-blob", Some(0), &["conn_str"]),
    amqp("pika.BlockingConnection", "pika"),
    amqp("pika.SelectConnection", "pika"),
    amqp("aio_pika.connect", "aio-pika"),
    sound("aio_pika.connect_robust", "amqp", "aio-pika", Some(0), &["url", "host"]),
    amqp("kombu.Connection", "kombu"),
    kafka("kafka.KafkaProducer", "kafka-python"),
    kafka("kafka.KafkaConsumer", "kafka-python"),
    kafka("aiokafka.AIOKafkaProducer", "aiokafka"),
    kafka("aiokafka.AIOKafkaConsumer", "aiokafka"),
    kafka("confluent_kafka.Producer", "confluent-kafka"),
    kafka("confluent_kafka.Consumer", "confluent-kafka"),
    sound("nats.connect", "nats", "nats-py", Some(0), &["servers"]),
    client("smtplib.SMTP", "mail", "smtplib", Some(0), &["host"]).timeout(&["timeout"], Bad).pool(&[], Bad).retry(&[], Bad),
    client("smtplib.SMTP_SSL", "mail", "smtplib", Some(0), &["host"]).timeout(&["timeout"], Bad).pool(&[], Bad).retry(&[], Bad),
    sound("aiosmtplib.send", "mail", "aiosmtplib", None, &["hostname"]),
    sound("aiosmtplib.SMTP", "mail", "aiosmtplib", None, &["hostname"]),
    client("sendgrid.SendGridAPIClient", "mail", "sendgrid", None, &["host"]),
    client("imaplib.IMAP4_SSL", "mail", "imaplib", Some(0), &["host"]).timeout(&["timeout"], Bad),
    sound("elasticsearch.Elasticsearch", "search", "elasticsearch", Some(0), &["hosts", "cloud_id"]),
    sound("elasticsearch.AsyncElasticsearch", "search", "elasticsearch", Some(0), &["hosts", "cloud_id"]),
    sound("elasticsearch_dsl.connections.create_connection", "search", "elasticsearch-dsl", None, &["hosts"]),
    sound("opensearchpy.OpenSearch", "search", "opensearch-py", Some(0), &["hosts"]),
    client("meilisearch.Client", "search", "meilisearch", Some(0), &["url"]).timeout(&["timeout"], Bad),
    client("typesense.Client", "search", "typesense", None, &["nodes"]),
    client("pysolr.Solr", "search", "pysolr", Some(0), &["url"]).timeout(&["timeout"], Good),
    sound("qdrant_client.QdrantClient", "qdrant", "qdrant-client", Some(0), &["url", "host", "location"]),
    client("chromadb.HttpClient", "chroma", "chromadb", None, &["host"]),
    client("weaviate.connect_to_custom", "weaviate", "weaviate", None, &["http_host"]),
    client("pymemcache.client.base.Client", "memcached", "pymemcache", Some(0), &["server"]).timeout(&["timeout", "connect_timeout"], Bad),
    client("pymemcache.Client", "memcached", "pymemcache", Some(0), &["server"]).timeout(&["timeout", "connect_timeout"], Bad),
    client("pylibmc.Client", "memcached", "pylibmc", Some(0), &["servers"]),
    client("ldap.initialize", "ldap", "python-ldap", Some(0), &["uri"]).timeout(&[], Bad),
    client("ldap3.Server", "ldap", "ldap3", Some(0), &["host"]).timeout(&["connect_timeout"], Bad),
    sound("openai.OpenAI", "llm", "openai", None, &["base_url"]),
    sound("openai.AsyncOpenAI", "llm", "openai", None, &["base_url"]),
    sound("openai.AzureOpenAI", "llm", "openai", None, &["azure_endpoint"]),
    sound("anthropic.Anthropic", "llm", "anthropic", None, &["base_url"]),
    sound("anthropic.AsyncAnthropic", "llm", "anthropic", None, &["base_url"]),
    client("mistralai.Mistral", "llm", "mistralai", None, &["server_url"]),
    client("cohere.Client", "llm", "cohere", None, &["base_url"]),
    client("ollama.Client", "llm", "ollama", None, &["host"]).timeout(&["timeout"], Bad),
    client("twilio.rest.Client", "sms", "twilio", None, &[]),
    client("stripe.StripeClient", "payment", "stripe", None, &["base_addresses"]).timeout(&[], Good),
    client("braintree.BraintreeGateway", "payment", "braintree", None, &[]),
    client("sentry_sdk.init", "error-tracker", "sentry-sdk", Some(0), &["dsn"]).timeout(&[], Good),
    client("rollbar.init", "error-tracker", "rollbar", None, &["endpoint"]),
    client("influxdb_client.InfluxDBClient", "influxdb", "influxdb-client", Some(0), &["url"]).timeout(&["timeout"], Good),
    client("clickhouse_driver.Client", "clickhouse", "clickhouse-driver", Some(0), &["host"]),
    client("clickhouse_connect.get_client", "clickhouse", "clickhouse-connect", None, &["host"]),
    client("cassandra.cluster.Cluster", "cassandra", "cassandra-driver", Some(0), &["contact_points"]),
    client("neo4j.GraphDatabase.driver", "neo4j", "neo4j", Some(0), &["uri"]).pool(&[], Good),
    client("hvac.Client", "vault", "hvac", None, &["url"]).timeout(&["timeout"], Good),
    client("ftplib.FTP", "ftp", "ftplib", Some(0), &["host"]).timeout(&["timeout"], Bad),
    client("paramiko.SSHClient().connect", "ssh", "paramiko", Some(0), &["hostname"]).timeout(&["timeout"], Bad),
    client("celery.Celery", "queue", "celery", None, &["broker"]).retry(&[], Good).pool(&[], Good),
];
