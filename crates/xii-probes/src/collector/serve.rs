//! The receiver's port: OTLP/HTTP and OTLP/gRPC, told apart by what they send.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::body::{self, NoBody};
use super::export::{Encoding, Export, Signal};
use super::grpc::{self, Status};
use super::store::Store;

/// How many connections are served at once; others wait.
const MOST_CONNECTIONS: usize = 128;

/// How many requests are held at once, each with its body; others wait.
const MOST_BODIES: usize = 8;

/// How long a request may take to come.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// How long nothing is accepted when the system has no descriptor for a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// What requests are answered with.
pub(super) type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// What all requests see.
struct Shared {
    store: watch::Sender<Store>,
    bodies: Semaphore,
}

/// Serves until nobody waits for its end any more.
pub(super) async fn serve(
    listener: TcpListener,
    store: watch::Sender<Store>,
    mut end: oneshot::Receiver<()>,
) {
    let shared = Arc::new(Shared {
        store,
        bodies: Semaphore::new(MOST_BODIES),
    });
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut end => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            taken = listener.accept(), if connections.len() < MOST_CONNECTIONS => match taken {
                Ok((stream, _)) => {
                    connections.spawn(connection(Arc::clone(&shared), stream));
                }
                Err(_) => sleep(PAUSE).await,
            },
        }
    }
}

async fn connection(shared: Arc<Shared>, stream: TcpStream) {
    // It fails only for a connection that is gone.
    let _ = stream.set_nodelay(true);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(32)
        .max_header_list_size(16 * 1024);
    let service = service_fn(|request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(&shared, request).await) }
    });
    // What goes wrong with a connection is the exporter's to notice.
    let _ = builder
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// A request that was not taken.
struct Refusal {
    http: StatusCode,
    grpc: Status,
    why: String,
}

impl Refusal {
    fn bad(why: String) -> Self {
        Refusal {
            http: StatusCode::BAD_REQUEST,
            grpc: Status::InvalidArgument,
            why,
        }
    }
}

impl From<NoBody> for Refusal {
    fn from(error: NoBody) -> Self {
        let bad = Refusal::bad(error.to_string());
        match error {
            NoBody::TooLarge | NoBody::Inflated => Refusal {
                http: StatusCode::PAYLOAD_TOO_LARGE,
                grpc: Status::ResourceExhausted,
                ..bad
            },
            NoBody::Unknown => Refusal {
                http: StatusCode::UNSUPPORTED_MEDIA_TYPE,
                grpc: Status::Unimplemented,
                ..bad
            },
            NoBody::Gzip | NoBody::Lost => bad,
        }
    }
}

/// How a request speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    Grpc,
    Http(Encoding),
}

impl Speech {
    fn of(headers: &HeaderMap) -> Option<Speech> {
        let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let kind = kind.split(';').next()?.trim();
        match kind.to_ascii_lowercase().as_str() {
            grpc::TYPE | "application/grpc+proto" => Some(Speech::Grpc),
            "application/x-protobuf" | "application/protobuf" => {
                Some(Speech::Http(Encoding::Protobuf))
            }
            "application/json" => Some(Speech::Http(Encoding::Json)),
            _ => None,
        }
    }
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Answer {
    let speech = Speech::of(request.headers());
    let line = format!("{} {}", request.method(), cut(request.uri().path()));
    match accept(shared, request, speech).await {
        Ok((signal, export)) => {
            shared.store.send_modify(|store| store.add(signal, export));
            match speech {
                Some(Speech::Grpc) => grpc::answer(Status::Ok),
                Some(Speech::Http(Encoding::Json)) => {
                    plain(StatusCode::OK, "application/json", "{}")
                }
                _ => plain(StatusCode::OK, "application/x-protobuf", ""),
            }
        }
        Err(refusal) => {
            let why = format!("{line}: {}", refusal.why);
            shared.store.send_modify(|store| store.refuse(why));
            match speech {
                Some(Speech::Grpc) => grpc::answer(refusal.grpc),
                _ => plain(refusal.http, "text/plain", &refusal.why),
            }
        }
    }
}

async fn accept(
    shared: &Shared,
    request: Request<Incoming>,
    speech: Option<Speech>,
) -> Result<(Signal, Export), Refusal> {
    let path = request.uri().path();
    let is = |signal: &Signal| match speech {
        Some(Speech::Grpc) => path == signal.method(),
        // Someone may have been told a folder besides the address.
        _ => path.ends_with(signal.path()),
    };
    let Some(signal) = Signal::ALL.into_iter().find(is) else {
        return Err(Refusal {
            http: StatusCode::NOT_FOUND,
            grpc: Status::Unimplemented,
            why: "nothing is exported there".to_owned(),
        });
    };
    if request.method() != Method::POST {
        return Err(Refusal {
            http: StatusCode::METHOD_NOT_ALLOWED,
            ..Refusal::bad("exports are sent with POST".to_owned())
        });
    }
    let Some(speech) = speech else {
        return Err(Refusal {
            http: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ..Refusal::bad("its content type is neither protobuf nor JSON nor gRPC".to_owned())
        });
    };
    let compression = match speech {
        Speech::Grpc => HeaderName::from_static("grpc-encoding"),
        Speech::Http(_) => CONTENT_ENCODING,
    };
    let compression = request.headers().get(compression).cloned();
    let compression = compression.as_ref().map(HeaderValue::as_bytes);
    // A semaphore that is never closed always gives its permits.
    let _permit = shared.bodies.acquire().await.ok();
    let body = timeout(BODY_WITHIN, body::collect(request.into_body()))
        .await
        .unwrap_or(Err(NoBody::Lost))?;
    let (message, encoding) = match speech {
        Speech::Grpc => (grpc::message(body, compression)?, Encoding::Protobuf),
        Speech::Http(encoding) => (body::decoded(body, compression)?, encoding),
    };
    match Export::read(signal, encoding, &message) {
        Ok(export) => Ok((signal, export)),
        Err(error) => Err(Refusal::bad(error.to_string())),
    }
}

fn plain(status: StatusCode, kind: &'static str, text: &str) -> Answer {
    let body = Full::new(Bytes::copy_from_slice(text.as_bytes()));
    let mut answer = Response::new(body.boxed_unsync());
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

/// A path short enough to be told.
fn cut(path: &str) -> &str {
    &path[..path.floor_char_boundary(200)]
}
