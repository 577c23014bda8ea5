//! Resources to relay to, and what was told of them.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use xii_probes::interposer::Interposer;

/// How long anything may take before a test gives up on it.
const DEADLINE: Duration = Duration::from_secs(60);

/// Waits for something that must come.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(DEADLINE, what).await.expect("it comes in time")
}

/// What an interposer told.
pub struct Told {
    told: watch::Receiver<Vec<String>>,
}

impl Told {
    /// All of it.
    pub fn all(&self) -> Vec<String> {
        self.told.borrow().clone()
    }

    /// Waits until something was told that begins so.
    pub async fn until(&mut self, beginning: &str) -> String {
        let found = |told: &Vec<String>| told.iter().any(|how| how.starts_with(beginning));
        let told = timeout(DEADLINE, self.told.wait_for(found)).await;
        let told = told.unwrap_or_else(|_| panic!("`{beginning}…` was not told"));
        let told = told.expect("the interposer lives");
        let how = told.iter().find(|how| how.starts_with(beginning));
        how.expect("it was found").clone()
    }
}

/// An interposer before this address.
pub async fn interposer(target: SocketAddr) -> (Interposer, Told) {
    let (tell, told) = watch::channel(Vec::new());
    let interposer = Interposer::start("CACHE_URL", target, move |relayed| {
        assert_eq!(relayed.resource, "CACHE_URL");
        tell.send_modify(|all| all.push(relayed.how));
    });
    let interposer = interposer.await.expect("an interposer");
    (interposer, Told { told })
}

/// A resource whose connections the test holds.
pub struct Resource {
    listener: TcpListener,
}

impl Resource {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Resource { listener }
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("an address")
    }

    pub async fn accept(&self) -> TcpStream {
        soon(self.listener.accept()).await.expect("a connection").0
    }
}

/// A connection through the interposer, and its other end at the resource.
pub async fn pair(interposer: &Interposer, resource: &Resource) -> (TcpStream, TcpStream) {
    let app = connect(interposer).await.expect("it is taken");
    let there = resource.accept().await;
    (app, there)
}

/// A connection to the interposer.
pub async fn connect(interposer: &Interposer) -> io::Result<TcpStream> {
    soon(TcpStream::connect(interposer.address())).await
}

/// Sends all of this.
pub async fn send(to: &mut TcpStream, bytes: &[u8]) {
    soon(to.write_all(bytes)).await.expect("it is sent");
}

/// Reads just so much as is expected, and it is that.
pub async fn expect(from: &mut TcpStream, bytes: &[u8]) {
    let mut read = vec![0; bytes.len()];
    soon(from.read_exact(&mut read)).await.expect("it comes");
    assert_eq!(read, bytes);
}

/// The other side will send no more.
pub async fn expect_end(from: &mut TcpStream) {
    let read = soon(from.read(&mut [0; 16])).await;
    assert_eq!(read.expect("an end, no reset"), 0);
}

/// The connection was reset.
pub async fn expect_reset(from: &mut TcpStream) {
    let read = soon(from.read(&mut [0; 16])).await;
    let error = read.expect_err("it was reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

/// A new connection is taken and reset, before or after the handshake has reached the app.
pub async fn expect_new_reset(interposer: &Interposer) {
    match connect(interposer).await {
        Ok(mut app) => expect_reset(&mut app).await,
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
    }
}
