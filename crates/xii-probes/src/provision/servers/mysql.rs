//! A private MariaDB, or MySQL.

use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use xii_model::ResourceKind;

use super::ground::{Ground, User};
use super::process::{Process, Recipe};
use super::start::{Demand, Keeps, Server, absent, refused};

pub(super) async fn start(
    address: SocketAddr,
    demand: &Demand,
    ground: &Ground,
) -> Result<Server, String> {
    let program = ground
        .program(&["mariadbd", "mysqld"])
        .ok_or_else(|| absent(&ResourceKind::MySql))?;
    let program = program.canonicalize().unwrap_or(program);
    let is_maria = program.ends_with("mariadbd");
    let user = User::instead_of_root(&["mysql"]);
    let folder = ground
        .folder("my-", user)
        .map_err(|error| refused(&error))?;
    let data = folder.path().join("data");
    let setup = folder.path().join("setup.sql");
    fs::write(&setup, statements(demand, ground)).map_err(|error| refused(&error))?;
    if let Some(user) = user {
        chown(&setup, Some(user.id), Some(user.group)).map_err(|error| refused(&error))?;
    }
    init(&program, is_maria, &data, user, ground).await?;
    let of = |name: &str, value: &dyn std::fmt::Display| -> OsString {
        format!("--{name}={value}").into()
    };
    let words = vec![
        "--no-defaults".into(),
        of("datadir", &data.display()),
        of("socket", &folder.path().join("sock").display()),
        of("pid-file", &folder.path().join("pid").display()),
        of("bind-address", &address.ip()),
        of("port", &address.port()),
        of("init-file", &setup.display()),
        of("max-connections", &300),
        of("innodb-flush-log-at-trx-commit", &0),
        "--skip-name-resolve".into(),
    ];
    let recipe = Recipe {
        program,
        words,
        variables: variables(ground),
        folder: folder.path().to_owned(),
        user,
        stop: Signal::TERM,
        group: false,
    };
    let mut process = Process::start(recipe, folder).map_err(|error| refused(&error))?;
    let version = process.ready(async || greeting(address).await).await?;
    Ok(Server {
        address,
        name: match is_maria {
            true => "mariadb",
            false => "mysql",
        },
        version: Some(version),
        keeps: Keeps::Process(process),
    })
}

fn variables(ground: &Ground) -> Vec<(OsString, OsString)> {
    vec![
        ("PATH".into(), ground.path.clone()),
        ("LC_ALL".into(), "C".into()),
    ]
}

/// Makes the system's tables.
async fn init(
    program: &Path,
    is_maria: bool,
    data: &Path,
    user: Option<User>,
    ground: &Ground,
) -> Result<(), String> {
    let maker = match is_maria {
        true => ground
            .program(&["mariadb-install-db", "mysql_install_db"])
            .ok_or("`mariadb-install-db` is not installed (Debian: mariadb-server)")?,
        false => program.to_owned(),
    };
    let mut command = std::process::Command::new(maker);
    command
        .arg("--no-defaults")
        .arg(format!("--datadir={}", data.display()))
        .env_clear()
        .envs(variables(ground))
        .current_dir(data.parent().unwrap_or(data))
        .stdin(Stdio::null());
    if is_maria {
        command.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
        // `/usr` of `/usr/sbin/mariadbd`.
        if let Some(base) = program.parent().and_then(Path::parent) {
            command.arg(format!("--basedir={}", base.display()));
        }
    } else {
        command.arg("--initialize-insecure");
    }
    if let Some(user) = user {
        command.uid(user.id).gid(user.group);
    }
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(60), command.output())
        .await
        .map_err(|_| "its tables were not made within 60 s".to_owned())?
        .map_err(|error| refused(&error))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().rfind(|line| !line.trim().is_empty());
    Err(format!(
        "its tables could not be made: {}",
        last.unwrap_or("no reason given").trim()
    ))
}

/// What the server does before it lets anybody in, a statement a line.
fn statements(demand: &Demand, ground: &Ground) -> String {
    let text = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    let name = |name: &str| format!("`{}`", name.replace('`', "``"));
    // Without a password, root would be anybody's on this machine.
    let root = ground.breeder.password("mysql root");
    // MariaDB's tables have further ones for TCP, with no password either.
    let mut all = format!(
        "ALTER USER 'root'@'localhost' IDENTIFIED BY {};\n\
         DROP USER IF EXISTS 'root'@'127.0.0.1';\nDROP USER IF EXISTS 'root'@'::1';\n",
        text(&root)
    );
    for access in &demand.accesses {
        let user = text(access.user.as_deref().unwrap_or("app"));
        let database = name(access.database.as_deref().unwrap_or("app"));
        let password = text(access.password.as_deref().unwrap_or_default());
        all.push_str(&format!(
            "CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4;\n\
             CREATE USER IF NOT EXISTS {user}@'%' IDENTIFIED BY {password};\n\
             GRANT ALL ON {database}.* TO {user}@'%';\n"
        ));
    }
    all
}

/// The version of the first packet, which the server sends unasked
/// (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html>).
async fn greeting(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.ok()?;
    if head.get(4) != Some(&10) {
        return None;
    }
    let mut version = Vec::new();
    while version.len() < 128 {
        match stream.read_u8().await.ok()? {
            0 => break,
            byte => version.push(byte),
        }
    }
    let text = String::from_utf8(version).ok()?;
    // Old replicas want MariaDB to call itself so.
    let text = text.strip_prefix("5.5.5-").unwrap_or(&text);
    Some(text.split('-').next().unwrap_or(text).to_owned())
}
