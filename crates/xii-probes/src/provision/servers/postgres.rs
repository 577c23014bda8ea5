//! A private PostgreSQL.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use xii_model::ResourceKind;

use super::ground::{Ground, User};
use super::postgres_wire::Connection;
use super::process::{Process, Recipe};
use super::start::{Demand, Keeps, Server, absent, refused};
use super::template;
use crate::provision::pem;

/// Who owns the cluster. Only we are let in by this name, over a socket that only we can reach: it may
/// run programs.
pub(super) const OWNER: &str = "xii_owner";

pub(super) async fn start(
    address: SocketAddr,
    demand: &Demand,
    ground: &Ground,
) -> Result<Server, String> {
    let missing = || absent(&ResourceKind::Postgres);
    let program = ground.program(&["postgres"]).ok_or_else(missing)?;
    // A link on PATH leads to the folder where all of one version is.
    let program = program.canonicalize().unwrap_or(program);
    let initdb = program.with_file_name("initdb");
    let initdb = match initdb.is_file() {
        true => initdb,
        false => ground.program(&["initdb"]).ok_or_else(missing)?,
    };
    let user = User::instead_of_root(&["postgres"]);
    let folder = ground
        .folder("pg-", user)
        .map_err(|error| refused(&error))?;
    let data = folder.path().join("data");
    template::cluster(&initdb, &data, user, ground).await?;
    // Who gives no password gets in without one: nobody in the app could say which.
    let trusted = demand.accesses.iter().any(|one| one.password.is_none());
    let method = match trusted {
        true => "trust",
        false => "scram-sha-256",
    };
    let rules = format!(
        "local all {OWNER} trust\nlocal all all reject\nhost all {OWNER} all reject\n\
         host all all 127.0.0.0/8 {method}\n"
    );
    std::fs::write(data.join("pg_hba.conf"), rules).map_err(|error| refused(&error))?;
    let encrypts = certificate(&data, user, ground);
    let mut settings = vec![
        format!("listen_addresses={}", address.ip()),
        format!("port={}", address.port()),
        format!("unix_socket_directories={}", folder.path().display()),
        // Nothing of it is to last.
        "fsync=off".to_owned(),
        "synchronous_commit=off".to_owned(),
        "full_page_writes=off".to_owned(),
        // Several instances, each with a pool.
        "max_connections=300".to_owned(),
        "shared_buffers=32MB".to_owned(),
        "jit=off".to_owned(),
        // A statement in the log would be copied into a message.
        "log_min_messages=fatal".to_owned(),
        "log_min_error_statement=panic".to_owned(),
        "logging_collector=off".to_owned(),
    ];
    if encrypts {
        settings.push("ssl=on".to_owned());
    }
    let mut words: Vec<OsString> = vec!["-D".into(), data.into()];
    words.extend(settings.iter().map(|one| format!("-c{one}").into()));
    let socket = folder.path().join(format!(".s.PGSQL.{}", address.port()));
    let recipe = Recipe {
        program,
        words,
        variables: vec![
            ("PATH".into(), ground.path.clone()),
            ("LC_ALL".into(), "C".into()),
        ],
        folder: folder.path().to_owned(),
        user,
        // The immediate way, since what it would save is thrown away (postgres(1)).
        stop: Signal::QUIT,
        group: false,
    };
    let mut process = Process::start(recipe, folder).map_err(|error| refused(&error))?;
    let mut connection = process
        .ready(async || Connection::open(&socket, OWNER, "postgres").await.ok())
        .await?;
    for statement in statements(demand, trusted) {
        if let Err(error) = connection.run(&statement).await {
            // What several ask for is there already.
            if !error.to_string().contains("already exists") {
                return Err(format!("it could not be prepared ({error})"));
            }
        }
    }
    Ok(Server {
        address,
        name: "postgres",
        version: connection
            .version
            .as_deref()
            .map(|version| version.split(' ').next().unwrap_or(version).to_owned()),
        keeps: Keeps::Process(process),
    })
}

/// Puts a certificate where the server looks for it: many an app asks for TLS in production, without
/// asking who signed.
fn certificate(data: &Path, user: Option<User>, ground: &Ground) -> bool {
    let Some(openssl) = &ground.openssl else {
        return false;
    };
    let own = |file: PathBuf| -> io::Result<()> {
        if let Some(user) = user {
            chown(&file, Some(user.id), Some(user.group))?;
        }
        Ok(())
    };
    pem::certificate(openssl, data)
        && ["server.key", "server.crt"]
            .into_iter()
            .all(|name| own(data.join(name)).is_ok())
}

/// The roles and databases that the app expects.
fn statements(demand: &Demand, trusted: bool) -> Vec<String> {
    let mut statements = Vec::new();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    let mut role = |name: &str, password: Option<&str>, database: &str| {
        let (user, database) = (quoted(name), quoted(database));
        statements.push(format!("CREATE ROLE {user} LOGIN CREATEDB"));
        if let Some(password) = password {
            let password = password.replace('\'', "''");
            statements.push(format!("ALTER ROLE {user} PASSWORD '{password}'"));
        }
        match owners.get(&database) {
            // Several may do in it what the first may.
            Some(owner) if *owner != user => {
                statements.push(format!("GRANT {owner} TO {user}"));
            }
            Some(_) => {}
            None => {
                statements.push(format!("CREATE DATABASE {database} OWNER {user}"));
                // One is there from the beginning.
                statements.push(format!("ALTER DATABASE {database} OWNER TO {user}"));
                owners.insert(database, user);
            }
        }
    };
    for access in &demand.accesses {
        let user = access.user.as_deref().unwrap_or("app");
        let database = access.database.as_deref().unwrap_or(user);
        role(user, access.password.as_deref(), database);
    }
    if trusted {
        // Whom the code may name where no variable does.
        role("postgres", None, "postgres");
    }
    statements
}

/// A name in double quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
