//! The port of an interposer, which stays its own while nobody listens on it.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How many connections may wait to be taken; the system may allow fewer.
const BACKLOG: u32 = 1024;

/// A port on loopback that can stop and begin again to listen.
///
/// Two sockets are bound to it (`SO_REUSEPORT`), and one of them never listens: closing the other makes the
/// system refuse connections with a reset of the handshake (RFC 9293, 3.10.7.1) as if nobody were there,
/// and the port cannot go to another process meanwhile. Neither has `SO_REUSEADDR`, which would give the port
/// to whoever has it too as long as nobody listens.
#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    listener: Option<TcpListener>,
    _holder: TcpSocket,
}

impl Door {
    /// Listens on a free port.
    pub(super) fn open() -> io::Result<Self> {
        let holder = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let mut door = Door {
            address: holder.local_addr()?,
            listener: None,
            _holder: holder,
        };
        door.reopen()?;
        Ok(door)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens again, on the same port.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        if self.listener.is_none() {
            self.listener = Some(bound(self.address)?.listen(BACKLOG)?);
        }
        Ok(())
    }

    /// Listens no longer. Connections that nobody has taken yet are reset.
    pub(super) fn close(&mut self) {
        self.listener = None;
    }

    /// The next connection; never any while the door is closed.
    pub(super) async fn accept(&self) -> io::Result<TcpStream> {
        match &self.listener {
            Some(listener) => Ok(listener.accept().await?.0),
            None => pending().await,
        }
    }
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}
