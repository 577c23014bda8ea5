//! HTTP/2 in front of instances that speak HTTP/1.1.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use xii_runtime::router::Tls;

use crate::workbench::{Bench, Instance, PATIENCE, Reserved, field, until};

/// Runs a test that speaks HTTP/2.
fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let outcome = runtime.block_on(async { tokio::time::timeout(PATIENCE, test).await });
    outcome.expect("it ends in time");
}

type Body = http_body_util::combinators::BoxBody<Bytes, Infallible>;

async fn connect(address: SocketAddr) -> SendRequest<Body> {
    let stream = TcpStream::connect(address).await.expect("the router");
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

fn get(path: &str) -> Request<Body> {
    Request::get(format!("http://app.example{path}"))
        .body(Empty::new().boxed())
        .expect("a request")
}

async fn text(response: Response<Incoming>) -> String {
    let body = response.into_body().collect().await.expect("a whole body");
    String::from_utf8(body.to_bytes().to_vec()).expect("text")
}

#[test]
fn a_stream_becomes_a_request_of_http_1() {
    let instance = Instance::echoing();
    let bench = Bench::new(&[instance.address]);
    run(async {
        let mut client = connect(bench.handle.address()).await;
        let mut request = get("/x?y=1");
        let headers = request.headers_mut();
        headers.append("cookie", HeaderValue::from_static("a=1"));
        headers.append("cookie", HeaderValue::from_static("b=2"));
        headers.insert("x-forwarded-for", HeaderValue::from_static("6.6.6.6"));
        let response = client.send_request(request).await.expect("an answer");
        assert_eq!(
            (response.status().as_u16(), response.version()),
            (200, hyper::Version::HTTP_2)
        );
        let head = text(response).await;
        assert!(
            head.starts_with("GET /x?y=1 HTTP/1.1\r\nHost: app.example\r\n"),
            "{head}"
        );
        assert_eq!(field(&head, "cookie"), Some("a=1; b=2"));
        assert_eq!(field(&head, "x-forwarded-for"), Some("127.0.0.1"));
        assert_eq!(field(&head, "transfer-encoding"), None);
        assert!(field(&head, "traceparent").is_some());
    });
    let told = bench.notes.of(1).remove(0);
    assert_eq!(
        (told.protocol.as_str(), told.path.as_str(), told.status),
        ("HTTP/2", "/x", 200)
    );
}

#[test]
fn bodies_and_trailers_stream_both_ways() {
    let instance = Instance::start(|mut peer| {
        let Some(head) = peer.head() else { return };
        assert_eq!(field(&head, "transfer-encoding"), Some("chunked"), "{head}");
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while let Some(chunk) = peer.chunk() {
            peer.send(format!("{:x}\r\n", chunk.len()));
            peer.send(chunk);
            peer.send("\r\n");
        }
        assert_eq!(peer.line(), "x-up: 1\r\n");
        assert_eq!(peer.line(), "\r\n");
        peer.send("0\r\nX-Down: 2\r\n\r\n");
        peer.rest();
    });
    let bench = Bench::new(&[instance.address]);
    run(async {
        let mut client = connect(bench.handle.address()).await;
        let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
        let request = Request::post("http://app/")
            .body(body.boxed())
            .expect("a request");
        let response = client
            .send_request(request)
            .await
            .expect("an answer before the end");
        let mut body = response.into_body();
        for word in ["one", "two", "three"] {
            sender
                .send_data(Bytes::from(word))
                .await
                .expect("it is taken");
            let frame = body.frame().await.expect("a frame").expect("data");
            assert_eq!(frame.into_data().expect("data"), word);
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("x-up", HeaderValue::from_static("1"));
        sender
            .send_trailers(trailers)
            .await
            .expect("they are taken");
        drop(sender);
        let frame = body.frame().await.expect("a frame").expect("trailers");
        let trailers = frame.into_trailers().expect("trailers");
        assert_eq!(trailers.get("x-down"), Some(&HeaderValue::from_static("2")));
        assert!(body.frame().await.is_none());
    });
}

#[test]
fn many_streams_share_a_connection_and_large_bodies_arrive_whole() {
    let instance = Instance::start(|mut peer| {
        while let Some(head) = peer.head() {
            let body = peer.body(&head);
            peer.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                body.len()
            ));
            peer.send(body);
        }
    });
    let bench = Bench::new(&[instance.address]);
    run(async {
        let client = connect(bench.handle.address()).await;
        let streams: Vec<_> = (0..20_u8)
            .map(|at| {
                let mut client = client.clone();
                tokio::spawn(async move {
                    let sent = Bytes::from(vec![at; 200_000]);
                    let body = Full::new(sent.clone()).boxed();
                    let request = Request::put("http://app/").body(body).expect("a request");
                    let response = client.send_request(request).await.expect("an answer");
                    let got = response.into_body().collect().await.expect("a whole body");
                    assert!(got.to_bytes() == sent);
                })
            })
            .collect();
        for stream in streams {
            stream.await.expect("a stream");
        }
    });
    let told = bench.notes.of(20).remove(0);
    assert_eq!((told.received, told.sent), (200_000, 200_000));
}

#[test]
fn faults_are_told_and_answers_that_break_off_are_reset() {
    let instance = Instance::start(|mut peer| {
        let Some(head) = peer.head() else { return };
        peer.send(match head.starts_with("GET /length") {
            true => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
            false => "HTTP/1.1 200 OK\r\n\r\nhello",
        });
        peer.send("");
        if head.starts_with("GET /end") {
            // A proper end is not a break.
            return;
        }
        peer.line();
        peer.reset();
    });
    let bench = Bench::with(&[instance.address], |settings| {
        settings.idle_timeout = Duration::from_millis(60);
        settings.ready_timeout = Duration::from_millis(60);
    });
    let nobody = Reserved::new();
    run(async {
        let mut client = connect(bench.handle.address()).await;
        for path in ["/length", "/close"] {
            let response = client.send_request(get(path)).await.expect("an answer");
            assert_eq!(response.status(), 200);
            let whole = response.into_body().collect().await;
            assert!(whole.is_err(), "{path} broke off");
        }
        let response = client.send_request(get("/end")).await.expect("an answer");
        assert_eq!(text(response).await, "hello");

        bench
            .handle
            .set_backends(crate::workbench::backends(&[nobody.address]));
        let response = client.send_request(get("/")).await.expect("an answer");
        assert_eq!(response.status(), 502);
        assert!(
            text(response)
                .await
                .contains("web.1 refused the connection")
        );
    });
}

#[test]
fn a_stream_that_is_given_up_frees_the_instance() {
    let instance = Instance::start(|mut peer| drop(peer.rest()));
    let bench = Bench::new(&[instance.address]);
    run(async {
        let mut client = connect(bench.handle.address()).await;
        let answer = tokio::spawn(client.send_request(get("/slow")));
        let handle = bench.handle.clone();
        let waited = tokio::task::spawn_blocking(move || {
            until("it is outstanding", || handle.outstanding(1) == 1);
        });
        waited.await.expect("no panic");
        answer.abort();
        let _ = answer.await;
        let handle = bench.handle.clone();
        let waited = tokio::task::spawn_blocking(move || {
            until("it is no longer", || handle.outstanding(1) == 0);
        });
        waited.await.expect("no panic");
    });
}

#[test]
fn a_stop_says_goodbye_and_finishes_what_is_open() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let instance = Instance::start(move |mut peer| {
        while peer.head().is_some() {
            let _ = gate.lock().expect("no panic").recv_timeout(PATIENCE);
            peer.answer("done");
        }
    });
    let bench = Bench::new(&[instance.address]);
    run(async {
        let mut client = connect(bench.handle.address()).await;
        let other = client.clone();
        let answer = tokio::spawn(client.send_request(get("/")));
        let handle = bench.handle.clone();
        let waited = tokio::task::spawn_blocking(move || {
            until("it is outstanding", || handle.outstanding(1) == 1);
        });
        waited.await.expect("no panic");
        let stopped = bench.handle.stop(PATIENCE);
        let address = bench.handle.address();
        let waited = tokio::task::spawn_blocking(move || {
            until("nobody listens", || {
                std::net::TcpStream::connect(address).is_err()
            });
        });
        waited.await.expect("no panic");
        go.send(()).expect("it waits");
        let answer = answer.await.expect("no panic").expect("an answer");
        assert_eq!(text(answer).await, "done");
        stopped.await.expect("it stops");
        assert!(other.is_closed());
    });
}

/// A certificate for `localhost` and its key, made for these tests and of no use elsewhere.
fn tls() -> Tls {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/router/tls");
    Tls {
        certificate: folder.join("localhost.crt"),
        key: folder.join("localhost.key"),
    }
}

#[test]
fn tls_offers_both_protocols_and_the_instance_is_told() {
    let instance = Instance::echoing();
    let bench = Bench::with(&[instance.address], |settings| settings.tls = Some(tls()));
    let pem = std::fs::read(tls().certificate).expect("the certificate");
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(&pem).expect("a certificate");
    roots.add(root).expect("a root");
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    run(async {
        for protocol in ["h2", "http/1.1"] {
            let mut config = config.clone();
            config.alpn_protocols = vec![protocol.into()];
            let stream = TcpStream::connect(bench.handle.address())
                .await
                .expect("the router");
            let name = ServerName::try_from("localhost").expect("a name");
            let stream = TlsConnector::from(Arc::new(config))
                .connect(name, stream)
                .await;
            let stream = TokioIo::new(stream.expect("TLS"));
            let request = Request::get("https://localhost/").header("host", "localhost");
            let request = request.body(Empty::<Bytes>::new()).expect("a request");
            let response = if protocol == "h2" {
                let (mut client, connection) = handshake(TokioExecutor::new(), stream)
                    .await
                    .expect("HTTP/2");
                tokio::spawn(connection);
                client.send_request(request).await
            } else {
                let (mut client, connection) = hyper::client::conn::http1::handshake(stream)
                    .await
                    .expect("HTTP/1.1");
                tokio::spawn(connection);
                client.send_request(request).await
            };
            let head = text(response.expect("an answer")).await;
            assert_eq!(
                field(&head, "x-forwarded-proto"),
                Some("https"),
                "{protocol}"
            );
        }
    });
    let told = bench.notes.of(2);
    let protocols: Vec<_> = told.iter().map(|it| it.protocol.as_str()).collect();
    assert_eq!(protocols, ["HTTP/2", "HTTP/1.1"]);
}

#[test]
fn a_body_that_breaks_off_is_not_taken_for_whole() {
    let (seen, end) = std::sync::mpsc::channel();
    let seen = std::sync::Mutex::new(seen);
    let instance = Instance::start(move |mut peer| {
        if peer.head().is_some() {
            let (rest, _) = peer.rest();
            let _ = seen.lock().expect("no panic").send(rest);
        }
    });
    let bench = Bench::new(&[instance.address]);
    run(async {
        let mut client = connect(bench.handle.address()).await;
        let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
        let request = Request::post("http://app/")
            .body(body.boxed())
            .expect("a request");
        let answer = tokio::spawn(client.send_request(request));
        sender
            .send_data(Bytes::from("hello"))
            .await
            .expect("it is taken");
        let handle = bench.handle.clone();
        let waited = tokio::task::spawn_blocking(move || {
            until("it is outstanding", || handle.outstanding(1) == 1);
        });
        waited.await.expect("no panic");
        answer.abort();
        drop(client);
        let _ = answer.await;
    });
    let rest = end.recv_timeout(PATIENCE).expect("the connection ends");
    assert!(
        !rest.ends_with(b"0\r\n\r\n"),
        "an end was passed on: {rest:?}"
    );
}
