//! Private servers are real: they take the app's locator, and go with what provided them.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use xii_probes::Stand;
use xii_probes::provision::{Provided, Resource};

use crate::repository::{Repository, given, has, resource, run};

fn worker(packages: &str, code: &str) -> Repository {
    Repository::with(&[("requirements.txt", packages), ("app.py", code)])
}

/// What PostgreSQL's own client makes of a locator.
fn psql(locator: &str, statement: &str) -> Result<String, String> {
    let program = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/psql"))
        .find(|file| file.is_file())
        .unwrap_or_else(|| PathBuf::from("psql"));
    let output = Command::new(program)
        .args([
            "-w",
            "-qAtX",
            "-v",
            "ON_ERROR_STOP=1",
            locator,
            "-c",
            statement,
        ])
        .output()
        .expect("psql runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    }
}

fn postgres() -> Repository {
    worker(
        "psycopg2==2.9\n",
        "import os, psycopg2\nconn = psycopg2.connect(os.environ['DATABASE_URL'])\n",
    )
}

#[test]
fn a_private_postgres_lets_the_app_in_and_nobody_else() {
    if !has(
        "a_private_postgres_lets_the_app_in_and_nobody_else",
        "initdb",
    ) {
        return;
    }
    let repository = postgres();
    let provided = run(repository.provided());
    let database = resource(&provided, "DATABASE_URL");
    let at = *database.target.as_ref().expect("a server");
    assert!(
        database.stands.starts_with("private postgres "),
        "{database:?}"
    );
    assert!(database.version.is_some());
    let locator = &given(&provided, "DATABASE_URL").value;
    assert_eq!(
        psql(locator, "select current_user || '@' || current_database()").as_deref(),
        Ok("app@app")
    );
    psql(locator, "create extension pgcrypto; create table t(x int)")
        .expect("it owns its database");
    let canary = &provided.canaries()[0].value;
    let wrong = psql(&locator.replace(canary, "wrong"), "select 1").expect_err("a wrong password");
    assert!(wrong.contains("password authentication failed"), "{wrong}");
    let owner = format!("postgres://xii_owner@{at}/postgres");
    assert!(
        psql(&owner, "select 1").is_err(),
        "the owner may run programs"
    );
    drop(provided);
    gone(at, &repository);
}

#[test]
fn a_second_server_is_empty_and_takes_the_same_credentials() {
    if !has(
        "a_second_server_is_empty_and_takes_the_same_credentials",
        "initdb",
    ) {
        return;
    }
    let repository = postgres();
    run(async {
        let provided = repository.provided().await;
        let database = resource(&provided, "DATABASE_URL");
        psql(
            &given(&provided, "DATABASE_URL").value,
            "create table t(x int)",
        )
        .expect("a table");
        let fresh = provided.fresh(database).await.expect("a second one");
        let moved = database.variables_at(fresh.address);
        let count = "select count(*) from pg_tables where schemaname = 'public'";
        assert_eq!(psql(&moved[0].1, count).as_deref(), Ok("0"));
        let at = fresh.address;
        drop(fresh);
        assert!(TcpStream::connect(at).is_err());
        drop(provided);
        gone(at, &repository);
    });
}

#[test]
fn who_gives_no_password_is_let_in_without_one() {
    if !has("who_gives_no_password_is_let_in_without_one", "initdb") {
        return;
    }
    let repository = worker(
        "psycopg2==2.9\n",
        "import os, psycopg2\nconn = psycopg2.connect(host=os.environ['DB_HOST'], port=os.environ['DB_PORT'], user='postgres', password='postgres', dbname='postgres')\n",
    );
    let provided = run(repository.provided());
    let at = resource(&provided, "DB_HOST")
        .target
        .clone()
        .expect("a server");
    let locator = format!("postgres://postgres:postgres@{at}/postgres");
    assert_eq!(
        psql(
            &locator,
            "select rolsuper from pg_roles where rolname = current_user"
        )
        .as_deref(),
        Ok("f")
    );
}

#[test]
fn a_private_redis_answers_and_is_gone_afterwards() {
    if !has(
        "a_private_redis_answers_and_is_gone_afterwards",
        "redis-server",
    ) {
        return;
    }
    let repository = worker(
        "redis==5\n",
        "import os, redis\nr = redis.from_url(os.environ['REDIS_URL'])\nc = redis.from_url(os.environ.get('CACHE_URL', 'redis://:pw@localhost:6379/3'))\n",
    );
    let provided = run(repository.provided());
    let open = resource(&provided, "REDIS_URL");
    let at = *open.target.as_ref().expect("a server");
    assert_eq!(told(at, "PING\r\n"), "+PONG");
    let locked = resource(&provided, "CACHE_URL");
    let other = *locked.target.as_ref().expect("a server");
    assert!(told(other, "PING\r\n").starts_with("-NOAUTH"));
    let canary = provided
        .canaries()
        .into_iter()
        .find(|one| one.variable == "CACHE_URL")
        .expect("its password");
    assert_eq!(told(other, &format!("AUTH {}\r\n", canary.value)), "+OK");
    let url = &given(&provided, "CACHE_URL").value;
    assert!(url.ends_with("/3"), "the database is kept: {url}");
    drop(provided);
    gone(at, &repository);
    gone(other, &repository);
}

#[test]
fn a_private_mysql_lets_the_app_in_and_nobody_else() {
    let test = "a_private_mysql_lets_the_app_in_and_nobody_else";
    if !(has(test, "mysqld") && has(test, "mysql")) {
        return;
    }
    let repository = worker(
        "pymysql==1\n",
        "import os, pymysql\nc = pymysql.connect(host=os.environ['DB_HOST'], port=int(os.environ['DB_PORT']), user=os.environ['DB_USER'], password=os.environ['DB_PASSWORD'], database=os.environ['DB_NAME'])\n",
    );
    let provided = run(repository.provided());
    let database = resource(&provided, "DB_HOST");
    let at = *database.target.as_ref().expect("a server");
    assert!(database.version.is_some(), "{database:?}");
    let client = |user: &str, password: &str| {
        Command::new("mysql")
            .args([
                "--no-defaults",
                "--batch",
                "--skip-column-names",
                "-h127.0.0.1",
            ])
            .arg(format!("-P{}", at.port()))
            .arg(format!("-u{user}"))
            .args(["-e", "select database()", "app"])
            .env("MYSQL_PWD", password)
            .output()
            .expect("mysql runs")
    };
    let password = &given(&provided, "DB_PASSWORD").value;
    let output = client("app", password);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "app\n",
        "{output:?}"
    );
    assert!(!client("app", "wrong").status.success());
    assert!(!client("root", "").status.success());
    drop(provided);
    gone(at, &repository);
}

#[test]
fn a_private_memcached_answers() {
    if !has("a_private_memcached_answers", "memcached") {
        return;
    }
    let repository = worker(
        "pymemcache==4\n",
        "import os\nfrom pymemcache.client.base import Client\nc = Client(os.environ['MEMCACHED_SERVERS'])\n",
    );
    let provided = run(repository.provided());
    let cache = resource(&provided, "MEMCACHED_SERVERS");
    let at = *cache.target.as_ref().expect("a server");
    assert_eq!(given(&provided, "MEMCACHED_SERVERS").value, at.to_string());
    let version = cache.version.as_deref().expect("it says its version");
    assert_eq!(told(at, "version\r\n"), format!("VERSION {version}"));
    drop(provided);
    gone(at, &repository);
}

#[test]
fn a_private_nats_answers() {
    if !has("a_private_nats_answers", "nats-server") {
        return;
    }
    let repository = worker(
        "nats-py==2\n",
        "import os, nats\nasync def main():\n    await nats.connect(os.environ['NATS_URL'])\n",
    );
    let provided = run(repository.provided());
    let broker = resource(&provided, "NATS_URL");
    let at = *broker.target.as_ref().expect("a server");
    assert!(told(at, "").starts_with("INFO {"));
    assert!(broker.version.is_some());
    drop(provided);
    gone(at, &repository);
}

/// The first line that a server answers with.
fn told(at: SocketAddr, words: &str) -> String {
    let mut stream = TcpStream::connect(at).expect("it listens");
    stream.write_all(words.as_bytes()).expect("it reads");
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}

/// Nobody listens there any more, and nothing is left on disk.
fn gone(at: SocketAddr, repository: &Repository) {
    assert!(TcpStream::connect(at).is_err(), "{at} still answers");
    let near = repository.scratch().join("resources");
    let left: Vec<_> = std::fs::read_dir(near)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn mail_is_taken_and_counted() {
    let repository = Repository::with(&[
        ("requirements.txt", "flask==3\n"),
        (
            "app.py",
            "import os, smtplib\ns = smtplib.SMTP(os.environ['SMTP_HOST'], int(os.environ['SMTP_PORT']))\ns.login(os.environ['SMTP_USER'], os.environ['SMTP_PASSWORD'])\n",
        ),
    ]);
    let provided = run(repository.provided());
    assert_eq!(provided.mails(), Some(0));
    let at = *resource(&provided, "SMTP_HOST")
        .target
        .as_ref()
        .expect("a sink");
    let stream = TcpStream::connect(at).expect("it listens");
    let mut read = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut write = stream;
    let mut next = || loop {
        let mut line = String::new();
        read.read_line(&mut line).expect("a line");
        if line.as_bytes().get(3) != Some(&b'-') {
            return line.get(..3).unwrap_or_default().to_owned();
        }
    };
    assert_eq!(next(), "220");
    for (said, code) in [
        ("EHLO me", "250"),
        ("AUTH LOGIN", "334"),
        ("YQ==", "334"),
        ("Yg==", "235"),
        ("MAIL FROM:<a@b>", "250"),
        ("RCPT TO:<c@d>", "250"),
        ("DATA", "354"),
        ("Subject: x\r\n\r\n..dots\r\n.", "250"),
        ("STARTTLS", "502"),
        ("QUIT", "221"),
    ] {
        write
            .write_all(format!("{said}\r\n").as_bytes())
            .expect("it reads");
        assert_eq!(next(), code, "{said}");
    }
    assert_eq!(provided.mails(), Some(1));
    drop(provided);
    assert!(TcpStream::connect(at).is_err());
}

/// A web server of a few lines, in a file of the app.
const API: &str = "import http.server, os
s = http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), http.server.SimpleHTTPRequestHandler)
s.serve_forever()
";

fn with_api(stand: Stand) -> Repository {
    let mut repository = Repository::with(&[
        ("requirements.txt", "requests==2\n"),
        ("api.py", API),
        (
            "app.py",
            "import os, requests\nrequests.get(os.environ['API_URL'] + '/x', timeout=1)\n",
        ),
    ]);
    let stands = &mut repository.settings.resources;
    stands.insert("API_URL".to_owned(), stand);
    repository
}

fn stands_for(provided: &Provided) -> &Resource {
    resource(provided, "API_URL")
}

#[test]
fn a_command_stands_for_an_api() {
    if !has("a_command_stands_for_an_api", "python3") {
        return;
    }
    let repository = with_api(Stand::Command("python3 api.py".to_owned()));
    let provided = run(repository.provided());
    let api = stands_for(&provided);
    let at = *api.target.as_ref().expect("it listens");
    assert_eq!(api.stands, "command");
    assert_eq!(given(&provided, "API_URL").value, format!("http://{at}"));
    assert!(told(at, "GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200"));
    drop(provided);
    gone(at, &repository);
}

#[test]
fn a_command_that_ends_is_told_with_its_last_words() {
    let repository = with_api(Stand::Command("echo no such table >&2; exit 3".to_owned()));
    let provided = run(repository.provided());
    let why = stands_for(&provided).target.clone().expect_err("it ended");
    assert!(
        why.contains("no such table") && why.contains("exit 3"),
        "{why}"
    );
    drop(provided);
    assert!(
        std::fs::read_dir(repository.scratch().join("resources"))
            .expect("the folder")
            .next()
            .is_none()
    );
}

#[test]
fn what_is_given_is_used_when_it_answers() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("an address");
    let locator = format!("http://me:pw@localhost:{}/v2", at.port());
    let provided = run(with_api(Stand::Locator(locator.clone())).provided());
    let api = stands_for(&provided);
    assert_eq!(api.target, Ok(at));
    assert_eq!(api.stands, "given by xii.toml ([prove.env])");
    assert_eq!(given(&provided, "API_URL").value, locator);
    let moved = api.variables_at(([127, 0, 0, 1], 1).into());
    assert_eq!(moved[0].1, "http://me:pw@127.0.0.1:1/v2");
    drop(listener);
    // Nobody listens there now, and there is no private API.
    let provided = run(with_api(Stand::Locator(locator)).provided());
    let why = stands_for(&provided)
        .target
        .clone()
        .expect_err("nobody is there");
    assert!(
        why.contains("does not answer") && !why.contains("pw"),
        "{why}"
    );
}

#[test]
fn a_group_that_is_given_keeps_what_was_given() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("an address");
    let repository = worker(
        "psycopg2==2.9\n",
        "import os, psycopg2\nc = psycopg2.connect(host=os.environ['DB_HOST'], port=os.environ['DB_PORT'], user=os.environ['DB_USER'], password=os.environ['DB_PASSWORD'], dbname=os.environ['DB_NAME'])\n",
    )
    .given(
        ".env.prove",
        &format!("DB_HOST=localhost\nDB_PORT={}\nDB_USER=me\nDB_PASSWORD=pw\nDB_NAME=mine\n", at.port()),
    );
    let provided = run(repository.provided());
    let database = resource(&provided, "DB_HOST");
    assert_eq!(database.target, Ok(at));
    assert_eq!(database.stands, "given by .env.prove:1");
    let between = provided.environment(&|_| Some(([127, 0, 0, 1], 7).into()));
    let mut given = provided.environment(&|_| None);
    for (name, value, moved) in [
        ("DB_HOST", "localhost", "127.0.0.1"),
        ("DB_NAME", "mine", "mine"),
        ("DB_PASSWORD", "pw", "pw"),
        ("DB_PORT", &at.port().to_string(), "7"),
        ("DB_USER", "me", "me"),
    ] {
        let is = |(one, has): &(String, String), wanted: &str| one == name && has == wanted;
        assert!(given.iter().any(|one| is(one, value)), "{name}");
        assert!(between.iter().any(|one| is(one, moved)), "{name}");
    }
    given.retain(|(name, _)| name.starts_with("DB_"));
    assert_eq!(given.len(), 5);
    assert!(provided.canaries().is_empty(), "nothing was made");
}

#[test]
fn nothing_stands_for_what_the_app_can_do_without() {
    let provided = run(with_api(Stand::Nothing).provided());
    assert!(provided.resources.is_empty(), "{provided:?}");
}
