//! One connection to an instance, kept for as long as it holds.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::sending::Sending;
use super::wire::{Seen, Wire};
use super::{Answer, Client, Half, LONGEST_BODY, Miss, Request};

/// So much of a body is read and left before the connection is given up.
const LONGEST_READ: usize = 64 << 20;
/// The most header fields that an answer may have.
const MOST_FIELDS: usize = 256;

/// One connection to an instance. It is closed when it is dropped, with whatever was going on.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    sender: SendRequest<Sending>,
    driver: Option<JoinHandle<()>>,
    seen: Arc<Seen>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }
}

impl Connection {
    pub(super) async fn open(client: Client) -> Result<Self, Miss> {
        let stream = TcpStream::connect(client.address).await;
        let stream = stream.map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused => Miss::Refused,
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Miss::Reset,
            io::ErrorKind::TimedOut => Miss::TimedOut,
            _ => Miss::Failed(error.to_string()),
        })?;
        // A request is sent at once: what waits for it is measured.
        let _ = stream.set_nodelay(true);
        let seen = Arc::new(Seen::default());
        let io = TokioIo::new(Wire::new(stream, Arc::clone(&seen)));
        let (sender, driver) = http1::Builder::new()
            .title_case_headers(true)
            .max_headers(MOST_FIELDS)
            .handshake(io)
            .await
            .map_err(|error| Miss::Failed(error.to_string()))?;
        // Its errors come to whoever waits for an answer; `seen` knows how it ended.
        let driver = tokio::spawn(async move {
            let _ = driver.await;
        });
        Ok(Connection {
            client,
            sender,
            driver: Some(driver),
            seen,
        })
    }

    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    ///
    /// How the answer failed to come.
    pub async fn send(&mut self, request: &Request) -> Result<Answer, Miss> {
        self.send_within(request, request.within).await.0
    }

    /// The answer, and the status where there was a head.
    pub(super) async fn send_within(
        &mut self,
        request: &Request,
        within: Duration,
    ) -> (Result<Answer, Miss>, Option<u16>) {
        let begun = Instant::now();
        self.seen.begin();
        let mut status = None;
        let asking = async {
            let body = Sending::whole(request.body.clone());
            let message = self.message(request, body)?;
            if let Err(error) = self.sender.ready().await {
                return Err(miss(&error, &self.seen));
            }
            let answer = self.sender.send_request(message);
            read(answer, begun, &self.seen, &mut status).await
        };
        let outcome = timeout(within, asking).await;
        let outcome = outcome.unwrap_or(Err(Miss::TimedOut));
        self.over(request, begun, status, &outcome);
        (outcome, status)
    }

    /// Sends the head of a request and the first `bytes` of its body, and waits until the system has them. The
    /// head announces the whole body.
    ///
    /// # Errors
    ///
    /// How the connection failed.
    pub async fn half_sent(mut self, request: Request, bytes: usize) -> Result<Half, Miss> {
        let begun = Instant::now();
        self.seen.begin();
        let (feed, parts) = mpsc::unbounded_channel();
        let mut rest = Bytes::from(request.body.clone());
        // What is complete is no half: the last byte stays here.
        let first = rest.split_to(bytes.min(rest.len().saturating_sub(1)));
        let body = Sending::Fed {
            parts,
            left: (first.len() + rest.len()) as u64,
            seen: Arc::clone(&self.seen),
        };
        let message = self.message(&request, body)?;
        if rest.is_empty() {
            let why = "a request without a body cannot be sent in halves".to_owned();
            return Err(Miss::Failed(why));
        }
        if !first.is_empty() {
            let _ = feed.send(first);
        }
        let going = async {
            if let Err(error) = self.sender.ready().await {
                return Err(miss(&error, &self.seen));
            }
            // The answer is waited for apart, since it may come before the body is whole.
            let answer = self.sender.send_request(message);
            let seen = Arc::clone(&self.seen);
            let answer = tokio::spawn(async move {
                let mut status = None;
                let outcome = read(answer, begun, &seen, &mut status).await;
                (outcome, status)
            });
            tokio::select! {
                () = self.seen.handed_over() => {}
                // The driver goes when the connection does.
                () = gone(&mut self.driver) => {}
            }
            Ok(answer)
        };
        let answer = timeout(request.within, going)
            .await
            .unwrap_or(Err(Miss::TimedOut));
        match answer {
            Ok(answer) => Ok(Half::new(self, request, begun, feed, rest, answer)),
            Err(miss) => {
                self.over(&request, begun, None, &Err(miss.clone()));
                Err(miss)
            }
        }
    }

    /// Waits until the other end closes the connection, for at most `within`; `None` when it does not.
    pub async fn closed(&mut self, within: Duration) -> Option<Miss> {
        timeout(within, gone(&mut self.driver)).await.ok()?;
        Some(self.seen.end())
    }

    /// Whether the other end has closed the connection by now.
    pub async fn is_closed(&mut self) -> bool {
        // One turn of the event loop lets the socket be read.
        self.closed(Duration::from_millis(1)).await.is_some()
    }

    fn message(&self, request: &Request, body: Sending) -> Result<hyper::Request<Sending>, Miss> {
        let cookies = self.client.cookies.as_ref();
        let cookies = cookies.and_then(|cookies| cookies.borrow().field(&request.path));
        request.message(&self.client.host, cookies, body)
    }

    /// Keeps the cookies of an answer and tells of the request.
    pub(super) fn over(
        &self,
        request: &Request,
        begun: Instant,
        status: Option<u16>,
        outcome: &Result<Answer, Miss>,
    ) {
        if let (Some(cookies), Ok(answer)) = (&self.client.cookies, outcome) {
            let mut cookies = cookies.borrow_mut();
            for field in answer.fields("set-cookie") {
                cookies.set(&field, &request.path);
            }
        }
        let miss = outcome.as_ref().err();
        self.client.tell(request, status, miss, begun.elapsed());
    }
}

/// Waits until the driver of a connection has come to its end.
async fn gone(driver: &mut Option<JoinHandle<()>>) {
    if let Some(running) = driver {
        let _ = running.await;
        *driver = None;
    }
}

async fn read(
    answer: impl Future<Output = hyper::Result<hyper::Response<hyper::body::Incoming>>>,
    begun: Instant,
    seen: &Seen,
    status: &mut Option<u16>,
) -> Result<Answer, Miss> {
    let response = answer.await.map_err(|error| miss(&error, seen))?;
    let first_byte = seen.first_read().unwrap_or_else(Instant::now);
    let (head, mut body) = response.into_parts();
    *status = Some(head.status.as_u16());
    let mut kept = BytesMut::new();
    let mut length = 0usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| miss(&error, seen))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let room = LONGEST_BODY.saturating_sub(kept.len()).min(data.len());
        kept.extend_from_slice(&data[..room]);
        length = length.saturating_add(data.len());
        if length > LONGEST_READ {
            break;
        }
    }
    Ok(Answer {
        status: head.status.as_u16(),
        version: match head.version {
            hyper::Version::HTTP_10 => "HTTP/1.0",
            _ => "HTTP/1.1",
        },
        headers: head.headers,
        truncated: length > kept.len(),
        body: kept.freeze(),
        took: begun.elapsed(),
        first_byte: first_byte.saturating_duration_since(begun),
    })
}

/// What an error of hyper means to a prober.
fn miss(error: &hyper::Error, seen: &Seen) -> Miss {
    if error.is_parse() {
        return Miss::Malformed(error.to_string());
    }
    seen.end()
}
