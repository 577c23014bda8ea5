//! Which distribution on PyPI provides a Python module, where the names differ or are well known,
//! and which packages come along with another on purpose.

/// Modules and the distributions that provide them. A module that is listed is known for sure, so
/// that its absence from a manifest can be claimed with confidence.
const PROVIDERS: &[(&str, &[&str])] = &[
    ("aiohttp", &["aiohttp"]),
    ("aioredis", &["aioredis"]),
    ("alembic", &["alembic"]),
    ("apscheduler", &["apscheduler"]),
    ("asyncpg", &["asyncpg"]),
    ("attr", &["attrs"]),
    ("attrs", &["attrs"]),
    ("bcrypt", &["bcrypt"]),
    ("boto3", &["boto3"]),
    ("botocore", &["botocore", "boto3"]),
    ("bs4", &["beautifulsoup4", "bs4"]),
    ("bson", &["pymongo", "bson"]),
    ("celery", &["celery"]),
    ("certifi", &["certifi"]),
    ("click", &["click"]),
    ("configobj", &["configobj"]),
    ("cryptography", &["cryptography"]),
    ("Crypto", &["pycryptodome", "pycrypto"]),
    ("Cryptodome", &["pycryptodomex"]),
    (
        "cv2",
        &[
            "opencv-python",
            "opencv-python-headless",
            "opencv-contrib-python",
            "opencv-contrib-python-headless",
        ],
    ),
    ("dateutil", &["python-dateutil"]),
    ("debug_toolbar", &["django-debug-toolbar"]),
    ("decouple", &["python-decouple"]),
    ("discord", &["discord-py", "py-cord"]),
    ("django", &["django"]),
    ("django_filters", &["django-filter"]),
    ("dns", &["dnspython"]),
    ("docx", &["python-docx"]),
    ("dotenv", &["python-dotenv"]),
    ("drf_spectacular", &["drf-spectacular"]),
    (
        "elasticsearch",
        &["elasticsearch", "elasticsearch7", "elasticsearch8"],
    ),
    ("elasticsearch_dsl", &["elasticsearch-dsl"]),
    ("environ", &["django-environ", "environ-config"]),
    ("faker", &["faker"]),
    ("fastapi", &["fastapi", "fastapi-slim"]),
    ("fitz", &["pymupdf"]),
    ("flask", &["flask"]),
    ("gevent", &["gevent"]),
    ("git", &["gitpython"]),
    ("graphene", &["graphene"]),
    ("gunicorn", &["gunicorn"]),
    ("httpx", &["httpx"]),
    ("itsdangerous", &["itsdangerous"]),
    ("jinja2", &["jinja2"]),
    ("jose", &["python-jose"]),
    ("jwt", &["pyjwt", "jwt"]),
    ("kafka", &["kafka-python", "kafka-python-ng"]),
    ("kombu", &["kombu"]),
    ("ldap", &["python-ldap"]),
    ("loguru", &["loguru"]),
    ("lxml", &["lxml"]),
    ("magic", &["python-magic", "file-magic", "python-magic-bin"]),
    ("markdown", &["markdown"]),
    ("markupsafe", &["markupsafe"]),
    ("marshmallow", &["marshmallow"]),
    ("motor", &["motor"]),
    ("multipart", &["python-multipart", "multipart"]),
    ("MySQLdb", &["mysqlclient", "mysql-python"]),
    ("nacl", &["pynacl"]),
    ("numpy", &["numpy"]),
    ("OpenSSL", &["pyopenssl"]),
    ("openai", &["openai"]),
    ("openpyxl", &["openpyxl"]),
    ("pandas", &["pandas"]),
    ("passlib", &["passlib"]),
    ("peewee", &["peewee"]),
    ("pika", &["pika"]),
    ("PIL", &["pillow", "pillow-simd"]),
    ("pkg_resources", &["setuptools"]),
    ("psutil", &["psutil"]),
    ("psycopg", &["psycopg", "psycopg-binary"]),
    (
        "psycopg2",
        &["psycopg2", "psycopg2-binary", "psycopg2-binaries"],
    ),
    ("pydantic", &["pydantic"]),
    ("pydantic_settings", &["pydantic-settings"]),
    ("pymongo", &["pymongo"]),
    ("pymysql", &["pymysql"]),
    ("pythonjsonlogger", &["python-json-logger"]),
    ("pytz", &["pytz"]),
    ("redis", &["redis"]),
    ("requests", &["requests"]),
    ("requests_oauthlib", &["requests-oauthlib"]),
    ("rest_framework", &["djangorestframework"]),
    (
        "rest_framework_simplejwt",
        &["djangorestframework-simplejwt"],
    ),
    ("rq", &["rq"]),
    ("scipy", &["scipy"]),
    ("sendgrid", &["sendgrid"]),
    ("sentry_sdk", &["sentry-sdk"]),
    ("serial", &["pyserial"]),
    ("setuptools", &["setuptools"]),
    ("simplejson", &["simplejson"]),
    ("sklearn", &["scikit-learn"]),
    ("skimage", &["scikit-image"]),
    (
        "slugify",
        &["python-slugify", "unicode-slugify", "awesome-slugify"],
    ),
    ("socketio", &["python-socketio"]),
    ("engineio", &["python-engineio"]),
    ("sqlalchemy", &["sqlalchemy"]),
    ("sqlmodel", &["sqlmodel"]),
    ("starlette", &["starlette"]),
    ("storages", &["django-storages"]),
    ("stripe", &["stripe"]),
    ("structlog", &["structlog"]),
    ("telegram", &["python-telegram-bot"]),
    ("tenacity", &["tenacity"]),
    ("toml", &["toml"]),
    ("tornado", &["tornado"]),
    ("tqdm", &["tqdm"]),
    ("twilio", &["twilio"]),
    ("typing_extensions", &["typing-extensions"]),
    ("ujson", &["ujson"]),
    ("urllib3", &["urllib3"]),
    ("usb", &["pyusb"]),
    ("uvicorn", &["uvicorn"]),
    ("websocket", &["websocket-client"]),
    ("websockets", &["websockets"]),
    ("werkzeug", &["werkzeug"]),
    ("whitenoise", &["whitenoise"]),
    ("wtforms", &["wtforms"]),
    ("xmltodict", &["xmltodict"]),
    ("yaml", &["pyyaml", "ruamel-yaml"]),
    ("zmq", &["pyzmq"]),
];

/// A package and those it brings along that its own documentation tells users to import.
const COMPANIONS: &[(&str, &[&str])] = &[
    (
        "flask",
        &[
            "werkzeug",
            "jinja2",
            "click",
            "itsdangerous",
            "markupsafe",
            "blinker",
        ],
    ),
    ("flask-sqlalchemy", &["sqlalchemy"]),
    ("flask-migrate", &["alembic", "sqlalchemy"]),
    ("flask-wtf", &["wtforms"]),
    ("flask-marshmallow", &["marshmallow"]),
    ("flask-socketio", &["python-socketio", "python-engineio"]),
    ("fastapi", &["starlette", "pydantic", "typing-extensions"]),
    (
        "fastapi-slim",
        &["starlette", "pydantic", "typing-extensions"],
    ),
    ("pydantic", &["typing-extensions", "pydantic-core"]),
    ("pydantic-settings", &["pydantic", "python-dotenv"]),
    ("sqlmodel", &["sqlalchemy", "pydantic"]),
    ("celery", &["kombu", "billiard", "vine"]),
    ("boto3", &["botocore"]),
    ("requests", &["urllib3", "certifi"]),
    ("djangorestframework-simplejwt", &["pyjwt"]),
    ("django", &["asgiref", "sqlparse"]),
    ("channels", &["asgiref", "django"]),
    (
        "wagtail",
        &[
            "django",
            "modelcluster",
            "django-filter",
            "taggit",
            "treebeard",
            "willow",
            "django-modelcluster",
            "django-taggit",
            "django-treebeard",
        ],
    ),
    ("pandas", &["numpy", "python-dateutil"]),
    ("scikit-learn", &["numpy", "scipy", "joblib"]),
    ("pymongo", &["bson"]),
    ("motor", &["pymongo"]),
    ("beanie", &["motor", "pymongo", "pydantic"]),
    ("httpx", &["httpcore", "anyio"]),
    ("starlette", &["anyio"]),
    ("alembic", &["sqlalchemy", "mako"]),
    ("fastapi-mail", &["jinja2"]),
    ("@nestjs/platform-express", &["express"]),
    ("@nestjs/platform-fastify", &["fastify"]),
    ("@nestjs/platform-socket.io", &["socket.io"]),
    ("@nestjs/cli", &["webpack"]),
    ("mongoose", &["mongodb", "bson"]),
    ("expo", &["react-native"]),
    ("vitest", &["vite"]),
    ("apollo-server-express", &["graphql-tag"]),
    ("apollo-server", &["graphql-tag"]),
    ("react-router-dom", &["react-router"]),
    ("redux-saga", &["@redux-saga/core"]),
    ("next", &["styled-jsx"]),
];

/// The name of a distribution as PEP 503 compares it.
pub(crate) fn normalised(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '-' | '_' | '.') {
            if !text.ends_with('-') {
                text.push('-');
            }
        } else {
            text.push(c.to_ascii_lowercase());
        }
    }
    text
}

/// The distributions known to provide a module; `None` when the module is not known.
pub(crate) fn providers(module: &str) -> Option<&'static [&'static str]> {
    PROVIDERS
        .iter()
        .find(|(known, _)| *known == module)
        .map(|(_, providers)| *providers)
}

/// Whether a declared distribution may provide the module. Generous: it is used to stay silent.
pub(crate) fn may_provide(distribution: &str, module: &str) -> bool {
    // Stubs tell types and run nothing.
    if distribution.ends_with("-stubs") || distribution.starts_with("types-") {
        return false;
    }
    if providers(module).is_some_and(|known| known.contains(&distribution)) {
        return true;
    }
    let module = normalised(module);
    if distribution == module {
        return true;
    }
    // `google-cloud-storage` provides `google`, `llama-index-core` provides `llama_index`.
    if distribution
        .strip_prefix(&module)
        .is_some_and(|rest| rest.starts_with('-'))
    {
        return true;
    }
    let squeezed = |text: &str| text.replace('-', "");
    const AFFIXES: [&str; 12] = [
        "python-", "py-", "py", "python3-", "django-", "flask-", "fastapi-", "-python", "-py",
        "-sdk", "-client", "-binary",
    ];
    AFFIXES.iter().any(|affix| {
        let bare = match affix.strip_suffix('-') {
            Some(_) => distribution.strip_prefix(affix),
            None if affix.starts_with('-') => distribution.strip_suffix(affix),
            None => distribution.strip_prefix(affix),
        };
        bare.is_some_and(|bare| squeezed(bare) == squeezed(&module))
    }) || squeezed(distribution) == squeezed(&module)
}

/// Whether a declared package brings the other one along on purpose.
pub(crate) fn brings(declared: &str, package: &str) -> bool {
    COMPANIONS
        .iter()
        .any(|(owner, brought)| *owner == declared && brought.contains(&package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_are_matched() {
        for (distribution, module) in [
            ("pyyaml", "yaml"),
            ("psycopg2-binary", "psycopg2"),
            ("google-cloud-storage", "google"),
            ("python-http-client", "http_client"),
            ("opentelemetry-sdk", "opentelemetry"),
            ("flask-sqlalchemy", "flask_sqlalchemy"),
            ("ruamel-yaml", "ruamel"),
            ("pyjwt", "jwt"),
            ("django-crispy-forms", "crispy_forms"),
        ] {
            assert!(may_provide(distribution, module), "{distribution} {module}");
        }
        assert!(!may_provide("requests", "requests_oauthlib"));
        assert!(!may_provide("lxml-stubs", "lxml"));
        assert!(!may_provide("flask", "yaml"));
    }

    #[test]
    fn companions_are_known_in_one_direction() {
        assert!(brings("flask", "werkzeug"));
        assert!(!brings("werkzeug", "flask"));
    }
}
