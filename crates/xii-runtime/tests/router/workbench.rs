//! Instances written by hand, a client that sees every byte, and the router between them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::net::{self, AddressFamily, SocketType};
use xii_model::Request;
use xii_runtime::router::{Backend, Observer, Router, RouterHandle, Settings};

/// After this a test that waits has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server on loopback that gives every connection to a function, on a thread of its own.
pub(crate) struct Instance {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Instance {
    pub(crate) fn start(serve: impl Fn(Peer) + Send + Sync + 'static) -> Self {
        Instance::on(Reserved::new().listen(), serve)
    }

    pub(crate) fn on(listener: TcpListener, serve: impl Fn(Peer) + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().expect("its address");
        let (stop, connections) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&connections));
        let serve = Arc::new(serve);
        let thread = std::thread::spawn(move || {
            let mut peers = Vec::new();
            while let Ok((stream, _)) = listener.accept() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let _: usize = AtomicUsize::fetch_add(&counted, 1, Ordering::SeqCst);
                let serve = Arc::clone(&serve);
                let handle = stream.try_clone().expect("a second handle");
                let handle = Arc::new(Mutex::new(Some(handle)));
                let held = Arc::clone(&handle);
                let thread = std::thread::spawn(move || {
                    serve(Peer::new(stream));
                    // The last handle: now the connection is closed.
                    held.lock().expect("no panic").take();
                });
                peers.push((handle, thread));
            }
            drop(listener);
            for (handle, thread) in peers {
                if let Some(stream) = handle.lock().expect("no panic").as_ref() {
                    let _ = stream.shutdown(Shutdown::Both);
                }
                thread.join().expect("an instance does as it is told");
            }
        });
        Instance {
            address,
            connections,
            stop,
            thread: Some(thread),
        }
    }

    /// Answers every request with `200` and this body.
    pub(crate) fn answering(body: &'static str) -> Self {
        Instance::start(move |mut peer| {
            while let Some(head) = peer.head() {
                peer.skip_body(&head);
                peer.answer(body);
            }
        })
    }

    /// Answers every request with its own head.
    pub(crate) fn echoing() -> Self {
        Instance::start(|mut peer| {
            while let Some(head) = peer.head() {
                peer.skip_body(&head);
                peer.answer(&head);
            }
        })
    }

    /// How many connections it was given.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let joined = thread.join();
            assert!(joined.is_ok() || std::thread::panicking());
        }
    }
}

/// An address that is taken, so that no other test gets it, and that nobody listens on yet.
pub(crate) struct Reserved {
    pub(crate) address: SocketAddr,
    socket: OwnedFd,
}

impl Reserved {
    pub(crate) fn new() -> Self {
        let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None);
        let socket = socket.expect("a socket");
        net::bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let address = net::getsockname(&socket).expect("its address");
        Reserved {
            address: address.try_into().expect("an internet address"),
            socket,
        }
    }

    pub(crate) fn listen(self) -> TcpListener {
        net::listen(&self.socket, 128).expect("a listener");
        TcpListener::from(self.socket)
    }
}

/// One side of a connection, read by line and by count.
pub(crate) struct Peer {
    reader: BufReader<TcpStream>,
}

impl Peer {
    pub(crate) fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        stream
            .set_write_timeout(Some(PATIENCE))
            .expect("a time-out");
        stream.set_nodelay(true).expect("no delay");
        Peer {
            reader: BufReader::new(stream),
        }
    }

    /// The next head, its empty line left out; `None` at the end of the connection.
    pub(crate) fn head(&mut self) -> Option<String> {
        let mut head = String::new();
        loop {
            let mut line = String::new();
            match self.reader.read_line(&mut line) {
                Ok(1..) if line == "\r\n" => return Some(head),
                Ok(1..) => head.push_str(&line),
                _ => return None,
            }
        }
    }

    /// Reads the body that the head speaks of.
    pub(crate) fn body(&mut self, head: &str) -> Vec<u8> {
        let mut body = Vec::new();
        if let Some(length) = field(head, "content-length") {
            body.resize(length.parse().expect("a length"), 0);
            self.reader.read_exact(&mut body).expect("the whole body");
        } else if field(head, "transfer-encoding").is_some() {
            while let Some(chunk) = self.chunk() {
                body.extend(chunk);
            }
            while self.line() != "\r\n" {}
        }
        body
    }

    pub(crate) fn skip_body(&mut self, head: &str) {
        self.body(head);
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("a line");
        line
    }

    /// The next chunk; `None` for the last, whose trailers are still to be read.
    pub(crate) fn chunk(&mut self) -> Option<Vec<u8>> {
        let line = self.line();
        let size = line.split(';').next().expect("a part").trim_end();
        let size = usize::from_str_radix(size, 16).expect("a size");
        if size == 0 {
            return None;
        }
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk).expect("a whole chunk");
        assert!(chunk.ends_with(b"\r\n"));
        chunk.truncate(size);
        Some(chunk)
    }

    pub(crate) fn exactly(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.reader.read_exact(&mut bytes).expect("so many bytes");
        bytes
    }

    /// All until the connection ends; the error, if it ended with one.
    pub(crate) fn rest(&mut self) -> (Vec<u8>, Option<std::io::ErrorKind>) {
        let mut bytes = Vec::new();
        let ended = self.reader.read_to_end(&mut bytes);
        (bytes, ended.err().map(|error| error.kind()))
    }

    /// Writes; that the other side has gone is not this side's fault.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.reader.get_mut().write_all(bytes.as_ref());
    }

    pub(crate) fn answer(&mut self, body: &str) {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        self.send(head + body);
    }

    /// Ends the connection with a reset.
    pub(crate) fn reset(self) {
        let socket = self.reader.into_inner();
        let linger = Some(Duration::ZERO);
        rustix::net::sockopt::set_socket_linger(&socket, linger).expect("a socket");
    }

    /// A second handle to the connection.
    pub(crate) fn stream(&self) -> TcpStream {
        self.reader.get_ref().try_clone().expect("a second handle")
    }

    pub(crate) fn half_close(&self) {
        let closed = self.reader.get_ref().shutdown(Shutdown::Write);
        closed.expect("an open connection");
    }
}

/// The value of a field in a head.
pub(crate) fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// What a client got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }
}

/// A client's connection to the router.
pub(crate) struct Client(pub(crate) Peer);

impl Client {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Client(Peer::new(TcpStream::connect(address).expect("the router")))
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.send(bytes);
        self
    }

    /// The next head and its status.
    pub(crate) fn head(&mut self) -> (u16, String) {
        let head = self.0.head().expect("an answer");
        let status = head.get(9..12).and_then(|it| it.parse().ok());
        (status.expect("a status"), head)
    }

    /// The next answer, with a body of known length.
    pub(crate) fn answer(&mut self) -> Answer {
        let (status, head) = self.head();
        let body = match (
            field(&head, "content-length"),
            field(&head, "transfer-encoding"),
        ) {
            (None, None) if status >= 200 && field(&head, "connection") == Some("close") => {
                self.0.rest().0
            }
            _ => self.0.body(&head),
        };
        Answer { status, head, body }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: app\r\n\r\n"));
        self.answer()
    }
}

/// Remembers what the router tells.
#[derive(Default)]
pub(crate) struct Notes {
    requests: Mutex<Vec<Request>>,
    told: Condvar,
}

impl Notes {
    /// Waits until so many requests were told of, and gives them.
    pub(crate) fn of(&self, count: usize) -> Vec<Request> {
        let requests = self.requests.lock().expect("no panic");
        let enough = |requests: &mut Vec<Request>| requests.len() < count;
        let (requests, waited) = self
            .told
            .wait_timeout_while(requests, PATIENCE, enough)
            .expect("no panic");
        assert!(!waited.timed_out(), "only {} were told", requests.len());
        requests.clone()
    }
}

impl Observer for Notes {
    fn request(&self, request: Request) {
        self.requests.lock().expect("no panic").push(request);
        self.told.notify_all();
    }
}

/// A running router, stopped at the end of its test.
pub(crate) struct Bench {
    pub(crate) handle: RouterHandle,
    pub(crate) notes: Arc<Notes>,
}

impl Bench {
    pub(crate) fn new(addresses: &[SocketAddr]) -> Self {
        Bench::with(addresses, |_| {})
    }

    pub(crate) fn with(addresses: &[SocketAddr], change: impl FnOnce(&mut Settings)) -> Self {
        let notes = Arc::new(Notes::default());
        let mut settings = Settings::new(0);
        settings.threads = 2;
        settings.observer = Some(Arc::clone(&notes) as Arc<dyn Observer>);
        change(&mut settings);
        let handle = Router::start(settings).expect("a router");
        handle.set_backends(backends(addresses));
        Bench { handle, notes }
    }

    pub(crate) fn client(&self) -> Client {
        Client::to(self.handle.address())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let stopped = self.handle.stop(Duration::ZERO).blocking_recv();
        assert!(stopped.is_ok() || std::thread::panicking());
    }
}

/// `web.1`, `web.2`, … at these addresses, with ids from 1.
pub(crate) fn backends(addresses: &[SocketAddr]) -> Vec<Backend> {
    let number = (1..).zip(addresses);
    number
        .map(|(number, address)| Backend {
            id: u64::from(number),
            instance: xii_model::Instance::new("web", number),
            address: *address,
        })
        .collect()
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !so() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        std::thread::yield_now();
    }
}
