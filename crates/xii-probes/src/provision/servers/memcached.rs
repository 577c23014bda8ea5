//! A private memcached.

use std::net::SocketAddr;

use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use xii_model::ResourceKind;

use super::ground::{Ground, User};
use super::process::{Process, Recipe};
use super::start::{Keeps, Server, absent, refused};

pub(super) async fn start(address: SocketAddr, ground: &Ground) -> Result<Server, String> {
    let program = ground
        .program(&["memcached"])
        .ok_or_else(|| absent(&ResourceKind::Memcached))?;
    // It refuses to run as root.
    let user = User::instead_of_root(&["memcache"]);
    let folder = ground
        .folder("memcached-", user)
        .map_err(|error| refused(&error))?;
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let words = ["-l", &ip, "-p", &port, "-U", "0", "-m", "64"];
    let recipe = Recipe {
        program,
        words: words.map(Into::into).to_vec(),
        variables: vec![("PATH".into(), ground.path.clone())],
        folder: folder.path().to_owned(),
        user,
        stop: Signal::TERM,
        group: false,
    };
    let mut process = Process::start(recipe, folder).map_err(|error| refused(&error))?;
    let version = process
        .ready(async || {
            line(address, b"version\r\n")
                .await?
                .strip_prefix("VERSION ")
                .map(str::to_owned)
        })
        .await?;
    Ok(Server {
        address,
        name: "memcached",
        version: Some(version),
        keeps: Keeps::Process(process),
    })
}

/// The first line that a server says, when it was told something first or not.
pub(super) async fn line(address: SocketAddr, said: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(said).await.ok()?;
    let mut text = String::new();
    BufReader::new(stream.take(8 << 10))
        .read_line(&mut text)
        .await
        .ok()?;
    (!text.is_empty()).then(|| text.trim_end().to_owned())
}
