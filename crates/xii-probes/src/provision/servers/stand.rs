//! A program of the app's folder that stands for a resource.

use std::path::Path;

use rustix::process::Signal;
use tokio::net::TcpStream;

use super::ground::Ground;
use super::process::{Process, Recipe};
use super::start::{Keeps, Server, refused};

/// Runs a command line in the app's folder, with a port in `PORT`, and waits until it listens there.
///
/// # Errors
/// Why it does not, as a part of a sentence.
pub(crate) async fn stand(
    command: &str,
    app: &Path,
    variables: &[(String, String)],
    ground: &Ground,
) -> Result<Server, String> {
    let address = ground.address().map_err(|error| refused(&error))?;
    let folder = ground
        .folder("stand-", None)
        .map_err(|error| refused(&error))?;
    let mut all: Vec<_> = vec![("PATH".into(), ground.path.clone())];
    all.extend(
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    );
    all.push(("PORT".into(), address.port().to_string().into()));
    let recipe = Recipe {
        program: "/bin/sh".into(),
        words: vec!["-c".into(), command.into()],
        variables: all,
        folder: app.to_owned(),
        user: None,
        stop: Signal::TERM,
        // The shell may not hand a signal on.
        group: true,
    };
    let mut process = Process::start(recipe, folder).map_err(|error| refused(&error))?;
    process
        .ready(async || TcpStream::connect(address).await.ok())
        .await?;
    Ok(Server {
        address,
        name: "command",
        version: None,
        keeps: Keeps::Process(process),
    })
}
