//! A private Redis, or Valkey.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;

use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use xii_model::ResourceKind;

use super::ground::Ground;
use super::process::{Process, Recipe};
use super::start::{Demand, Keeps, Server, absent, refused};

pub(super) async fn start(
    address: SocketAddr,
    demand: &Demand,
    ground: &Ground,
) -> Result<Server, String> {
    let program = ground
        .program(&["redis-server", "valkey-server"])
        .ok_or_else(|| absent(&ResourceKind::Redis))?;
    let name = match program.ends_with("valkey-server") {
        true => "valkey",
        false => "redis",
    };
    let password = demand
        .accesses
        .iter()
        .find_map(|one| one.password.as_deref());
    let folder = ground
        .folder("redis-", None)
        .map_err(|error| refused(&error))?;
    // In a file, since everybody can read the words of a process.
    let file = folder.path().join("redis.conf");
    let mut settings = format!(
        "bind {}\nport {}\ndir {}\nsave \"\"\nappendonly no\ndaemonize no\ndatabases 64\n",
        address.ip(),
        address.port(),
        quoted(&folder.path().to_string_lossy()),
    );
    if let Some(password) = password {
        settings.push_str(&format!("requirepass {}\n", quoted(password)));
    }
    std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&file)
        .and_then(|mut file| file.write_all(settings.as_bytes()))
        .map_err(|error| refused(&error))?;
    let recipe = Recipe {
        program,
        words: vec![file.into()],
        variables: vec![
            ("PATH".into(), ground.path.clone()),
            ("LC_ALL".into(), "C".into()),
        ],
        folder: folder.path().to_owned(),
        user: None,
        stop: Signal::TERM,
        group: false,
    };
    let mut process = Process::start(recipe, folder).map_err(|error| refused(&error))?;
    let version = process.ready(async || ask(address, password).await).await?;
    Ok(Server {
        address,
        name,
        version: Some(version),
        keeps: Keeps::Process(process),
    })
}

/// A text in quotes, as redis.conf has it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Its version, by `INFO` (<https://redis.io/docs/latest/commands/info/>).
pub(super) async fn ask(address: SocketAddr, password: Option<&str>) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let mut words = String::new();
    if let Some(password) = password {
        words.push_str(&format!("AUTH {password}\r\n"));
    }
    words.push_str("INFO server\r\n");
    stream.write_all(words.as_bytes()).await.ok()?;
    let mut told = Vec::new();
    let mut buffer = [0; 4096];
    while told.len() < 64 << 10 {
        let count = stream.read(&mut buffer).await.ok()?;
        told.extend_from_slice(buffer.get(..count)?);
        let text = String::from_utf8_lossy(&told);
        if count == 0 || text.contains("-NOAUTH") || text.contains("-ERR") {
            return None;
        }
        // Valkey tells both; the second is the one that it stands in for.
        for name in ["valkey_version:", "redis_version:"] {
            let found = text.lines().find_map(|line| line.strip_prefix(name));
            if let Some(version) = found.filter(|_| text.contains("redis_mode:")) {
                return Some(version.trim().to_owned());
            }
        }
    }
    None
}
