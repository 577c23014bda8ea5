//! Where nobody is.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::engine::CouldNotTell;

/// An address of loopback where nobody listens. Another process may take its port later, which the system
/// does only when it has gone round all others.
///
/// # Errors
/// When the system has no port left.
pub fn dead_address() -> Result<SocketAddr, CouldNotTell> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| CouldNotTell(format!("there is no free port: {error}")))
}
