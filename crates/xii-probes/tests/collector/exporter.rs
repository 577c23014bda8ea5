//! An exporter that says just what it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::HeaderMap;
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long anything may take before a test gives up on it.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: HeaderMap,
}

impl Answer {
    /// `grpc-status`, from the trailers or, without a message, from the head.
    pub fn grpc(&self) -> &str {
        let status = self
            .trailers
            .get("grpc-status")
            .or(self.headers.get("grpc-status"));
        status.expect("a state").to_str().expect("text")
    }
}

/// Sends one request over HTTP/1.1.
pub async fn http(
    to: SocketAddr,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Answer {
    let stream = TcpStream::connect(to).await.expect("it listens");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("a connection");
    let driver = tokio::spawn(connection);
    let request = request(to, method, path, headers, body);
    let response = timeout(DEADLINE, sender.send_request(request)).await;
    let answer = whole(response.expect("in time").expect("an answer")).await;
    driver.abort();
    answer
}

/// Sends one call over HTTP/2, as gRPC does.
pub async fn grpc(
    to: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    message: Vec<u8>,
) -> Answer {
    let stream = TcpStream::connect(to).await.expect("it listens");
    let io = TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
        .await
        .expect("a connection");
    let driver = tokio::spawn(connection);
    let mut all = vec![("content-type", "application/grpc"), ("te", "trailers")];
    all.extend_from_slice(headers);
    let path = format!("http://{to}{path}");
    let request = request(to, Method::POST, &path, &all, message);
    let response = timeout(DEADLINE, sender.send_request(request)).await;
    let answer = whole(response.expect("in time").expect("an answer")).await;
    driver.abort();
    answer
}

/// A message as gRPC frames it.
pub fn framed(compressed: bool, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("it is short");
    [&[u8::from(compressed)][..], &length.to_be_bytes(), message].concat()
}

fn request(
    to: SocketAddr,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(path);
    if !path.starts_with("http") {
        request = request.header("host", to.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .body(Full::new(Bytes::from(body)))
        .expect("a request")
}

async fn whole(response: hyper::Response<hyper::body::Incoming>) -> Answer {
    let (head, body) = response.into_parts();
    let body = timeout(DEADLINE, body.collect())
        .await
        .expect("in time")
        .expect("a body");
    let trailers = body.trailers().cloned().unwrap_or_default();
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.to_bytes(),
        trailers,
    }
}
