//! A server that does with each request what the test says.
#![allow(unreachable_pub)] // Nobody but this test program uses it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use xii_runtime::load::{Load, Pace, Span, Target};

/// A request as it arrived.
pub struct Asked {
    /// The how manieth connection it came over, from 1.
    pub connection: u64,
    /// The how manieth request of that connection it is, from 1.
    pub turn: u64,
    /// The head, as text.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

/// What becomes of the connection after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The next request is read.
    Keep,
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
    /// It is held until the other side closes it.
    Hold,
}

/// An answer with nothing unusual.
pub const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!";

type Behaviour = dyn Fn(&Asked, &TcpStream) -> Then + Send + Sync;

/// A server on a port of its own; it ends with its connections when it is dropped.
pub struct Server {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    requests: Arc<AtomicU64>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one that behaves so.
    pub fn that(behaves: impl Fn(&Asked, &TcpStream) -> Then + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let stopped = Arc::new(AtomicBool::new(false));
        let requests = Arc::new(AtomicU64::new(0));
        let behaves: Arc<Behaviour> = Arc::new(behaves);
        let accepting = thread::spawn({
            let (stopped, requests) = (Arc::clone(&stopped), Arc::clone(&requests));
            move || accept(&listener, &stopped, &requests, &behaves)
        });
        Server {
            address,
            stopped,
            requests,
            accepting: Some(accepting),
        }
    }

    /// One that answers everything with [`HELLO`].
    pub fn plain() -> Self {
        Server::that(|_, stream| say(stream, HELLO, Then::Keep))
    }

    /// The requests that have arrived whole.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }

    /// A closed loop of so many requests on 4 connections.
    pub fn load(&self, requests: u64) -> Load {
        Load {
            connections: 4,
            span: Span::Requests(requests),
            pace: Pace::Closed,
            ..Load::new(self.target(&["/"]))
        }
    }

    /// These paths of it.
    pub fn target(&self, paths: &[&str]) -> Target {
        let urls: Vec<_> = paths
            .iter()
            .map(|path| format!("http://{}{path}", self.address))
            .collect();
        Target::new(&urls, &[]).expect("a target")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// Writes an answer; when the other side is gone, there is nothing to be done about it.
pub fn say(mut stream: &TcpStream, answer: &[u8], then: Then) -> Then {
    match stream.write_all(answer) {
        Ok(()) => then,
        Err(_) => Then::Close,
    }
}

fn accept(
    listener: &TcpListener,
    stopped: &AtomicBool,
    requests: &Arc<AtomicU64>,
    behaves: &Arc<Behaviour>,
) {
    // Weak, so that a connection ends when its own thread lets go of it.
    let mut open: Vec<Weak<TcpStream>> = Vec::new();
    let mut threads = Vec::new();
    for connection in 1.. {
        let Ok((stream, _)) = listener.accept() else {
            continue;
        };
        if stopped.load(Ordering::SeqCst) {
            break;
        }
        let stream = Arc::new(stream);
        open.retain(|one| one.strong_count() > 0);
        open.push(Arc::downgrade(&stream));
        let (requests, behaves) = (Arc::clone(requests), Arc::clone(behaves));
        threads.push(thread::spawn(move || {
            serve(&stream, connection, &requests, &behaves)
        }));
    }
    for stream in open.iter().filter_map(Weak::upgrade) {
        let _ = stream.shutdown(Shutdown::Both);
    }
    for thread in threads {
        thread.join().expect("the behaviour does not panic");
    }
}

fn serve(stream: &TcpStream, connection: u64, requests: &AtomicU64, behaves: &Arc<Behaviour>) {
    stream.set_nodelay(true).expect("an option");
    let mut kept = Vec::new();
    for turn in 1.. {
        let Some((head, body)) = request(stream, &mut kept) else {
            return;
        };
        requests.fetch_add(1, Ordering::SeqCst);
        let asked = Asked {
            connection,
            turn,
            head,
            body,
        };
        match behaves(&asked, stream) {
            Then::Keep => {}
            Then::Close => return,
            Then::Reset => {
                // What is closed without lingering is reset.
                let none = Some(Duration::ZERO);
                rustix::net::sockopt::set_socket_linger(stream, none).expect("an option");
                return;
            }
            Then::Hold => {
                let mut stream = stream;
                let _ = stream.read(&mut [0; 1]);
                return;
            }
        }
    }
}

/// The next request, if one comes.
fn request(mut stream: &TcpStream, kept: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let mut chunk = [0; 16 * 1024];
    loop {
        if let Some(end) = kept.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&kept[..end]).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "))
                .map_or(0, |length| length.parse().expect("a length"));
            if kept.len() >= end + 4 + length {
                let body = kept[end + 4..end + 4 + length].to_vec();
                kept.drain(..end + 4 + length);
                return Some((head, body));
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(read) => kept.extend_from_slice(&chunk[..read]),
        }
    }
}
