//! The running `up`'s side of the control socket.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::socket;
use super::words::{Fault, Scale, Signalling, Targets};
use crate::supervisor::{Handle, Refusal, Target, signal_of};

/// The largest request that is read.
const LARGEST: usize = 64 << 10;

/// What is served.
pub struct Control {
    /// Who does what is asked.
    pub handle: Handle,
    /// What `/metrics` answers.
    pub metrics: Box<dyn Fn(&crate::supervisor::Status) -> String>,
}

/// Listens on a control socket at this path. Who connects waits until it is served.
///
/// # Errors
///
/// When the socket cannot be made.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    let listener = socket::listen(path)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves the control socket that [`listen`] made, from a task of the current `LocalSet`.
///
/// # Errors
///
/// When the socket cannot be waited for.
pub fn serve(listener: UnixListener, control: Rc<Control>) -> io::Result<()> {
    let listener = tokio::net::UnixListener::from_std(listener)?;
    spawn_local(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => one(stream, &control, true),
                // No descriptors left: some will come back.
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    });
    Ok(())
}

/// Serves `GET /metrics`, and nothing else, for who collects metrics, from a task of the current
/// `LocalSet`.
///
/// # Errors
///
/// When the listener cannot be waited for.
pub fn serve_metrics(listener: TcpListener, control: Rc<Control>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    spawn_local(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => one(stream, &control, false),
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    });
    Ok(())
}

/// Serves one connection. `all`: not only metrics.
fn one(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, control: &Rc<Control>, all: bool) {
    let control = Rc::clone(control);
    spawn_local(async move {
        let service = service_fn(|request| {
            let control = Rc::clone(&control);
            async move { Ok::<_, Infallible>(answer(request, &control, all).await) }
        });
        // Who goes away in the middle of an answer misses only his own.
        let _ = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(10))
            .max_buf_size(LARGEST)
            .serve_connection(TokioIo::new(stream), service)
            .await;
    });
}

type Answer = Response<Full<Bytes>>;

async fn answer(request: Request<Incoming>, control: &Control, all: bool) -> Answer {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let handle = &control.handle;
    let done = match (method, path.as_str(), all) {
        (Method::GET, "/metrics", _) => match handle.status().await {
            Ok(status) => return text((control.metrics)(&status)),
            Err(refusal) => Err(refusal),
        },
        (Method::GET, "/status", true) => handle.status().await.map(|status| json(&status)),
        (Method::POST, "/scale", true) => match read::<Scale>(request).await {
            Ok(asked) => handle
                .scale(&asked.process, asked.count)
                .await
                .map(|()| json(&serde_json::json!({}))),
            Err(fault) => return fault,
        },
        (Method::POST, "/restart" | "/stop", true) => match read::<Targets>(request).await {
            Ok(asked) => {
                let Ok(target) = asked.target.parse::<Target>();
                let done = if path == "/stop" {
                    handle.stop(target).await
                } else {
                    handle.restart(target).await
                };
                done.map(|instances| json(&instances))
            }
            Err(fault) => return fault,
        },
        (Method::POST, "/signal", true) => match read::<Signalling>(request).await {
            Ok(asked) => {
                let Ok(target) = asked.target.parse::<Target>();
                match signal_of(&asked.signal) {
                    Some(signal) => handle
                        .signal(target, signal)
                        .await
                        .map(|instances| json(&instances)),
                    None => {
                        let error = format!("`{}` is no signal that is known here", asked.signal);
                        return fault(StatusCode::BAD_REQUEST, error);
                    }
                }
            }
            Err(fault) => return fault,
        },
        (Method::POST, "/shutdown", true) => {
            handle.shut_down(0);
            // Who asked waits for the end of this process, which ends the connection.
            std::future::pending().await
        }
        _ => return fault(StatusCode::NOT_FOUND, format!("nothing is at {path}")),
    };
    done.unwrap_or_else(|refusal| {
        let status = match refusal {
            Refusal::Unknown { .. } => StatusCode::NOT_FOUND,
            Refusal::Failed(_) | Refusal::Over => StatusCode::CONFLICT,
        };
        fault(status, refusal.to_string())
    })
}

async fn read<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, Answer> {
    let bad = |error: String| fault(StatusCode::BAD_REQUEST, error);
    let body = Limited::new(request.into_body(), LARGEST)
        .collect()
        .await
        .map_err(|error| bad(format!("cannot read the request: {error}")))?;
    serde_json::from_slice(&body.to_bytes())
        .map_err(|error| bad(format!("cannot read the request: {error}")))
}

fn json(what: &impl Serialize) -> Answer {
    // None of what is sent has keys that are not text, so it cannot fail to be JSON.
    let bytes = serde_json::to_vec(what).unwrap_or_default();
    with_type(bytes, "application/json")
}

fn text(what: String) -> Answer {
    with_type(
        what.into_bytes(),
        "text/plain; version=0.0.4; charset=utf-8",
    )
}

fn fault(status: StatusCode, error: String) -> Answer {
    let mut answer = json(&Fault { error });
    *answer.status_mut() = status;
    answer
}

fn with_type(bytes: Vec<u8>, content_type: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(bytes)));
    let value = hyper::header::HeaderValue::from_static(content_type);
    answer
        .headers_mut()
        .insert(hyper::header::CONTENT_TYPE, value);
    answer
}
