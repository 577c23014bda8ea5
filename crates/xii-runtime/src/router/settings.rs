//! What the router is told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::network::Network;

/// How the router listens, waits and trusts. [`Settings::new`] has a value for everything.
#[derive(Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Speak TLS, with HTTP/2 by ALPN; without it, HTTP/2 is by prior knowledge.
    pub tls: Option<Tls>,
    /// Threads; 0: one a core, at most 4.
    pub threads: usize,
    /// The time in which an instance must take a connection.
    pub connect_timeout: Duration,
    /// The time in which it must begin its answer, once it has the whole request.
    pub first_byte_timeout: Duration,
    /// The time in which a body, either way, must move by at least one byte.
    pub idle_timeout: Duration,
    /// The time that a connection taken over by an upgrade may be silent.
    pub tunnel_timeout: Duration,
    /// The time in which a client must send the whole head of a request.
    pub head_timeout: Duration,
    /// The time for which a client may keep a connection without a request.
    pub keep_alive_timeout: Duration,
    /// The time that a request waits for an instance when none is ready, or none takes a connection.
    pub ready_timeout: Duration,
    /// The largest head of a request or an answer, in bytes.
    pub max_head: usize,
    /// The most connections of clients at once; 0: as many as the file descriptors allow.
    pub max_connections: usize,
    /// Who may say `X-Forwarded-…`: from all others it is replaced.
    pub trusted: Vec<Network>,
    /// Who is told of every request.
    pub observer: Option<Arc<dyn Observer>>,
}

impl Settings {
    /// Everything at its default: loopback, no TLS, nobody trusted; 5 s to connect, 60 s to the first
    /// byte, 60 s for a body that stands still, 1 h for a silent tunnel, 30 s for a head, 75 s between
    /// requests, 5 s for an instance to become ready, heads up to 32 KiB.
    pub fn new(port: u16) -> Self {
        Settings {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
            tls: None,
            threads: 0,
            connect_timeout: Duration::from_secs(5),
            first_byte_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(60),
            tunnel_timeout: Duration::from_secs(3600),
            head_timeout: Duration::from_secs(30),
            keep_alive_timeout: Duration::from_secs(75),
            ready_timeout: Duration::from_secs(5),
            max_head: 32 << 10,
            max_connections: 0,
            trusted: Vec::new(),
            observer: None,
        }
    }
}

/// The files that TLS needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate and those that signed it, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// Who is told of requests.
pub trait Observer: Send + Sync {
    /// A request was answered, or could not be. Called on the router's threads: it must not wait.
    fn request(&self, request: xii_model::Request);
}

/// Why the router could not start.
#[derive(Debug, thiserror::Error)]
pub enum RouterError {
    /// The address cannot be had.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said; `AddrInUse` for a taken port.
        error: std::io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("{}: {reason}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// Why, in one lower-case clause.
        reason: String,
    },
    /// A thread or its runtime cannot be made.
    #[error("cannot start the router's threads: {0}")]
    Threads(std::io::Error),
}
