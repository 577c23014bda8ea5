//! Reaching the other side.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::address::Peer;

/// The time that a connection, or the next bytes of a delivery, may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

impl Peer {
    /// The addresses of the host, asked for anew each time: they may change.
    pub(super) fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        Ok((self.host.as_str(), self.port).to_socket_addrs()?.collect())
    }

    /// Connects to the first of the addresses that answers.
    pub(super) fn connect(&self) -> io::Result<TcpStream> {
        let mut last = io::Error::from(ErrorKind::NotFound);
        for address in self.addresses()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}
