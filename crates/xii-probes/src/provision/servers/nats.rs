//! A private NATS.

use std::net::SocketAddr;

use rustix::process::Signal;
use xii_model::ResourceKind;

use super::ground::Ground;
use super::memcached::line;
use super::process::{Process, Recipe};
use super::start::{Keeps, Server, absent, refused};

pub(super) async fn start(address: SocketAddr, ground: &Ground) -> Result<Server, String> {
    let program = ground
        .program(&["nats-server"])
        .ok_or_else(|| absent(&ResourceKind::Nats))?;
    let folder = ground
        .folder("nats-", None)
        .map_err(|error| refused(&error))?;
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let store = folder
        .path()
        .join("jetstream")
        .to_string_lossy()
        .into_owned();
    let words = ["-a", &ip, "-p", &port, "-js", "-sd", &store];
    let recipe = Recipe {
        program,
        words: words.map(Into::into).to_vec(),
        variables: vec![("PATH".into(), ground.path.clone())],
        folder: folder.path().to_owned(),
        user: None,
        stop: Signal::TERM,
        group: false,
    };
    let mut process = Process::start(recipe, folder).map_err(|error| refused(&error))?;
    // It says what it is before anybody asks.
    let version = process
        .ready(async || {
            let told = line(address, b"").await?;
            let about = told.strip_prefix("INFO ")?;
            let about: serde_json::Value = serde_json::from_str(about).ok()?;
            Some(about.get("version")?.as_str()?.to_owned())
        })
        .await?;
    Ok(Server {
        address,
        name: "nats",
        version: Some(version),
        keeps: Keeps::Process(process),
    })
}
