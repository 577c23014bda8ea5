//! What apps of several styles are given.

use std::io::Write;

use xii_model::ResourceKind;
use xii_probes::provision::{CameFrom, Form, Provided};

use crate::repository::{Repository, given, has, resource, run};

/// A PATH without any server: what is tested here is the environment alone.
const NO_SERVERS: &str = "";

fn values<'p>(provided: &'p Provided, names: &[&str]) -> Vec<&'p str> {
    let each = names.iter().map(|name| given(provided, name));
    each.map(|one| one.value.as_str()).collect()
}

fn left(provided: &Provided) -> Vec<&str> {
    let each = provided.left.iter();
    each.map(|one| one.name.as_str()).collect()
}

fn express() -> Repository {
    Repository::with(&[
        (
            "package.json",
            r#"{"name":"shop","dependencies":{"express":"4","pg":"8"},"scripts":{"start":"node server.js"}}"#,
        ),
        (
            "server.js",
            "const express = require('express');
const { Pool } = require('pg');
const app = express();
if (!process.env.JWT_SECRET) throw new Error('JWT_SECRET is required');
const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const level = process.env.LOG_LEVEL || 'info';
app.get('/', (req, res) => res.json({ ok: true }));
app.listen(process.env.PORT || 3000, process.env.HOST || 'localhost');
",
        ),
        (
            ".env.example",
            "PORT=3000
HOST=localhost
NODE_ENV=development
DEBUG=true
DATABASE_URL=postgres://me:secret@localhost:5432/shop?schema=public&sslmode=require
JWT_SECRET=changeme
STRIPE_SECRET_KEY=sk_test_123
SITE_NAME=Shop
API_TOKEN=9f86d081884c7d659a2feaa0c55ad015
MAX_ITEMS=
# SMTP_HOST=mail.acme.io
",
        ),
    ])
}

#[test]
fn a_node_app_gets_what_a_platform_would_give_it() {
    let provided = run(express().provided_with(NO_SERVERS.as_ref()));
    assert_eq!(
        values(&provided, &["NODE_ENV", "DEBUG", "SITE_NAME", "MAX_ITEMS"]),
        ["production", "false", "Shop", "10"]
    );
    assert_eq!(
        left(&provided),
        ["HOST", "LOG_LEVEL", "PORT", "SMTP_HOST"],
        "{provided:?}"
    );
    assert_eq!(
        given(&provided, "SITE_NAME").from,
        CameFrom::Declared(".env.example:8".to_owned())
    );
    assert_eq!(given(&provided, "MAX_ITEMS").form, Form::Number);
}

#[test]
fn every_secret_is_a_canary_also_where_an_example_has_a_value() {
    let provided = run(express().provided_with(NO_SERVERS.as_ref()));
    let secret = given(&provided, "JWT_SECRET");
    assert!(secret.value.len() >= 64 && secret.secret);
    assert!(secret.required.is_yes(), "{:?}", secret.required);
    let stripe = given(&provided, "STRIPE_SECRET_KEY");
    assert!(stripe.value.starts_with("sk_test_") && stripe.value.len() > 40);
    let token = &given(&provided, "API_TOKEN").value;
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_ne!(token, "9f86d081884c7d659a2feaa0c55ad015");
    let canaries = provided.canaries();
    for name in [
        "JWT_SECRET",
        "STRIPE_SECRET_KEY",
        "API_TOKEN",
        "DATABASE_URL",
    ] {
        let canary = canaries.iter().find(|one| one.variable == name);
        let canary = canary.unwrap_or_else(|| panic!("{name} has no canary"));
        assert!(given(&provided, name).value.contains(&canary.value));
    }
    let shown = format!("{provided:?} {canaries:?} {:?}", provided.resources);
    for canary in &canaries {
        assert!(!shown.contains(&canary.value), "{}", canary.variable);
    }
    let again = run(express().provided_with(NO_SERVERS.as_ref()));
    assert_ne!(given(&again, "JWT_SECRET").value, secret.value);
}

#[test]
fn a_locator_keeps_its_user_database_and_query() {
    let provided = run(express().provided_with(NO_SERVERS.as_ref()));
    let database = resource(&provided, "DATABASE_URL");
    assert_eq!(database.kind, ResourceKind::Postgres);
    let why = database.target.as_ref().expect_err("there is no server");
    assert!(why.contains("`postgres` is not installed"), "{why}");
    let at = ([127, 0, 0, 1], 4321).into();
    let moved = database.variables_at(at);
    let [(name, value)] = moved.as_slice() else {
        panic!("one variable");
    };
    assert_eq!(name, "DATABASE_URL");
    assert!(value.starts_with("postgres://me:"), "{value}");
    assert!(
        value.ends_with("@127.0.0.1:4321/shop?schema=public"),
        "{value}"
    );
    let environment = provided.environment(&|_| Some(at));
    assert!(environment.contains(&(name.clone(), value.clone())));
    assert!(!environment.iter().any(|(name, _)| name == "PORT"));
}

fn flask() -> Repository {
    Repository::with(&[
        (
            "requirements.txt",
            "flask==3\nsqlalchemy==2\npsycopg2-binary==2.9\nredis==5\n",
        ),
        (
            "app.py",
            r#"import os
import redis
from flask import Flask
from sqlalchemy import create_engine
app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
url = f"postgresql://{os.environ['DB_USER']}:{os.environ['DB_PASSWORD']}@{os.environ['DB_HOST']}:{os.getenv('DB_PORT', '5432')}/{os.environ['DB_NAME']}"
engine = create_engine(url)
cache = redis.Redis(host=os.environ.get("REDIS_HOST", "localhost"), port=6379)
"#,
        ),
    ])
}

#[test]
fn variables_of_one_prefix_name_one_resource() {
    let provided = run(flask().provided_with(NO_SERVERS.as_ref()));
    let database = resource(&provided, "DB_PORT");
    assert_eq!(database.kind, ResourceKind::Postgres);
    assert_eq!(
        (database.name.as_str(), database.variables.len()),
        ("DB_HOST", 5)
    );
    let moved = database.variables_at(([127, 0, 0, 9], 77).into());
    let value = |name: &str| {
        let found = moved.iter().find(|(one, _)| one == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(value("DB_HOST"), Some("127.0.0.9"));
    assert_eq!(value("DB_PORT"), Some("77"));
    let password = given(&provided, "DB_PASSWORD");
    assert_eq!(value("DB_PASSWORD"), Some(password.value.as_str()));
    assert!(password.canary.is_some() && password.required.is_yes());
    // No variable says Redis's port, so that the app will use the usual one.
    assert_eq!(resource(&provided, "REDIS_HOST").fixed_port, Some(6379));
    // What the app should be seen to do by itself is not done for it.
    assert!(
        !provided
            .given
            .iter()
            .any(|one| one.name.starts_with("PYTHON"))
    );
}

#[test]
fn a_compose_file_says_which_database_and_django_gets_its_hosts() {
    let repository = Repository::with(&[
        (
            "requirements.txt",
            "django==5\ndjango-environ==0.11\nmysqlclient==2\n",
        ),
        (
            "shop/settings.py",
            "import environ
env = environ.Env(DEBUG=(bool, False))
SECRET_KEY = env('SECRET_KEY')
ALLOWED_HOSTS = env.list('ALLOWED_HOSTS')
DATABASES = {'default': env.db()}
EMAIL_HOST = env('EMAIL_HOST')
EMAIL_HOST_USER = env('EMAIL_HOST_USER')
EMAIL_HOST_PASSWORD = env('EMAIL_HOST_PASSWORD')
EMAIL_PORT = env.int('EMAIL_PORT', default=587)
EMAIL_USE_TLS = env.bool('EMAIL_USE_TLS', default=True)
",
        ),
        (
            "docker-compose.yml",
            "services:
  web:
    build: .
    environment:
      DATABASE_URL: mysql://root:app@db/shop
      WORKERS: 2
  db:
    image: mysql:8
    environment:
      MYSQL_ROOT_PASSWORD: x
",
        ),
        (
            "Dockerfile",
            "FROM python:3.12\nENV PYTHONUNBUFFERED=1 DATA=/srv/data\nCOPY . .\nCMD gunicorn shop.wsgi\n",
        ),
    ]);
    let provided = run(repository.provided_with(NO_SERVERS.as_ref()));
    let database = resource(&provided, "DATABASE_URL");
    assert_eq!(database.kind, ResourceKind::MySql);
    let url = &given(&provided, "DATABASE_URL").value;
    // Nobody reaches a server as root.
    assert!(
        url.starts_with("mysql://app:") && url.ends_with("/shop"),
        "{url}"
    );
    assert_eq!(values(&provided, &["ALLOWED_HOSTS", "WORKERS"]), ["*", "2"]);
    // The image sets it, so that the app has it wherever it runs; paths are of the image alone.
    assert_eq!(given(&provided, "PYTHONUNBUFFERED").value, "1");
    assert!(!provided.given.iter().any(|one| one.name == "DATA"));
    let mail = resource(&provided, "EMAIL_HOST");
    assert_eq!(mail.kind, ResourceKind::Mail);
    assert!(mail.target.is_ok(), "the sink is our own: {mail:?}");
    assert_eq!(given(&provided, "EMAIL_USE_TLS").value, "false");
}

#[test]
fn what_somebody_gives_outranks_all_else() {
    let mut repository = express()
        .given("a.env", "SITE_NAME=first\nEXTRA=1\nPORT=80\n")
        .given("b.env", "\nSITE_NAME=second\nJWT_SECRET=mine\n");
    let env = &mut repository.settings.env;
    env.insert("SITE_NAME".to_owned(), "third".to_owned());
    env.insert("LOG_LEVEL".to_owned(), "debug".to_owned());
    let provided = run(repository.provided_with(NO_SERVERS.as_ref()));
    assert_eq!(
        values(
            &provided,
            &["SITE_NAME", "JWT_SECRET", "EXTRA", "LOG_LEVEL"]
        ),
        ["second", "mine", "1", "debug"]
    );
    assert_eq!(
        given(&provided, "SITE_NAME").from,
        CameFrom::EnvFile("b.env".to_owned(), 2)
    );
    assert_eq!(given(&provided, "LOG_LEVEL").from, CameFrom::XiiToml);
    let secret = given(&provided, "JWT_SECRET");
    assert!(secret.secret && secret.canary.is_none());
    assert!(!provided.given.iter().any(|one| one.name == "PORT"));
}

#[test]
fn sqlite_is_a_file_unless_a_driver_says_what_runs_in_production() {
    let app = "import os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config['SQLALCHEMY_DATABASE_URI'] = os.environ.get('DATABASE_URL', 'sqlite:///shop.db')
db = SQLAlchemy(app)
";
    let with = |packages: &str| {
        let repository = Repository::with(&[("requirements.txt", packages), ("app.py", app)]);
        run(repository.provided_with(NO_SERVERS.as_ref()))
    };
    let file = with("flask==3\nflask-sqlalchemy==3\n");
    let database = resource(&file, "DATABASE_URL");
    assert_eq!(database.kind, ResourceKind::Sqlite);
    assert_eq!(database.stands, "a file");
    assert!(
        !file.given.iter().any(|one| one.name == "DATABASE_URL"),
        "the code's own default is as good"
    );
    let server = with("flask==3\nflask-sqlalchemy==3\npsycopg2==2.9\n");
    let database = resource(&server, "DATABASE_URL");
    assert_eq!(database.kind, ResourceKind::Postgres);
    let url = &given(&server, "DATABASE_URL").value;
    assert!(url.starts_with("postgresql://app:"), "{url}");
}

#[test]
fn an_api_that_nobody_gives_is_told_and_left_alone() {
    let repository = Repository::with(&[
        (
            "package.json",
            r#"{"name":"a","dependencies":{"axios":"1","express":"4"}}"#,
        ),
        (
            "server.js",
            "const axios = require('axios');
const app = require('express')();
const api = axios.create({ baseURL: process.env.API_URL });
const site = process.env.FRONTEND_URL;
app.get('/', async (q, r) => r.json((await api.get('/x')).data));
app.listen(process.env.PORT);
",
        ),
        (
            ".env.example",
            "API_URL=https://api.acme.io/v1\nFRONTEND_URL=https://www.acme.io\n",
        ),
    ]);
    let provided = run(repository.provided_with(NO_SERVERS.as_ref()));
    let api = resource(&provided, "API_URL");
    let why = api.target.as_ref().expect_err("there is none");
    assert!(
        why.contains("[prove.resources]") && why.contains("API_URL"),
        "{why}"
    );
    // Nobody's API is loaded because somebody's app is tried.
    assert_eq!(given(&provided, "API_URL").value, "https://127.0.0.1:9/v1");
    assert_eq!(provided.resources.len(), 1, "{provided:?}");
    assert_eq!(
        given(&provided, "FRONTEND_URL").value,
        "https://www.acme.io"
    );
}

#[test]
fn hostile_declarations_are_only_text() {
    let long = format!("LONG={}\n", "x".repeat(100_000));
    let hostile = format!(
        "{long}A='\nDATABASE_URL=postgres://a\"; DROP--:x@h/d'b?x\nREDIS_URL=redis://[::1\nDB_HOST=-x\nDB_PORT=99999999\nDB_NAME=a b\n"
    );
    let repository = Repository::with(&[
        ("requirements.txt", "psycopg2==2\nredis==5\nflask==3\n"),
        (".env.example", &hostile),
        (
            "app.py",
            "import os\nfor n in ('A',): os.environ[n]\nx = os.environ['DATABASE_URL']\ny = os.environ['DB_HOST']\n",
        ),
    ]);
    let provided = run(repository.provided_with(NO_SERVERS.as_ref()));
    for one in &provided.given {
        assert!(!one.value.contains('\0'));
    }
    let url = &given(&provided, "DATABASE_URL").value;
    assert!(
        url.starts_with("postgres") && !url.contains("DROP"),
        "{url}"
    );
}

#[test]
fn a_url_that_the_code_asks_in_a_way_that_is_not_followed_is_a_resource() {
    let repository = Repository::with(&[
        (
            "package.json",
            r#"{"name":"a","dependencies":{"express":"4"}}"#,
        ),
        (
            "server.js",
            "const app = require('express')();
const config = { stock: process.env.STOCK_URL, site: process.env.SITE_URL };
app.get('/', async (q, r) => r.json(await (await fetch(new URL('/items', config.stock))).json()));
app.listen(process.env.PORT);
",
        ),
        (
            ".env.example",
            "STOCK_URL=https://stock.acme.io\nSITE_URL=https://www.acme.io\n",
        ),
    ]);
    let provided = run(repository.provided_with(NO_SERVERS.as_ref()));
    assert_eq!(resource(&provided, "STOCK_URL").kind, ResourceKind::Http);
    assert_eq!(provided.resources.len(), 1, "{provided:?}");
}

#[test]
fn a_private_key_is_a_real_one_and_the_public_one_is_its_own() {
    if !has(
        "a_private_key_is_a_real_one_and_the_public_one_is_its_own",
        "openssl",
    ) {
        return;
    }
    let repository = Repository::with(&[
        ("package.json", r#"{"name":"a","dependencies":{"express":"4"}}"#),
        (
            "server.js",
            "const app = require('express')();
const keys = [process.env.JWT_PRIVATE_KEY, process.env.JWT_PUBLIC_KEY, process.env.APPLE_EC_PRIVATE_KEY];
app.listen(process.env.PORT);
",
        ),
        (
            ".env.example",
            "JWT_PRIVATE_KEY=\nJWT_PUBLIC_KEY=\nAPPLE_EC_PRIVATE_KEY=\n",
        ),
    ]);
    let provided = run(repository.provided());
    let public = |private: &str| {
        let mut child = std::process::Command::new("openssl")
            .args(["pkey", "-pubout"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("openssl runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(private.as_bytes()).expect("it reads");
        drop(pipe);
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "no private key");
        String::from_utf8(output.stdout).expect("text")
    };
    let rsa = given(&provided, "JWT_PRIVATE_KEY");
    assert!(rsa.canary.is_some() && rsa.form == Form::Pem && rsa.value.len() > 1_500);
    assert_eq!(public(&rsa.value), given(&provided, "JWT_PUBLIC_KEY").value);
    let curve = &given(&provided, "APPLE_EC_PRIVATE_KEY").value;
    assert!(public(curve).len() < 250, "a point is short");
}

#[test]
fn prisma_says_its_database_and_dialects_follow_the_driver() {
    let with = |files: &[(&str, &str)]| {
        let repository = Repository::with(files);
        let provided = run(repository.provided_with(NO_SERVERS.as_ref()));
        given(&provided, "DATABASE_URL").value.clone()
    };
    let prisma = with(&[
        (
            "package.json",
            r#"{"name":"a","dependencies":{"express":"4","@prisma/client":"5"}}"#,
        ),
        (
            "prisma/schema.prisma",
            "datasource db {\n  provider = \"mysql\"\n  url = env(\"DATABASE_URL\")\n}\n",
        ),
        (
            "server.js",
            "const { PrismaClient } = require('@prisma/client');
const db = new PrismaClient({ datasourceUrl: process.env.DATABASE_URL });
require('express')().listen(process.env.PORT);
",
        ),
    ]);
    assert!(prisma.starts_with("mysql://app:"), "{prisma}");
    let code = "import os
from sqlalchemy.ext.asyncio import create_async_engine
engine = create_async_engine(os.environ['DATABASE_URL'])
";
    let packages = "sqlalchemy==2\nasyncpg==0.29\n";
    let driver = with(&[("requirements.txt", packages), ("app.py", code)]);
    assert!(driver.starts_with("postgresql+asyncpg://"), "{driver}");
}
