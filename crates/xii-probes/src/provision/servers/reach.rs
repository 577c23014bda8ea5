//! Whether a resource that somebody gave can be reached.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};

/// How long a name and a connection may take, each.
const PATIENCE: Duration = Duration::from_secs(3);

/// The first address of a host that takes a connection.
///
/// # Errors
/// Why none does, as a part of a sentence.
pub(crate) async fn reach(host: &str, port: u16) -> Result<SocketAddr, String> {
    let found = tokio::time::timeout(PATIENCE, lookup_host((host, port))).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(Ok(addresses)) => addresses.take(8).collect(),
        Ok(Err(_)) => return Err(format!("{host} has no address")),
        Err(_) => return Err(format!("the address of {host} could not be found in time")),
    };
    let mut last = format!("{host} has no address");
    for address in addresses {
        match tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok(address),
            Ok(Err(error)) => last = format!("{host}:{port} does not answer ({error})"),
            Err(_) => last = format!("{host}:{port} does not answer"),
        }
    }
    Err(last)
}
