//! A private MongoDB.

use std::net::SocketAddr;

use rustix::process::Signal;
use tokio::net::TcpStream;
use xii_model::ResourceKind;

use super::ground::Ground;
use super::process::{Process, Recipe};
use super::start::{Keeps, Server, absent, refused};

pub(super) async fn start(address: SocketAddr, ground: &Ground) -> Result<Server, String> {
    let program = ground
        .program(&["mongod"])
        .ok_or_else(|| absent(&ResourceKind::Mongo))?;
    let folder = ground
        .folder("mongo-", None)
        .map_err(|error| refused(&error))?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data).map_err(|error| refused(&error))?;
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let data = data.to_string_lossy().into_owned();
    let words = [
        "--dbpath",
        &data,
        "--bind_ip",
        &ip,
        "--port",
        &port,
        "--nounixsocket",
        "--quiet",
    ];
    let recipe = Recipe {
        words: words.map(Into::into).to_vec(),
        variables: vec![("PATH".into(), ground.path.clone())],
        folder: folder.path().to_owned(),
        user: None,
        stop: Signal::TERM,
        group: false,
        program: program.clone(),
    };
    let mut process = Process::start(recipe, folder).map_err(|error| refused(&error))?;
    // It listens when it can be spoken to.
    process
        .ready(async || TcpStream::connect(address).await.ok())
        .await?;
    let told = tokio::process::Command::new(program)
        .arg("--version")
        .output()
        .await;
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned());
    let version = told.ok().and_then(|text| {
        let version = text.split("db version v").nth(1)?;
        version.split_whitespace().next().map(str::to_owned)
    });
    Ok(Server {
        address,
        name: "mongodb",
        version,
        keeps: Keeps::Process(process),
    })
}
