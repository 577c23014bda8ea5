//! Posting to an OpenTelemetry collector.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use super::address::Peer;
use super::otlp;
use super::outlet::{Outlet, Progress};
use super::peer::PATIENCE;
use crate::log::record::Records;

/// Bytes of an answer that are read.
const ANSWER: usize = 64 << 10;
/// The longest pause that a collector may ask for.
const LONGEST: Duration = Duration::from_secs(30);

/// A connection to a collector.
#[derive(Debug)]
pub(super) struct Collector {
    peer: Peer,
    path: String,
    app: String,
    runtime: Runtime,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Collector {
    pub(super) fn new(peer: Peer, path: String, app: &str) -> io::Result<Self> {
        Ok(Collector {
            peer,
            path,
            app: app.to_owned(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
            sender: None,
        })
    }
}

impl Outlet for Collector {
    fn deliver(&mut self, block: &[u8], progress: &mut Progress) -> io::Result<()> {
        let records = Records::of(block).count() as u64;
        let body = Bytes::from(otlp::request(&self.app, block));
        let Collector {
            peer,
            path,
            runtime,
            sender,
            ..
        } = self;
        let posted = runtime.block_on(async {
            let post = post(peer, path, sender, body);
            tokio::time::timeout(2 * PATIENCE, post).await
        });
        match posted.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(Answer::Taken { rejected }) => {
                progress.lost += rejected.min(records);
            }
            Ok(Answer::Refused) => progress.lost += records,
            Ok(Answer::Later(wait)) => {
                progress.wait = wait;
                return Err(io::ErrorKind::ResourceBusy.into());
            }
            Err(error) => {
                // What happens to a request that was broken off is not known to the connection.
                self.sender = None;
                return Err(error);
            }
        }
        progress.done = records;
        Ok(())
    }
}

/// What a collector says to a request (OTLP 1.x, "OTLP/HTTP Response").
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// It took the records, but for so many.
    Taken { rejected: u64 },
    /// It will never take them.
    Refused,
    /// It may take them later, or when it says.
    Later(Option<Duration>),
}

async fn post(
    peer: &Peer,
    path: &str,
    kept: &mut Option<SendRequest<Full<Bytes>>>,
    body: Bytes,
) -> io::Result<Answer> {
    let mut sender = match usable(kept.take()).await {
        Some(sender) => sender,
        None => connect(peer).await?,
    };
    let request = Request::post(path)
        .header(HOST, peer.to_string())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("xii/", env!("CARGO_PKG_VERSION")))
        .body(Full::new(body))
        .map_err(io::Error::other)?;
    let response = sender
        .send_request(request)
        .await
        .map_err(io::Error::other)?;
    let answer = read(response).await?;
    *kept = Some(sender);
    Ok(answer)
}

/// The connection, if the other side has not ended it.
async fn usable(kept: Option<SendRequest<Full<Bytes>>>) -> Option<SendRequest<Full<Bytes>>> {
    let mut sender = kept?;
    sender.ready().await.ok()?;
    Some(sender)
}

async fn connect(peer: &Peer) -> io::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect((peer.host.as_str(), peer.port)).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    // Its end, and why, is told to the sender.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

async fn read(response: Response<hyper::body::Incoming>) -> io::Result<Answer> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, ANSWER).collect().await;
    let body = body.map_err(io::Error::other)?.to_bytes();
    Ok(match head.status {
        status if status.is_success() => Answer::Taken {
            rejected: rejected(&body),
        },
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => {
            let seconds = head.headers.get(RETRY_AFTER);
            let seconds = seconds.and_then(|value| value.to_str().ok()?.parse().ok());
            Answer::Later(seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST)))
        }
        _ => Answer::Refused,
    })
}

/// `partialSuccess.rejectedLogRecords`: a number, or, as it has 64 bits, a text.
fn rejected(body: &[u8]) -> u64 {
    let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let count = &answer["partialSuccess"]["rejectedLogRecords"];
    let text = count.as_str().and_then(|text| text.parse().ok());
    count.as_u64().or(text).unwrap_or(0)
}
